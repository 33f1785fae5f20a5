// BrokerLayers: where a broker's settings come from while it runs: the file it began with, then the cluster's dynamic
// default, then what is set on this broker alone; the later stands before the earlier (KIP-226). Pure values.
//
// Promises: the same layers give the same settings, whatever the order in which they changed. A dynamic value that is
// none (another version wrote it) is left out and never stops the broker.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/broker_config.h"
#include "config/key.h"
#include "config/setting_map.h"

namespace gregor::config {

struct BrokerLayers {
  SettingMap fixed = {};    ///< of server.properties and the command line
  SettingMap cluster = {};  ///< dynamic, of the resource with the empty name
  SettingMap own = {};      ///< dynamic, of the resource with this broker's id
};

/// What is known before anything dynamic: the assignments, and those that Kafka has no default for as they are in
/// force (node.id, broker.id, process.roles).
SettingMap fixed_settings(const BrokerConfig& broker);

/// Kafka's other names of the same setting, the first one set wins: log.retention.ms, .minutes and .hours; the name
/// alone where there is none. In `listener.name.x.key` the key is the second.
std::vector<std::string> synonyms_of(std::string_view name);

/// True for keys that IncrementalAlterConfigs may set on brokers.
bool is_dynamic(const Key& key);
/// Also finds keys that only exist dynamically. Null where unknown.
const Key* find_dynamic_or_fixed_key(std::string_view name);

/// All layers as one. A dynamic setting hides every synonym of itself in the layers below.
SettingMap effective_settings(const BrokerLayers& layers);

/// What `settings` make of a topic key's default, converted ("log.retention.hours" to ms); none where nothing is set.
std::optional<std::string> topic_default_of(const SettingMap& settings, const Key& topic_key);

/// `fixed` with the dynamic layers over it: what the code that runs obeys.
BrokerConfig broker_config_with(const BrokerConfig& fixed, const SettingMap& cluster, const SettingMap& own);

/// May these become the dynamic settings of this broker (`per_broker`), or of the cluster? `now` are the layers in
/// force. Errors: invalid, in a sentence: not dynamic, not a value, not at that level, too large a step of a thread
/// count, in conflict with other settings.
Result<void> check_dynamic(const SettingMap& proposed, bool per_broker, const BrokerLayers& now);

}  // namespace gregor::config
