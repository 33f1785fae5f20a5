#include "config/load.h"

#include <algorithm>
#include <map>

#include "config/broker_fields.h"
#include "config/cross_check.h"
#include "config/properties.h"
#include "config/table.h"
#include "config/value.h"

namespace gregor::config {
namespace {

/// The last assignment of each key. Ordered, so that errors and warnings come in one order.
using Settings = std::map<std::string, const Assignment*, std::less<>>;

std::string where(const Assignment& setting) {
  return setting.origin + ": ";
}

/// Unknown keys beyond so many are told without the nearest known one: finding it costs a look at every key.
constexpr std::size_t kSuggestionsMax = 8;

/// "unknown configuration key 'x'", with what was probably meant.
std::string unknown_key(const Assignment& setting, std::size_t told_before) {
  std::string text = where(setting) + "unknown configuration key '" + setting.key + "'";
  if (find_topic_key(setting.key) != nullptr) {
    const std::string_view synonyms = find_topic_key(setting.key)->synonyms;
    text += ": it is a topic's";
    if (!synonyms.empty())
      text += "; the broker's is '" + std::string(synonyms.substr(0, synonyms.find_first_of(",*"))) + "'";
    return text;
  }
  const std::string_view nearest = told_before < kSuggestionsMax ? nearest_broker_key(setting.key) : std::string_view{};
  return nearest.empty() ? text : text + "; the nearest known one is '" + std::string(nearest) + "'";
}

bool is_dynamic_only(std::string_view name) {
  const KeyTable keys = dynamic_broker_keys();
  return std::any_of(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
}

/// Same value, whatever the blanks, the case of a boolean or the form of a number.
bool equals_default(const Key& key, const std::string& value) {
  if (key.default_text == nullptr || key.is_required()) return trimmed(value).empty();
  const std::string_view usual = key.default_text;
  switch (key.type) {
    case Type::boolean:
      return parse_boolean(value) == parse_boolean(usual);
    case Type::int16:
    case Type::int32:
    case Type::int64:
      return parse_integer(value, INT64_MIN, INT64_MAX) == parse_integer(usual, INT64_MIN, INT64_MAX);
    case Type::real:
      return parse_real(value) == parse_real(usual);
    case Type::list:
      return parse_list(value) == parse_list(usual);
    default:
      return trimmed(value) == usual;
  }
}

/// Looks at one setting alone. A warning, if there is one; `without_effect` gains the key where the value changes
/// nothing.
Result<std::string> check_setting(const Assignment& setting, const LoadOptions& options, std::size_t told_before,
                                  std::vector<std::string>& without_effect) {
  const Key* key = find_broker_key(setting.key);
  if (key == nullptr) {
    if (is_of_open_family(setting.key)) {
      without_effect.push_back(setting.key);
      return std::string();
    }
    if (is_dynamic_only(setting.key)) {
      return fail(Errc::invalid, where(setting) + "'" + setting.key + "' can be set only while a broker runs");
    }
    if (!options.tolerate_unknown_config) {
      return fail(Errc::invalid,
                  unknown_key(setting, told_before) + " (--tolerate-unknown-config makes this a warning)");
    }
    return unknown_key(setting, told_before);
  }
  if (auto checked = check_value(*key, &setting.value); !checked) {
    return fail(checked.error().code, where(setting) + checked.error().text);
  }
  if (key->support == Support::honoured || equals_default(*key, setting.value)) return std::string();
  if (key->support == Support::refused) {
    return fail(Errc::unsupported,
                where(setting) + setting.key + "=" + setting.value + " is refused: " + std::string(key->reason));
  }
  without_effect.push_back(setting.key);
  return std::string();
}

/// The broker keys that give a topic key its default, the first one set wins:
/// "log.retention.ms,log.retention.hours*3600000".
void apply_first_synonym(const Settings& settings, const Key& topic_key, std::vector<TopicOverride>& to) {
  for (const std::string& synonym : parse_list(topic_key.synonyms)) {
    const auto star = synonym.find('*');
    const auto set = settings.find(std::string_view(synonym).substr(0, star));
    if (set == settings.end()) continue;
    std::string value = set->second->value;
    if (star != std::string::npos) {
      const std::int64_t factor = *parse_integer(std::string_view(synonym).substr(star + 1), 1, INT32_MAX);
      const std::int64_t amount = *parse_integer(value, INT32_MIN, INT32_MAX);
      value = std::to_string(amount < 0 ? -1 : amount * factor);
    } else if (topic_key.name == "retention.ms" && *parse_integer(value, INT64_MIN, INT64_MAX) < 0) {
      value = "-1";
    }
    to.emplace_back(std::string(topic_key.name), std::move(value));
    return;
  }
}

Result<void> apply_topic_defaults(const Settings& settings, BrokerConfig& broker) {
  std::vector<TopicOverride> defaults;
  for (const Key& key : topic_keys()) apply_first_synonym(settings, key, defaults);
  TRY_ASSIGN(broker.topic_defaults, topic_config_with(broker.topic_defaults, defaults));
  return {};
}

const std::string* value_of(const Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found == settings.end() ? nullptr : &found->second->value;
}

Result<void> apply_identity(const Settings& settings, BrokerConfig& broker) {
  const std::string* node_id = value_of(settings, "node.id");
  const std::string* broker_id = value_of(settings, "broker.id");
  const auto id_of = [](const std::string& text) {
    return static_cast<std::int32_t>(*parse_integer(text, INT32_MIN, INT32_MAX));
  };
  if (broker_id != nullptr && id_of(*broker_id) >= 0) {
    broker.node_id = NodeId(id_of(*broker_id));
    if (node_id != nullptr && id_of(*node_id) != id_of(*broker_id)) {
      return fail(Errc::invalid, "node.id=" + *node_id + " and broker.id=" + *broker_id + " must be the same");
    }
  }
  if (node_id != nullptr) broker.node_id = NodeId(id_of(*node_id));
  if (const std::string* roles = value_of(settings, "process.roles")) {
    const std::vector<std::string> list = parse_list(*roles);
    broker.is_broker = std::find(list.begin(), list.end(), "broker") != list.end();
    broker.is_controller = std::find(list.begin(), list.end(), "controller") != list.end();
  }
  return {};
}

Result<void> apply_addresses(const Settings& settings, BrokerConfig& broker) {
  if (const std::string* text = value_of(settings, "listeners")) {
    TRY_ASSIGN(broker.listeners, parse_listeners(*text));
  }
  if (const std::string* text = value_of(settings, "advertised.listeners")) {
    TRY_ASSIGN(broker.advertised_listeners, parse_listeners(*text));
  }
  if (const std::string* text = value_of(settings, "controller.quorum.voters")) {
    TRY_ASSIGN(broker.controller_quorum_voters, parse_voters(*text));
  }
  for (std::string& name : broker.controller_listener_names) name = upper_case(name);
  broker.inter_broker_listener_name = upper_case(broker.inter_broker_listener_name);
  return {};
}

/// A number without a default.
void apply_metadata_segments(const Settings& settings, BrokerConfig& broker) {
  const std::string* bytes = value_of(settings, "internal.metadata.log.segment.bytes");
  if (bytes == nullptr) return;
  broker.internal_metadata_log_segment_bytes = static_cast<std::int32_t>(*parse_integer(*bytes, INT32_MIN, INT32_MAX));
}

void apply_directories(const Settings& settings, BrokerConfig& broker) {
  const std::string* several = value_of(settings, "log.dirs");
  const std::string* one = several != nullptr ? several : value_of(settings, "log.dir");
  if (one != nullptr) broker.log_dirs = parse_list(*one);
}

std::string without_effect_warning(const std::vector<std::string>& keys) {
  return "known keys without effect in this version: " + to_text(keys);
}

}  // namespace

Result<Assignment> parse_assignment(std::string_view text, std::string_view origin) {
  const auto equals = text.find('=');
  const std::string_view key = trimmed(text.substr(0, equals));
  if (equals == std::string_view::npos || key.empty()) {
    return fail(Errc::invalid, std::string(origin) + ": '" + std::string(text) + "' is no setting: it wants key=value");
  }
  return Assignment{std::string(key), std::string(trimmed(text.substr(equals + 1))), std::string(origin)};
}

Result<std::vector<Assignment>> assignments_of(std::string_view properties, std::string_view name) {
  auto parsed = parse_properties(properties);
  if (!parsed) return fail(parsed.error().code, std::string(name) + ": " + parsed.error().text);
  std::vector<Assignment> assignments;
  for (Property& property : *parsed) {
    assignments.push_back(
        {std::move(property.key), std::move(property.value), std::string(name) + ":" + std::to_string(property.line)});
  }
  return assignments;
}

Result<LoadedBrokerConfig> load_broker_config(std::span<const Assignment> assignments, LoadOptions options) {
  Settings settings;
  for (const Assignment& assignment : assignments) settings[assignment.key] = &assignment;

  LoadedBrokerConfig loaded;
  std::vector<std::string> without_effect;
  for (const auto& [name, setting] : settings) {
    TRY_ASSIGN(std::string warning, check_setting(*setting, options, loaded.warnings.size(), without_effect));
    if (!warning.empty()) loaded.warnings.push_back(std::move(warning));
    loaded.assignments.push_back(*setting);
    loaded.broker.assignments.emplace(setting->key, setting->value);
  }
  if (!without_effect.empty()) loaded.warnings.push_back(without_effect_warning(without_effect));

  for (const BrokerField& field : broker_fields()) {
    if (const std::string* value = value_of(settings, field.name)) field.set(loaded.broker, *value);
  }
  TRY(apply_identity(settings, loaded.broker));
  TRY(apply_addresses(settings, loaded.broker));
  apply_metadata_segments(settings, loaded.broker);
  apply_directories(settings, loaded.broker);
  TRY(apply_topic_defaults(settings, loaded.broker));
  const std::string* protocols = value_of(settings, "listener.security.protocol.map");
  TRY(check_across_keys(loaded.broker, protocols == nullptr ? std::string_view{} : std::string_view(*protocols)));
  return loaded;
}

}  // namespace gregor::config
