// One client's seat in a classic group, taken step by step: between any two requests its owner may pause, or vanish and
// leave the group with half a member. What it computes as a leader goes into the history before the group is told.
// Retries nothing: each step is one request.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "client/membership.h"
#include "properties/history.h"

namespace gregor::scenarios {

class GroupSeat {
 public:
  enum class Step : std::uint8_t {
    done,      ///< as asked
    again,     ///< join again, at once
    told_id,   ///< join again, at once, with the member id that the group has given
    not_now,   ///< no answer, or one that asks for patience
    replaced,  ///< another life of this static member has the seat
  };

  /// `cluster` outlives the seat.
  GroupSeat(client::Cluster& cluster, client::MemberSettings settings);

  /// JoinGroup. Done: a generation has begun, and sync() is next. Suspends, for as long as the group gathers.
  Step join(env::Fiber& self);
  /// SyncGroup. Done: assigned() is this generation's. Suspends.
  Step sync(env::Fiber& self, properties::History& history);
  /// Heartbeat. Suspends.
  Step heartbeat(env::Fiber& self);
  /// LeaveGroup, by its member id: static members do not leave. Best effort. Suspends.
  void leave(env::Fiber& self);

  [[nodiscard]] client::GroupLink& link() { return place_.link(); }
  [[nodiscard]] const std::string& member_id() const { return place_.member_id(); }
  [[nodiscard]] std::int32_t generation() const { return place_.generation(); }
  [[nodiscard]] const std::set<properties::HistoryPartition>& assigned() const { return assigned_; }
  /// Was told its part of generation().
  [[nodiscard]] bool is_synced() const { return is_synced_; }

 private:
  Step after(wire::ErrorCode code);
  /// The members as this seat was told them, being the leader. None where a topic's partitions are not known now.
  std::optional<std::map<std::string, client::Assignment>> plan(env::Fiber& self);
  void note_plan(const std::map<std::string, client::Assignment>& planned, properties::History& history) const;

  client::Membership place_;
  bool leads_ = false;
  bool is_synced_ = false;
  std::vector<client::Subscriber> subscribers_;  ///< where it leads
  std::set<properties::HistoryPartition> assigned_;
};

/// The partitions of an assignment, one by one.
std::set<properties::HistoryPartition> partitions_of(const client::Assignment& assignment);

}  // namespace gregor::scenarios
