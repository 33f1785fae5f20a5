#include "client/group_member.h"

#include "wire/heartbeat.h"
#include "wire/leave_group.h"
#include "wire/sync_group.h"

namespace gregor::client {
namespace {

using wire::ErrorCode;

constexpr const char* kProtocolType = "consumer";
constexpr const char* kProtocol = "range";
/// On top of the rebalance that a JoinGroup waits for.
constexpr Milliseconds kPatience{10'000};

std::optional<std::string_view> viewed(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

GroupMember::GroupMember(Cluster& cluster, MemberSettings settings)
    : settings_(std::move(settings)), link_(cluster, settings_.group_id, settings_.rebalance_timeout + kPatience) {}

Outcome<void> GroupMember::join(env::Fiber& self, MonotonicTime deadline) {
  Backoff waits = link_.cluster().backoff();
  for (;;) {
    auto next = try_to_join(self, deadline);
    if (next && *next == Next::done) return {};
    if (!next && !is_retriable(next.error())) return passed_on(std::move(next.error()));
    const bool waits_first = !next || *next == Next::later;
    if (waits_first && !link_.cluster().back_off(self, waits, deadline)) {
      return next ? Outcome<void>(failed(Errc::timed_out, "the group did not let us in in time"))
                  : Outcome<void>(passed_on(std::move(next.error())));
    }
  }
}

Outcome<GroupMember::Next> GroupMember::after(ErrorCode code, const char* api) {
  link_.learn_from(code);
  switch (code) {
    case ErrorCode::member_id_required:
    case ErrorCode::rebalance_in_progress:
    case ErrorCode::illegal_generation:
      return Next::at_once;
    case ErrorCode::unknown_member_id:
      member_id_.clear();
      return Next::at_once;
    case ErrorCode::not_coordinator:
    case ErrorCode::coordinator_not_available:
    case ErrorCode::coordinator_load_in_progress:
      return Next::later;
    default:
      return answered(code, api);
  }
}

Outcome<GroupMember::Next> GroupMember::try_to_join(env::Fiber& self, MonotonicTime deadline) {
  const ByteBuffer subscription = encode_subscription(settings_.topics);
  wire::JoinGroupRequest request;
  request.group_id = settings_.group_id;
  request.session_timeout_ms = static_cast<std::int32_t>(settings_.session_timeout.count());
  request.rebalance_timeout_ms = static_cast<std::int32_t>(settings_.rebalance_timeout.count());
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  request.protocol_type = kProtocolType;
  request.protocols.push_back({.name = kProtocol, .metadata = Bytes(subscription)});
  CLIENT_TRY_ASSIGN(const auto reply, (link_.ask<wire::JoinGroupRequest, wire::JoinGroupResponse>(self, request)));
  const ErrorCode code = wire::error_code_of(reply.body.error_code);
  if (code == ErrorCode::member_id_required) member_id_ = reply.body.member_id;
  if (code != ErrorCode::none) return after(code, "JoinGroup");
  member_id_ = reply.body.member_id;
  generation_ = reply.body.generation_id;
  return sync(self, reply.body, deadline);
}

/// Who gets what, by the subscriptions of all and the partitions there are.
Outcome<std::map<std::string, Assignment>> GroupMember::plan(env::Fiber& self, const wire::JoinGroupResponse& joined,
                                                             MonotonicTime deadline) {
  std::vector<Subscriber> subscribers;
  std::map<std::string, std::int32_t> counts;
  for (const auto& member : joined.members) {
    auto topics = decode_subscription(member.metadata);
    if (!topics) return failed(std::move(topics.error()), Fate::failed);
    for (const std::string& topic : *topics) counts.try_emplace(topic, 0);
    auto& subscriber = subscribers.emplace_back();
    subscriber.member_id = member.member_id;
    if (member.group_instance_id) subscriber.instance_id = std::string(*member.group_instance_id);
    subscriber.topics = std::move(*topics);
  }
  for (auto& [topic, count] : counts) {
    const auto known = link_.cluster().topic(self, topic, deadline, false);
    const bool is_absent = !known && known.error().code == ErrorCode::unknown_topic_or_partition;
    if (!known && !is_absent) return passed_on(known.error());
    if (known) count = static_cast<std::int32_t>(known->partitions.size());
  }
  return assign_ranges(std::move(subscribers), counts);
}

Outcome<GroupMember::Next> GroupMember::sync(env::Fiber& self, const wire::JoinGroupResponse& joined,
                                             MonotonicTime deadline) {
  wire::SyncGroupRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  request.protocol_type = kProtocolType;
  request.protocol_name = kProtocol;
  std::map<std::string, ByteBuffer> encoded;
  if (joined.leader == member_id_ && !joined.skip_assignment) {
    CLIENT_TRY_ASSIGN(const auto planned, plan(self, joined, deadline));
    for (const auto& [member, assignment] : planned) encoded[member] = encode_assignment(assignment);
    for (const auto& [member, bytes] : encoded) {
      request.assignments.push_back({.member_id = member, .assignment = Bytes(bytes)});
    }
  }
  CLIENT_TRY_ASSIGN(const auto reply, (link_.ask<wire::SyncGroupRequest, wire::SyncGroupResponse>(self, request)));
  if (reply.body.error_code != 0) return after(wire::error_code_of(reply.body.error_code), "SyncGroup");
  auto assigned = decode_assignment(reply.body.assignment);
  if (!assigned) return failed(std::move(assigned.error()), Fate::failed);
  assignment_ = std::move(*assigned);
  return Next::done;
}

Outcome<bool> GroupMember::heartbeat(env::Fiber& self) {
  wire::HeartbeatRequest request;
  request.group_id = settings_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = viewed(settings_.instance_id);
  CLIENT_TRY_ASSIGN(const auto reply, (link_.ask<wire::HeartbeatRequest, wire::HeartbeatResponse>(self, request)));
  const ErrorCode code = wire::error_code_of(reply.body.error_code);
  if (code == ErrorCode::none) return true;
  CLIENT_TRY_ASSIGN(const Next next, after(code, "Heartbeat"));
  if (next == Next::later) return answered(code, "Heartbeat");
  return false;
}

Outcome<void> GroupMember::commit(env::Fiber& self, const std::vector<CommittedOffset>& offsets) {
  const Committer committer{
      .generation = generation_, .member_id = member_id_, .instance_id = viewed(settings_.instance_id)};
  return commit_offsets(self, link_, committer, offsets);
}

Outcome<std::vector<CommittedOffset>> GroupMember::committed(env::Fiber& self) {
  return fetch_committed(self, link_, &assignment_);
}

void GroupMember::leave(env::Fiber& self) {
  if (member_id_.empty() || settings_.instance_id) return;
  wire::LeaveGroupRequest request;
  request.group_id = settings_.group_id;
  request.members.push_back({.member_id = member_id_, .group_instance_id = std::nullopt});
  constexpr std::int16_t kManyMembersFrom = 3;
  const auto left = link_.ask<wire::LeaveGroupRequest, wire::LeaveGroupResponse>(self, request, kManyMembersFrom);
  static_cast<void>(left.has_value());  // the session's end does the same
  member_id_.clear();
  generation_ = -1;
  assignment_.clear();
}

}  // namespace gregor::client
