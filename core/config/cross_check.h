// What must hold between keys of a node, and what of it this version serves: plain text.
#pragma once

#include <string_view>

#include "base/result.h"
#include "config/broker_config.h"

namespace gregor::config {

/// `protocol_map` is listener.security.protocol.map, empty where it was not set. Errors: invalid where Kafka would
/// refuse too, unsupported where only this version does; one sentence that names the keys.
Result<void> check_across_keys(const BrokerConfig& broker, std::string_view protocol_map);

}  // namespace gregor::config
