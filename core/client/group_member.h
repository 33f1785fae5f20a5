// GroupMember: one consumer's membership in a classic group (KIP-62, KIP-345): joins, computes the assignment where it
// leads, takes its own, sends heartbeats, commits offsets, leaves. It reads no records; a Consumer does.
//
// Straight-line: whoever owns it calls heartbeat() at least every heartbeat_interval, and join() again where that says
// so.
#pragma once

#include <string>
#include <vector>

#include "client/membership.h"

namespace gregor::client {

class GroupMember {
 public:
  /// `cluster` outlives the member.
  GroupMember(Cluster& cluster, MemberSettings settings);

  /// Takes part in the next generation: when it returns, assignment() is that generation's. Retries until `deadline`.
  /// Suspends. Failures: FENCED_INSTANCE_ID, codes that may not be retried, timed_out. Throws Cancelled.
  Outcome<void> join(env::Fiber& self, MonotonicTime deadline);
  /// True: still a member of this generation. False: it is over, join() again. One try. Suspends. Failures:
  /// FENCED_INSTANCE_ID; those of the link, which say nothing of the membership.
  Outcome<bool> heartbeat(env::Fiber& self);
  /// Commits in the name of this generation. One try. Suspends. Failures: the first partition's code; a fate of unknown
  /// where it may have been committed.
  Outcome<void> commit(env::Fiber& self, const std::vector<CommittedOffset>& offsets);
  /// What the group has committed of the partitions assigned; partitions without a commit are left out. Suspends.
  Outcome<std::vector<CommittedOffset>> committed(env::Fiber& self);
  /// Best effort; a static member stays until its session ends. Suspends.
  void leave(env::Fiber& self);

  /// For what else is to be asked of the group's coordinator.
  [[nodiscard]] GroupLink& link() { return place_.link(); }
  [[nodiscard]] const Assignment& assignment() const { return assignment_; }
  [[nodiscard]] const std::string& member_id() const { return place_.member_id(); }
  [[nodiscard]] std::int32_t generation() const { return place_.generation(); }
  [[nodiscard]] const MemberSettings& settings() const { return place_.settings(); }

 private:
  enum class Next : std::uint8_t { done, at_once, later };
  Outcome<Next> try_to_join(env::Fiber& self, MonotonicTime deadline);
  Outcome<Next> sync(env::Fiber& self, const wire::JoinGroupResponse& joined, MonotonicTime deadline);
  Outcome<std::map<std::string, Assignment>> plan(env::Fiber& self, const wire::JoinGroupResponse& joined,
                                                  MonotonicTime deadline);
  /// What an error of join or sync asks for. Failures: it is final.
  Outcome<Next> after(wire::ErrorCode code, const char* api);

  Membership place_;
  Assignment assignment_;
};

}  // namespace gregor::client
