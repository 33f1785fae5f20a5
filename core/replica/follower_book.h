// FollowerBook: what a leader knows of its followers in one leader epoch, learned from their fetches alone. It never
// outlives the epoch: an offset fetched from a former leadership says nothing of what the follower holds now.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace gregor::replica {

/// A fetch as its sender's position. The sender's own history is judged before it comes here.
struct FollowerFetch {
  NodeId replica;
  BrokerEpoch broker_epoch = kNoBrokerEpoch;
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  Offset offset;  ///< below it the follower holds everything as durably as the topic asks
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
  Offset log_start = kNoOffset;
};

struct FollowerState {
  Offset end_offset = kNoOffset;  ///< -1: has not fetched in this leader epoch
  Offset log_start = kNoOffset;
  BrokerEpoch broker_epoch = kNoBrokerEpoch;
  Offset leader_end_at_fetch = kNoOffset;
  std::optional<MonotonicTime> fetched_at = {};
  /// When it last held all that the leader had at that time.
  std::optional<MonotonicTime> caught_up_at = {};
  /// Has fetched since its admission to the ISR was last proposed: silence admits nobody.
  bool asks_in = false;
};

class FollowerBook {
 public:
  /// A new leader epoch: nobody has fetched yet. Members of the ISR get the whole of replica.lag.time.max.ms to do so.
  void begin_epoch(std::span<const NodeId> followers, std::span<const NodeId> isr, MonotonicTime now);
  /// The same epoch with other replicas: who left is forgotten, who comes is new.
  void set_followers(std::span<const NodeId> followers);
  /// False, and nothing is noted, for a replica not in the book and for a registration older than one seen.
  bool note(const FollowerFetch& fetch, Offset leader_end, MonotonicTime now);
  /// The registration that a proposal named was refused: its next fetch asks anew.
  void silence(NodeId replica);

  [[nodiscard]] const FollowerState* find(NodeId replica) const;
  /// -1 for who has not fetched in this epoch, or is not in the book.
  [[nodiscard]] Offset end_offset(NodeId replica) const;
  [[nodiscard]] bool is_caught_up(NodeId replica, Offset leader_end, MonotonicTime now, Nanoseconds lag_max) const;
  [[nodiscard]] const std::map<NodeId, FollowerState>& all() const { return followers_; }

 private:
  std::map<NodeId, FollowerState> followers_;
};

}  // namespace gregor::replica
