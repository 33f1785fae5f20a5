// Which cluster is this? A node with empty directories that is not the whole quorum asks the controllers that its
// configuration names, for their cluster id is what its directories must carry.
//
// Promises of a search: it ends when a controller answers or when it is given up, and then at once, whatever it waits
// for; nothing of it runs on after find() returned.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "config/broker_config.h"
#include "env/shard.h"
#include "env/wait.h"
#include "observe/log.h"

namespace gregor::quorum {

class ClusterSearch : public std::enable_shared_from_this<ClusterSearch> {
 public:
  /// References outlive the shard's fibers.
  ClusterSearch(env::Shard& shard, const config::BrokerConfig& config, observe::Log& log);

  /// Asks one after the other (DescribeCluster, KIP-919), over and over until one answers; says in the log what it
  /// waits for. Controllers that search themselves do not answer. None once it was given up. Call once. Suspends;
  /// throws Cancelled.
  std::optional<std::string> find(env::Fiber& self);
  /// Before, while or after it searches. Does not suspend.
  void give_up();

 private:
  [[nodiscard]] std::string search(env::Fiber& self);

  env::Shard& shard_;
  const config::BrokerConfig& config_;
  observe::Log& log_;
  std::optional<std::string> found_;
  env::Fiber* searcher_ = nullptr;  ///< while it runs
  bool is_given_up_ = false;
  env::WaitQueue ended_;
};

/// The cluster id of a quorum that lives: one of the other controllers, asked once each, knows who leads. For a node
/// that was told that all of the cluster is new, and may have been told so in a life that its disk forgot. None where
/// nobody says so in time. Suspends; throws Cancelled.
std::optional<std::string> find_living_cluster(env::Fiber& self, env::Shard& shard, const config::BrokerConfig& config);

}  // namespace gregor::quorum
