// Which cluster is this? A node with empty directories that is not the whole quorum asks the controllers that its
// configuration names, for their cluster id is what its directories must carry.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "config/broker_config.h"
#include "env/shard.h"
#include "observe/log.h"

namespace gregor::quorum {

/// Asks one after the other (DescribeCluster, KIP-919), over and over until one answers; says in the log what it waits
/// for. Controllers that search themselves do not answer. Suspends; throws Cancelled.
std::string find_cluster_id(env::Fiber& self, env::Shard& shard, const config::BrokerConfig& config, observe::Log& log);

/// The cluster id of a quorum that lives: one of the other controllers, asked once each, knows who leads. For a node
/// that was told that all of the cluster is new, and may have been told so in a life that its disk forgot. None where
/// nobody says so in time. Suspends; throws Cancelled.
std::optional<std::string> find_living_cluster(env::Fiber& self, env::Shard& shard, const config::BrokerConfig& config);

}  // namespace gregor::quorum
