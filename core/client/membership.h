// Membership: one member's place in a classic group, and the requests that it makes in that place. Each is asked once;
// what to do about an answer is the owner's to say.
//
// Speaks the consumer protocol with the range assignor.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/group_link.h"
#include "client/group_offsets.h"
#include "client/range_assignor.h"
#include "wire/heartbeat.h"
#include "wire/join_group.h"
#include "wire/sync_group.h"

namespace gregor::client {

struct MemberSettings {
  std::string group_id;
  std::optional<std::string> instance_id = {};  ///< a static member
  std::vector<std::string> topics;
  Milliseconds session_timeout{45'000};
  Milliseconds rebalance_timeout{60'000};
  Milliseconds heartbeat_interval{3'000};
};

class Membership {
 public:
  /// `cluster` outlives the membership.
  Membership(Cluster& cluster, MemberSettings settings);

  /// JoinGroup. The member id that an answer gives is kept, the generation too where there is one. Suspends for as long
  /// as the group gathers. Failures: those of the link.
  Outcome<Reply<wire::JoinGroupResponse>> join(env::Fiber& self);
  /// SyncGroup, with everybody's part where this member leads. Suspends. Failures: as join().
  Outcome<Reply<wire::SyncGroupResponse>> sync(env::Fiber& self, const std::map<std::string, Assignment>& parts);
  /// Heartbeat. Suspends. Failures: as join().
  Outcome<wire::ErrorCode> heartbeat(env::Fiber& self);
  /// LeaveGroup, best effort. A static member stays until its session ends. Suspends.
  void leave(env::Fiber& self);

  /// What an error tells of the member's place: where the group lives, and whether it is known there.
  void learn_from(wire::ErrorCode code);

  [[nodiscard]] bool leads(const wire::JoinGroupResponse& joined) const {
    return joined.leader == member_id_ && !joined.skip_assignment;
  }
  /// What OffsetCommit says of the asker. Borrows from this.
  [[nodiscard]] Committer committer() const;
  [[nodiscard]] GroupLink& link() { return link_; }
  [[nodiscard]] const MemberSettings& settings() const { return settings_; }
  [[nodiscard]] const std::string& member_id() const { return member_id_; }
  [[nodiscard]] std::int32_t generation() const { return generation_; }

 private:
  MemberSettings settings_;
  GroupLink link_;
  std::string member_id_;
  std::int32_t generation_ = -1;
};

/// The members as the group tells its leader. Errors: malformed, unsupported (a subscription).
Result<std::vector<Subscriber>> subscribers_of(const wire::JoinGroupResponse& joined);

}  // namespace gregor::client
