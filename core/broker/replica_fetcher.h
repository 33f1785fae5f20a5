// ReplicaFetchers: copies to this shard what its partitions follow on other brokers. One lane for each leader: a fiber
// that asks every partition of the lane what it wants, sends one Fetch for all of them, hands out the answers and waits
// until each is dealt with; then again. What was refused rests for replica.fetch.backoff.ms. A lane asks within one
// incremental session for each link: only what changed is named (follower_session.h). A link to a leader's former life
// is given up when the leader is followed in its new one: a machine that lost power never closes it.
//
// Promises: at most one request is under way in a lane; a partition is asked for its next step only when its last
// answer is dealt with or given up; a lane without partitions ends. Decides nothing about offsets: see
// replica/follower_step.h. Never touches a log.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "broker/follower_session.h"
#include "broker/replica_fetcher_link.h"
#include "config/broker_config.h"
#include "env/shard.h"
#include "env/wait.h"
#include "observe/log.h"
#include "partition/cluster_links.h"
#include "partition/partition.h"

namespace gregor::broker {

/// All of it outlives the fetchers.
struct FetcherSeat {
  env::Shard& shard;
  const config::BrokerConfig& settings;
  observe::Log& log;
  LeaderDialer dial;
  UniqueFunction<BrokerEpoch()> broker_epoch;  ///< of this broker's registration as it is now
  /// Of another broker's registration as it is known now; -1 where it is not registered.
  UniqueFunction<BrokerEpoch(NodeId)> epoch_of;
};

class ReplicaFetchers final : public partition::FollowerListener {
 public:
  explicit ReplicaFetchers(FetcherSeat seat);
  ~ReplicaFetchers() override;

  void on_following(partition::Partition& partition) override;
  /// Ends the lanes soon: nothing is asked any more, and no partition is taken. Does not suspend.
  void begin_to_stop();
  /// Suspends until every lane has ended. Requires begin_to_stop().
  void end(env::Fiber& self);
  [[nodiscard]] std::size_t lane_count() const { return lanes_.size(); }

 private:
  class Lane;
  void run(env::Fiber& self, NodeId leader, Lane& lane);

  FetcherSeat seat_;
  std::map<NodeId, std::shared_ptr<Lane>> lanes_;
  std::size_t running_ = 0;
  bool is_stopping_ = false;
  env::WaitQueue lane_ended_;
};

}  // namespace gregor::broker
