// A client that is a member of a group and lives badly: it commits, asks what was committed, sleeps over its session,
// leaves, vanishes without a word and comes back, under the same instance id where it is static.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "client/group_member.h"
#include "properties/history.h"
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
  /// Tries until it was a member once more and a commit of its own was acknowledged, then leaves. Suspends.
  void settle(env::Fiber& self);

  /// What the group has committed of `partitions`, noted in the history. False: no answer came. Suspends.
  static bool note_committed(env::Fiber& self, client::GroupLink& link,
                             const std::set<properties::HistoryPartition>& partitions, properties::History& history,
                             UniqueFunction<MonotonicTime()>& now);

 private:
  bool join(env::Fiber& self, Milliseconds within);
  bool commit(env::Fiber& self, const properties::HistoryPartition& partition);
  /// False where this membership is over.
  bool act(env::Fiber& self, RandomStream& random);
  void vanish();
  [[nodiscard]] std::set<properties::HistoryPartition> assigned() const;

  client::Cluster cluster_;
  client::MemberSettings settings_;
  properties::History& history_;
  std::int64_t& next_offset_;
  UniqueFunction<MonotonicTime()> now_;
  std::optional<client::GroupMember> member_;
};

}  // namespace gregor::scenarios
