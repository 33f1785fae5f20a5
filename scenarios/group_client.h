// A client that is a member of a group and lives badly: it commits, asks what was committed, sleeps over its session,
// leaves, vanishes without a word (between any two requests) and comes back, under the same instance id where it is
// static. The former life of a static member goes on committing. A steady one does nothing of the kind: its group is
// never without it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "client/group_offsets.h"
#include "properties/history.h"
#include "scenarios/group_seat.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {

class GroupClient {
 public:
  /// `next_offset` gives each commit of the run an offset of its own. All outlive the client.
  GroupClient(client::Cluster cluster, client::MemberSettings settings, properties::History& history,
              std::int64_t& next_offset, UniqueFunction<MonotonicTime()> now);

  /// One life as a member, some commits long, or no more than a try to become one. Suspends; comes back within some
  /// seconds whatever the broker does.
  void round(env::Fiber& self, RandomStream& random);
  /// The same, without ever giving up its seat.
  void steady_round(env::Fiber& self, RandomStream& random);
  /// Tries until it was a member once more and a commit of its own was acknowledged, then leaves. Suspends.
  void settle(env::Fiber& self);

  /// What the group has committed of `partitions`, noted in the history. False: no answer came. Suspends.
  static bool note_committed(env::Fiber& self, client::GroupLink& link,
                             const std::set<properties::HistoryPartition>& partitions, properties::History& history,
                             UniqueFunction<MonotonicTime()>& now);
  /// Once nobody else is there: somebody asks the group for a member id and never comes back; then a member joins, and
  /// joins again, and how long that took is noted. Suspends.
  static void rebalance_alone(env::Fiber& self, client::Cluster& cluster, client::MemberSettings settings,
                              properties::History& history, UniqueFunction<MonotonicTime()>& now);

 private:
  /// A member that a later life of the same instance replaced.
  struct Former {
    std::string member_id;
    std::int32_t generation = -1;
    std::optional<MonotonicTime> fenced_since = {};
  };
  /// May vanish on the way where `random` is given.
  bool join(env::Fiber& self, Milliseconds within, RandomStream* random);
  bool take_part(env::Fiber& self, MonotonicTime asked);
  bool commit(env::Fiber& self, const properties::HistoryPartition& partition, const Former* former);
  /// False where this membership is over.
  bool act(env::Fiber& self, RandomStream& random);
  bool act_in_peace(env::Fiber& self, RandomStream& random, std::uint64_t action);
  void vanish();

  client::Cluster cluster_;
  client::MemberSettings settings_;
  properties::History& history_;
  std::int64_t& next_offset_;
  UniqueFunction<MonotonicTime()> now_;
  std::optional<GroupSeat> seat_;
  std::optional<Former> former_;
};

}  // namespace gregor::scenarios
