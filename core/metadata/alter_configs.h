// Changing the configuration of topics, brokers, groups and client metrics subscriptions: what is refused, in Kafka's
// order of checks, and the records of what is granted. A resource is changed whole or not at all. Pure.
#pragma once

#include "config/broker_config.h"
#include "config/broker_layers.h"
#include "metadata/config_requests.h"
#include "metadata/decision.h"
#include "metadata/image.h"

namespace gregor::metadata {

/// The dynamic layers of a broker as the image holds them over its own file.
config::BrokerLayers broker_layers(const Image& image, const config::BrokerConfig& broker);

/// What the resource's settings would be after the changes. Errors: invalid where a key that is no list is appended to.
Result<ConfigValues> changed_configs(const Image& image, const AlterConfigs::Resource& asked, bool replaces_all);

/// `broker` is this node's own file: it bounds what topics and groups may say. What a broker may be told is for that
/// broker to check before (config::check_dynamic).
Decision<AlteredConfigs> decide_alter_configs(const Image& image, const AlterConfigs& request,
                                              const config::BrokerConfig& broker);

}  // namespace gregor::metadata
