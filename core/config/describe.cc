#include "config/describe.h"

#include <algorithm>
#include <array>
#include <limits>

#include "config/table.h"
#include "config/value.h"

namespace gregor::config {
namespace {

/// Java's Double.toString, as far as settings need it: a fraction always, large numbers with an exponent.
std::string java_real(double value) {
  if (value == std::numeric_limits<double>::max()) return "1.7976931348623157E308";
  std::string text = to_text(value);
  const auto exponent = text.find('e');
  if (exponent != std::string::npos) {
    std::string mantissa = text.substr(0, exponent);
    std::string power = text.substr(exponent + 1);
    if (mantissa.find('.') == std::string::npos) mantissa += ".0";
    const bool is_negative = power.starts_with('-');
    power.erase(0, power.find_first_not_of("+-0"));
    return mantissa + "E" + (is_negative ? "-" : "") + power;
  }
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::optional<std::string> default_of(const Key& key) {
  if (key.default_text == nullptr || key.is_required()) return std::nullopt;
  return key.default_text;
}

/// Null for secrets, whatever they are.
std::optional<std::string> told(const Key* key, const std::string& text) {
  if (key == nullptr || key->is_sensitive()) return std::nullopt;
  return text;
}

/// What sets `names` in each layer, by precedence; what comes before `wanted` is of something more special.
std::vector<SettingSynonym> found_in(const BrokerLayers& layers, const std::vector<std::string>& names,
                                     std::string_view wanted) {
  std::vector<SettingSynonym> found;
  const auto look = [&](const SettingMap& layer, Source source) {
    for (const std::string& name : names) {
      const auto set = layer.find(name);
      if (set != layer.end()) found.push_back({name, told(find_dynamic_or_fixed_key(wanted), set->second), source});
    }
  };
  look(layers.own, Source::dynamic_broker);
  look(layers.cluster, Source::dynamic_cluster);
  look(layers.fixed, Source::fixed);
  for (const std::string& name : names) {
    const Key* key = find_broker_key(name);
    if (key == nullptr || !default_of(*key)) continue;
    found.push_back({name, told(key, *default_of(*key)), Source::usual});
  }
  const auto first =
      std::find_if(found.begin(), found.end(), [&](const SettingSynonym& synonym) { return synonym.name == wanted; });
  found.erase(found.begin(), first);
  return found;
}

Source source_of(const std::vector<SettingSynonym>& synonyms) {
  return synonyms.empty() ? Source::usual : synonyms.front().source;
}

DescribedSetting describe_broker_setting(const BrokerLayers& layers, const SettingMap& in_force,
                                         const std::string& name) {
  DescribedSetting row{.name = name, .key = find_dynamic_or_fixed_key(name)};
  const auto set = in_force.find(name);
  row.is_sensitive = row.key == nullptr || row.key->is_sensitive();
  if (row.key != nullptr) {
    if (set != in_force.end()) {
      row.value = told(row.key, shown_value(*row.key, set->second));
    } else if (!row.key->is_sensitive()) {
      row.value = default_of(*row.key);
    }
  }
  row.read_only = row.key == nullptr || !is_dynamic(*row.key);
  row.synonyms = found_in(layers, synonyms_of(name), name);
  row.source = source_of(row.synonyms);
  return row;
}

std::string_view first_of(std::string_view names) {
  return names.substr(0, names.find_first_of(",*"));
}

DescribedSetting describe_topic_setting(const BrokerLayers& layers, const SettingMap& in_force, const SettingMap& topic,
                                        const Key& key) {
  DescribedSetting row{.name = std::string(key.name), .key = &key};
  row.is_sensitive = key.is_sensitive();
  if (const std::string_view broker_name = first_of(key.synonyms); !broker_name.empty()) {
    row.synonyms = found_in(layers, synonyms_of(broker_name), broker_name);
  }
  const auto own = topic.find(key.name);
  if (own != topic.end()) {
    row.value = shown_value(key, own->second);
    row.synonyms.insert(row.synonyms.begin(), {row.name, row.value, Source::topic});
  } else {
    const auto from_broker = topic_default_of(in_force, key);
    row.value = from_broker ? shown_value(key, *from_broker) : default_of(key);
  }
  row.source = source_of(row.synonyms);
  return row;
}

DescribedSetting describe_group_setting(const BrokerLayers& layers, const SettingMap& in_force, const SettingMap& group,
                                        const Key& key) {
  DescribedSetting row{.name = std::string(key.name), .key = &key};
  if (!key.synonyms.empty()) row.synonyms = found_in(layers, {std::string(key.synonyms)}, key.synonyms);
  const auto own = group.find(key.name);
  if (own != group.end()) {
    row.value = shown_value(key, own->second);
    row.synonyms.insert(row.synonyms.begin(), {row.name, row.value, Source::group});
  } else {
    const auto set = key.synonyms.empty() ? in_force.end() : in_force.find(key.synonyms);
    const Key* broker_key = key.synonyms.empty() ? nullptr : find_broker_key(key.synonyms);
    row.value = set != in_force.end() ? std::optional(shown_value(key, set->second))
                                      : default_of(broker_key == nullptr ? key : *broker_key);
    if (key.synonyms.empty()) row.synonyms.push_back({row.name, row.value, Source::usual});
  }
  row.source = source_of(row.synonyms);
  return row;
}

}  // namespace

std::string shown_value(const Key& key, const std::string& text) {
  switch (key.type) {
    case Type::boolean:
      return parse_boolean(text) ? to_text(*parse_boolean(text)) : text;
    case Type::int16:
    case Type::int32:
    case Type::int64: {
      const auto value = parse_integer(text, INT64_MIN, INT64_MAX);
      return value ? std::to_string(*value) : text;
    }
    case Type::real:
      return parse_real(text) ? java_real(*parse_real(text)) : text;
    case Type::list:
      return to_text(parse_list(text));
    case Type::string:
    case Type::class_name:
    case Type::password:
      return std::string(trimmed(text));
  }
  return text;
}

std::vector<DescribedSetting> describe_topic(const BrokerLayers& layers, const SettingMap& topic) {
  std::vector<DescribedSetting> rows;
  const SettingMap in_force = effective_settings(layers);
  for (const Key& key : topic_keys()) {
    if (!key.internal) rows.push_back(describe_topic_setting(layers, in_force, topic, key));
  }
  return rows;
}

std::vector<DescribedSetting> describe_broker(const BrokerLayers& layers) {
  const SettingMap in_force = effective_settings(layers);
  std::map<std::string, DescribedSetting> rows;
  for (const Key* key : all_broker_keys()) {
    const std::string name(key->name);
    if (!key->internal) rows.emplace(name, describe_broker_setting(layers, in_force, name));
  }
  for (const auto& [name, value] : in_force) rows.emplace(name, describe_broker_setting(layers, in_force, name));
  std::vector<DescribedSetting> sorted;
  for (auto& [name, row] : rows) sorted.push_back(std::move(row));
  return sorted;
}

std::vector<DescribedSetting> describe_cluster_default(const BrokerLayers& layers) {
  std::vector<DescribedSetting> rows;
  for (const auto& [name, value] : layers.cluster) {
    DescribedSetting row = describe_broker_setting(layers, layers.cluster, name);
    std::erase_if(row.synonyms,
                  [](const SettingSynonym& synonym) { return synonym.source != Source::dynamic_cluster; });
    row.source = source_of(row.synonyms);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<DescribedSetting> describe_group(const BrokerLayers& layers, const SettingMap& group) {
  std::vector<DescribedSetting> rows;
  const SettingMap in_force = effective_settings(layers);
  for (const Key& key : group_keys()) rows.push_back(describe_group_setting(layers, in_force, group, key));
  return rows;
}

std::vector<DescribedSetting> describe_client_metrics(const SettingMap& subscription) {
  std::vector<DescribedSetting> rows;
  for (const Key& key : client_metrics_keys()) {
    DescribedSetting row{.name = std::string(key.name), .value = default_of(key), .key = &key};
    if (const auto own = subscription.find(key.name); own != subscription.end()) {
      row.value = shown_value(key, own->second);
      row.synonyms.push_back({row.name, row.value, Source::client_metrics});
    }
    row.source = source_of(row.synonyms);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string documentation_of(const Key& key) {
  std::string text = "Type: " + std::string(name_of(key.type)) + ".";
  if (const std::string valid = to_text(key.valid); !valid.empty()) text += " Valid values: " + valid + ".";
  if (key.is_required()) {
    text += " There is no default.";
  } else if (key.default_text == nullptr) {
    text += " Not set by default.";
  } else {
    text += " Default: " + (*key.default_text == '\0' ? std::string("empty") : std::string(key.default_text)) + ".";
  }
  if (!key.synonyms.empty()) text += " Goes with: " + std::string(key.synonyms) + ".";
  if (key.update_mode != UpdateMode::not_of_a_broker)
    text += " Changes: " + std::string(name_of(key.update_mode)) + ".";
  if (key.support == Support::accepted) text += " Taken, without effect in this version.";
  if (key.support == Support::refused) text += " Refused: " + std::string(key.reason) + ".";
  return text;
}

}  // namespace gregor::config
