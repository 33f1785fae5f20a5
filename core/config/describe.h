// What DescribeConfigs tells of a resource: each setting with its value in force, where that comes from, and what else
// sets it, in order of precedence (KIP-226, KIP-569). Pure; rows come in order of names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/broker_layers.h"
#include "config/key.h"
#include "config/setting_map.h"

namespace gregor::config {

/// Kafka's numbers.
enum class Source : std::int8_t {
  topic = 1,
  dynamic_broker = 2,
  dynamic_cluster = 3,
  fixed = 4,
  usual = 5,  ///< the key's default
  broker_logger = 6,
  client_metrics = 7,
  group = 8,
};

struct SettingSynonym {
  std::string name;
  std::optional<std::string> value;  ///< null where sensitive
  Source source;
};

struct DescribedSetting {
  std::string name = {};
  std::optional<std::string> value = {};  ///< null where sensitive or not set
  bool read_only = false;
  Source source = Source::usual;
  bool is_sensitive = false;
  std::vector<SettingSynonym> synonyms = {};
  const Key* key = nullptr;  ///< null: a name that nobody knows

  [[nodiscard]] std::int8_t type() const {
    return key == nullptr ? std::int8_t{0} : static_cast<std::int8_t>(key->type);
  }
};

std::vector<DescribedSetting> describe_topic(const BrokerLayers& layers, const SettingMap& topic);
std::vector<DescribedSetting> describe_broker(const BrokerLayers& layers);
/// What is set on the cluster's default broker, and nothing else.
std::vector<DescribedSetting> describe_cluster_default(const BrokerLayers& layers);
std::vector<DescribedSetting> describe_group(const BrokerLayers& layers, const SettingMap& group);
std::vector<DescribedSetting> describe_client_metrics(const SettingMap& subscription);

/// A sentence of facts about the key: type, valid values, default, how it may change.
std::string documentation_of(const Key& key);

/// A value as Kafka shows it: blanks dropped, numbers and booleans in their usual form, lists with bare commas.
/// The text itself where it is no value of the type.
std::string shown_value(const Key& key, const std::string& text);

}  // namespace gregor::config
