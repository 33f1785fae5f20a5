// The topics that the cluster itself lives on: how they are made when somebody first needs them.
#pragma once

#include "broker/broker_shard.h"

namespace gregor::broker {

/// The topic as this node's settings want it: replicas no more than unfenced brokers are registered, compacted, batches
/// as they come. None for a topic that is not made here.
std::optional<metadata::NewTopic> internal_topic(const config::BrokerConfig& config, const metadata::Image& image,
                                                 std::string_view name);

/// Makes the topic unless somebody is at it already. Suspends until it is there or was refused.
void make_internal_topic(env::Fiber& self, BrokerShard& shard, std::string_view name);

}  // namespace gregor::broker
