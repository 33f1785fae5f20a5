#include "config/broker_layers.h"

#include <algorithm>
#include <array>

#include "config/broker_fields.h"
#include "config/table.h"
#include "config/value.h"

namespace gregor::config {
namespace {

/// Each row: names of one setting, the first one set wins.
constexpr std::array<std::array<std::string_view, 3>, 4> kSynonyms = {{
    {"log.roll.ms", "log.roll.hours", ""},
    {"log.roll.jitter.ms", "log.roll.jitter.hours", ""},
    {"log.flush.interval.ms", "log.flush.scheduler.interval.ms", ""},
    {"log.retention.ms", "log.retention.minutes", "log.retention.hours"},
}};
constexpr std::string_view kListenerPrefix = "listener.name.";

/// Settings whose change Kafka bounds to between half and double of what is in force.
constexpr std::array<std::string_view, 6> kThreadCounts = {"num.io.threads",       "num.network.threads",
                                                           "num.replica.fetchers", "num.recovery.threads.per.data.dir",
                                                           "background.threads",   "log.cleaner.threads"};

/// "x.key" of "listener.name.x.key"; empty where the name is of no listener.
std::string_view listener_part(std::string_view name) {
  if (!name.starts_with(kListenerPrefix)) return {};
  const auto dot = name.find('.', kListenerPrefix.size());
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

/// Certificates and keys change for a listener, never for all.
bool is_of_a_listener_only(const Key& key) {
  return key.name.starts_with("ssl.keystore.") || key.name.starts_with("ssl.truststore.") ||
         key.name == "ssl.key.password";
}

/// In the limits of a broker that runs: these may differ between listeners and are the cluster's all the same.
bool is_of_the_cluster_for_listeners(std::string_view name) {
  return name == "max.connections" || name == "max.connection.creation.rate" || name == "num.network.threads";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Result<void> refuse_all(const std::vector<std::string>& names, const char* why) {
  if (names.empty()) return {};
  return fail(Errc::invalid, std::string(why) + ": " + listed(names));
}

Result<void> check_names(const SettingMap& proposed, bool per_broker) {
  std::vector<std::string> fixed;
  std::vector<std::string> of_listeners;
  std::vector<std::string> of_one_broker;
  for (const auto& [name, value] : proposed) {
    const std::string_view of_listener = listener_part(name);
    const Key* key = find_dynamic_or_fixed_key(of_listener.empty() ? std::string_view(name) : of_listener);
    if (of_listener.empty() && key != nullptr && !is_dynamic(*key)) fixed.push_back(name);
    if (of_listener.empty() && key != nullptr && is_of_a_listener_only(*key)) of_listeners.push_back(name);
    const bool is_of_one = of_listener.empty() ? key != nullptr && key->update_mode == UpdateMode::per_broker
                                               : !is_of_the_cluster_for_listeners(of_listener);
    if (is_of_one) of_one_broker.push_back(name);
  }
  TRY(refuse_all(fixed, "Cannot update these configs dynamically"));
  TRY(refuse_all(of_listeners,
                 "These security configs can be dynamically updated only per-listener using the listener prefix"));
  if (per_broker) return {};
  return refuse_all(of_one_broker, "Cannot update these configs at default cluster level, broker id must be specified");
}

Result<void> check_values(const SettingMap& proposed) {
  for (const auto& [name, value] : proposed) {
    const std::string_view of_listener = listener_part(name);
    const Key* key = find_dynamic_or_fixed_key(of_listener.empty() ? std::string_view(name) : of_listener);
    if (key == nullptr) continue;
    TRY(check_value(*key, &value));
    if (key->support == Support::refused &&
        !(key->default_text != nullptr && !key->is_required() && value == key->default_text)) {
      return fail(Errc::invalid, name + "=" + value + " is refused: " + std::string(key->reason));
    }
  }
  return {};
}

std::int64_t number_of(const SettingMap& settings, std::string_view name) {
  const auto set = settings.find(name);
  const Key* key = find_broker_key(name);
  const std::string_view usual = key->default_text;
  const auto value = parse_integer(set == settings.end() ? usual : std::string_view(set->second), INT64_MIN, INT64_MAX);
  return value.value_or(0);
}

Result<void> check_thread_counts(const SettingMap& before, const SettingMap& after) {
  for (const std::string_view name : kThreadCounts) {
    const std::int64_t was = number_of(before, name);
    const std::int64_t wanted = number_of(after, name);
    if (wanted == was) continue;
    const std::string what = "Dynamic thread count update validation failed for " + std::string(name) + "=" +
                             std::to_string(wanted) + ", value should ";
    if (wanted <= 0) return fail(Errc::invalid, what + "be at least 1");
    if (wanted < was / 2)
      return fail(Errc::invalid, what + "be at least half the current value " + std::to_string(was));
    if (wanted > was * 2) {
      return fail(Errc::invalid, what + "not be greater than double the current value " + std::to_string(was));
    }
  }
  return {};
}

Result<void> check_listeners(const SettingMap& before, const SettingMap& after) {
  for (const std::string_view name : {"listeners", "listener.security.protocol.map", "principal.builder.class"}) {
    const auto was = before.find(name);
    const auto wanted = after.find(name);
    const bool is_same =
        (was == before.end()) == (wanted == after.end()) && (was == before.end() || was->second == wanted->second);
    if (is_same) continue;
    return fail(Errc::invalid, std::string(name) + " cannot be changed while the broker runs: set it in its file");
  }
  return {};
}

Result<void> check_local_retention(const SettingMap& after) {
  const auto topic = [&](std::string_view name) {
    const auto value = topic_default_of(after, *find_topic_key(name));
    return *parse_integer(value ? std::string_view(*value) : find_topic_key(name)->default_text, INT64_MIN, INT64_MAX);
  };
  for (const auto& [local, total, least] : {std::tuple{"local.retention.ms", "retention.ms", -1},
                                            std::tuple{"local.retention.bytes", "retention.bytes", -1}}) {
    const std::int64_t kept = topic(local);
    const std::int64_t limit = topic(total);
    if (limit <= least || kept == -2) continue;
    if (kept == -1 || kept > limit) {
      return fail(Errc::invalid, std::string("Invalid value ") + std::to_string(kept) + " for configuration log." +
                                     local + ": it must not be more than log." + total + "=" + std::to_string(limit));
    }
  }
  return {};
}

/// Topic keys whose default some dynamic setting says.
bool is_touched(const Key& topic_key, const SettingMap& settings) {
  for (const std::string& synonym : parse_list(topic_key.synonyms)) {
    if (settings.contains(std::string_view(synonym).substr(0, synonym.find('*')))) return true;
  }
  return false;
}

}  // namespace

SettingMap fixed_settings(const BrokerConfig& broker) {
  SettingMap settings = broker.assignments;
  const std::string id = std::to_string(broker.node_id.value());
  settings["node.id"] = id;
  settings["broker.id"] = id;
  if (!settings.contains("process.roles")) {
    settings["process.roles"] = broker.is_broker && broker.is_controller ? "broker,controller"
                                : broker.is_broker                       ? "broker"
                                                                         : "controller";
  }
  return settings;
}

std::vector<std::string> synonyms_of(std::string_view name) {
  for (const auto& row : kSynonyms) {
    // Kafka gives the scheduler's interval no synonym; it is one of the other.
    const bool is_in_row = std::find(row.begin(), row.end(), name) != row.end();
    if (!is_in_row || name == "log.flush.scheduler.interval.ms") continue;
    std::vector<std::string> names;
    for (const std::string_view synonym : row) {
      if (!synonym.empty()) names.emplace_back(synonym);
    }
    return names;
  }
  std::vector<std::string> names{std::string(name)};
  if (const std::string_view base = listener_part(name); !base.empty()) names.emplace_back(base);
  return names;
}

bool is_dynamic(const Key& key) {
  return key.update_mode == UpdateMode::per_broker || key.update_mode == UpdateMode::cluster_wide;
}

const Key* find_dynamic_or_fixed_key(std::string_view name) {
  const KeyTable only_dynamic = dynamic_broker_keys();
  const auto found =
      std::find_if(only_dynamic.begin(), only_dynamic.end(), [&](const Key& key) { return key.name == name; });
  return found == only_dynamic.end() ? find_broker_key(name) : &*found;
}

SettingMap effective_settings(const BrokerLayers& layers) {
  SettingMap settings = layers.fixed;
  for (const SettingMap* layer : {&layers.cluster, &layers.own}) {
    for (const auto& [name, value] : *layer) {
      if (listener_part(name).empty()) {
        for (const std::string& synonym : synonyms_of(name)) settings.erase(synonym);
      }
    }
    for (const auto& [name, value] : *layer) settings.insert_or_assign(name, value);
  }
  return settings;
}

std::optional<std::string> topic_default_of(const SettingMap& settings, const Key& topic_key) {
  for (const std::string& synonym : parse_list(topic_key.synonyms)) {
    const auto star = synonym.find('*');
    const auto set = settings.find(std::string_view(synonym).substr(0, star));
    if (set == settings.end()) continue;
    if (star == std::string::npos && topic_key.name != "retention.ms") return set->second;
    const auto amount = parse_integer(set->second, INT64_MIN, INT64_MAX);
    if (!amount) return std::nullopt;
    if (*amount < 0) return "-1";
    if (star == std::string::npos) return std::to_string(*amount);
    const auto factor = parse_integer(std::string_view(synonym).substr(star + 1), 1, INT32_MAX);
    return std::to_string(std::min<std::int64_t>(*amount, INT32_MAX) * *factor);
  }
  return std::nullopt;
}

BrokerConfig broker_config_with(const BrokerConfig& fixed, const SettingMap& cluster, const SettingMap& own) {
  if (cluster.empty() && own.empty()) return fixed;
  BrokerConfig broker = fixed;
  BrokerLayers layers{.fixed = fixed_settings(fixed), .cluster = {}, .own = {}};
  const auto take = [](const SettingMap& from, SettingMap& to) {
    for (const auto& [name, value] : from) {
      const Key* key = find_dynamic_or_fixed_key(name);
      if (key != nullptr && is_dynamic(*key) && check_value(*key, &value)) to.emplace(name, value);
    }
  };
  take(cluster, layers.cluster);
  take(own, layers.own);
  const SettingMap settings = effective_settings(layers);
  for (const BrokerField& field : broker_fields()) {
    if (!layers.cluster.contains(field.name) && !layers.own.contains(field.name)) continue;
    field.set(broker, settings.find(field.name)->second);
  }
  for (const Key& key : topic_keys()) {
    if (!is_touched(key, layers.cluster) && !is_touched(key, layers.own)) continue;
    const auto value = topic_default_of(settings, key);
    if (!value) continue;
    const TopicOverride one{std::string(key.name), *value};
    if (auto with = topic_config_with(broker.topic_defaults, std::span(&one, 1)))
      broker.topic_defaults = std::move(*with);
  }
  return broker;
}

Result<void> check_dynamic(const SettingMap& proposed, bool per_broker, const BrokerLayers& now) {
  TRY(check_names(proposed, per_broker));
  TRY(check_values(proposed));
  BrokerLayers then = now;
  (per_broker ? then.own : then.cluster) = proposed;
  const SettingMap before = effective_settings(now);
  const SettingMap after = effective_settings(then);
  TRY(check_thread_counts(before, after));
  TRY(check_listeners(before, after));
  return check_local_retention(after);
}

}  // namespace gregor::config
