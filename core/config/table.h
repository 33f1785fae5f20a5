// The tables of all configuration keys, by what they configure. Constant data: the same for every node of every
// process.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "config/key.h"

namespace gregor::config {

using KeyTable = std::span<const Key>;

// Broker keys, by theme; each file keys_THEME.cc holds one.
KeyTable log_keys();
KeyTable network_keys();
KeyTable quorum_keys();
KeyTable replication_keys();
KeyTable group_coordinator_keys();
KeyTable transaction_keys();
KeyTable security_keys();
KeyTable tiered_storage_keys();
KeyTable server_keys();
/// Gregor's own (gregor.*), in no Kafka.
KeyTable gregor_keys();

/// Keys of a topic, a group, a client metrics subscription; broker keys that only IncrementalAlterConfigs may set.
KeyTable topic_keys();
KeyTable group_keys();
KeyTable client_metrics_keys();
KeyTable dynamic_broker_keys();

/// Kafka's broker keys (without gregor.*), sorted by name.
std::vector<const Key*> all_broker_keys();

/// Null where no such key is known. gregor.* are found too.
const Key* find_broker_key(std::string_view name);
const Key* find_topic_key(std::string_view name);

/// True for names whose first part is a family that plug-ins or listeners extend: listener.name.*, sasl.*, ssl.*,
/// rsm.config.*, rlmm.config.*, and config providers' own. They are accepted without a row.
bool is_of_open_family(std::string_view name);

/// The known broker key nearest to `name` by edit distance; empty where none is near enough to be meant.
std::string_view nearest_broker_key(std::string_view name);
std::string_view nearest_topic_key(std::string_view name);

}  // namespace gregor::config
