// JoinGroup v0-v9: who may come in, under which id, and whether that makes the group rebalance.  (KIP-134, 345, 394,
// 814) Errors: INCONSISTENT_GROUP_PROTOCOL, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, MEMBER_ID_REQUIRED,
// GROUP_MAX_SIZE_REACHED.
#include <array>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "group/machine_body.h"
#include "group/stored_record.h"
#include "group/wire_reply.h"

namespace gregor::group {
namespace {

constexpr std::int16_t kMemberIdRequiredSince = 4;
constexpr std::int16_t kSkipAssignmentSince = 9;

/// 8-4-4-4-12 digits, as Java prints a UUID.
std::string hex_text(Uuid id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::byte, 16> bytes;
  id.to_bytes(bytes.data());
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
    text += kDigits[std::to_integer<unsigned>(bytes[at]) >> 4U];
    text += kDigits[std::to_integer<unsigned>(bytes[at]) & 0xfU];
  }
  return text;
}

std::string new_member_id(const Caller& caller, const wire::JoinGroupRequest& request, Uuid fresh_id) {
  return std::string(request.group_instance_id.value_or(caller.client_id)) + "-" + hex_text(fresh_id);
}

std::vector<Protocol> protocols_in(const wire::JoinGroupRequest& request) {
  std::vector<Protocol> protocols;
  protocols.reserve(request.protocols.size());
  for (const auto& asked : request.protocols) {
    protocols.push_back(
        {.name = std::string(asked.name), .metadata = ByteBuffer(asked.metadata.begin(), asked.metadata.end())});
  }
  return protocols;
}

bool supported(const ClassicGroup& group, const wire::JoinGroupRequest& request) {
  std::vector<std::string_view> names;
  names.reserve(request.protocols.size());
  for (const auto& asked : request.protocols) names.push_back(asked.name);
  return group.supports(request.protocol_type, names);
}

/// Version 0 has no rebalance timeout: the session's is taken.
Milliseconds rebalance_timeout_of(const Caller& caller, const wire::JoinGroupRequest& request) {
  return Milliseconds(caller.api_version == 0 ? request.session_timeout_ms : request.rebalance_timeout_ms);
}

}  // namespace

JoinReply join_reply(const ClassicGroup& group, const Member& member, bool with_members) {
  JoinReply reply{.generation = group.generation,
                  .protocol_type = group.protocol_type,
                  .protocol_name = group.protocol,
                  .leader = group.leader.value_or(""),
                  .member_id = member.member_id};
  if (!with_members) return reply;
  reply.members.reserve(group.members.size());
  for (const auto& [id, each] : group.members) {
    const ByteBuffer* metadata = group.protocol ? each.metadata_for(*group.protocol) : nullptr;
    reply.members.push_back({each.member_id, each.group_instance_id, metadata == nullptr ? ByteBuffer{} : *metadata});
  }
  return reply;
}

void GroupMachine::Body::Joining::refuse(ErrorCode error, std::string_view member_id) const {
  step.answer(caller.token, failed_join(error, member_id));
}

Outcome GroupMachine::join(const Caller& caller, const wire::JoinGroupRequest& request, Uuid fresh_id, Now now) {
  Outcome out;
  body_->join({caller, request, fresh_id, Body::Step{now, out}});
  return out;
}

void GroupMachine::Body::join(const Joining& joining) {
  const wire::JoinGroupRequest& request = joining.request;
  if (others.contains(request.group_id)) return joining.refuse(ErrorCode::inconsistent_group_protocol, "");
  ClassicGroup* group = find(request.group_id);
  const bool is_new = group == nullptr;
  if (is_new) {
    if (!request.member_id.empty()) return joining.refuse(ErrorCode::unknown_member_id, request.member_id);
    if (request.protocol_type.empty() || request.protocols.empty())
      return joining.refuse(ErrorCode::inconsistent_group_protocol, "");
    group = &create(request.group_id, joining.step.now.wall);
  }
  if (!accepts(*group, request.member_id)) {
    joining.refuse(ErrorCode::group_max_size_reached, "");
    drop_member(*group, std::string(request.member_id), joining.step);
    return maybe_complete_join(*group, joining.step);
  }
  request.member_id.empty() ? join_new(*group, joining) : join_again(*group, joining);
  if (is_new && joining.step.out.records.empty()) joining.step.out.records.push_back(new_group_record(*group));
}

/// In the join phase those count who have joined, so that the last to come back are the ones turned away.
bool GroupMachine::Body::accepts(const ClassicGroup& group, std::string_view member_id) const {
  const auto members_max = static_cast<std::size_t>(settings.members_max);
  const Member* member = group.find(member_id);
  switch (group.state) {
    case GroupState::empty:
      return member_id.empty() ? group.pending_joins.size() < kPendingJoinsMax : true;
    case GroupState::preparing_rebalance:
      return (member != nullptr && member->awaiting_join) || group.awaiting_joins < members_max;
    case GroupState::completing_rebalance:
    case GroupState::stable:
      return member != nullptr || group.members.size() < members_max;
  }
  return false;
}

void GroupMachine::Body::join_new(ClassicGroup& group, const Joining& joining) {
  if (!supported(group, joining.request)) return joining.refuse(ErrorCode::inconsistent_group_protocol, "");
  const std::string member_id = new_member_id(joining.caller, joining.request, joining.fresh_id);
  if (joining.request.group_instance_id) {
    const auto holder = group.static_members.find(*joining.request.group_instance_id);
    if (holder == group.static_members.end()) return add_member(group, member_id, joining);
    const std::string old_member_id = holder->second;
    return replace_static(group, old_member_id, MUTANT(static_member_never_fenced) ? old_member_id : member_id,
                          joining);
  }
  if (joining.caller.api_version < kMemberIdRequiredSince) return add_member(group, member_id, joining);
  ask_to_return(group, member_id, joining);
}

/// KIP-394: the id first, so that a client that never hears of its membership leaves no member behind.
void GroupMachine::Body::ask_to_return(ClassicGroup& group, const std::string& member_id, const Joining& joining) {
  if (group.pending_joins.size() >= kPendingJoinsMax) return joining.refuse(ErrorCode::group_max_size_reached, "");
  group.pending_joins.insert(member_id);
  if (!MUTANT(pending_members_never_expire)) {
    timers.set(session_of(group, member_id),
               joining.step.now.monotonic + Milliseconds(joining.request.session_timeout_ms));
  }
  joining.refuse(ErrorCode::member_id_required, member_id);
}

void GroupMachine::Body::join_again(ClassicGroup& group, const Joining& joining) {
  const wire::JoinGroupRequest& request = joining.request;
  if (!supported(group, request)) return joining.refuse(ErrorCode::inconsistent_group_protocol, request.member_id);
  if (group.is_pending(request.member_id)) {
    // Static members are never pending: Kafka has no better word for this than an internal error.
    if (request.group_instance_id) return joining.refuse(ErrorCode::unknown_server_error, request.member_id);
    return add_member(group, std::string(request.member_id), joining);
  }
  const ErrorCode error = group.check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::none) return joining.refuse(error, request.member_id);

  Member& member = *group.find(request.member_id);
  switch (group.state) {
    case GroupState::empty:
      return joining.refuse(ErrorCode::unknown_member_id, request.member_id);
    case GroupState::preparing_rebalance:
      update_member(group, member, joining);
      return maybe_complete_join(group, joining.step);
    case GroupState::completing_rebalance:
    case GroupState::stable:
      return rejoin_settled(group, member, joining);
  }
}

/// A member of the present generation joins again: told what it missed, unless something changed. A leader in a stable
/// group rejoins because something changed that we cannot see, such as a topic's partitions.
void GroupMachine::Body::rejoin_settled(ClassicGroup& group, Member& member, const Joining& joining) {
  const bool leads = group.is_leader(member.member_id);
  const bool missed_an_answer = member.protocols == protocols_in(joining.request);
  if (missed_an_answer && !(group.state == GroupState::stable && leads)) {
    return joining.step.answer(joining.caller.token, join_reply(group, member, leads));
  }
  update_member(group, member, joining);
  prepare_rebalance(group, joining.step);
}

void GroupMachine::Body::update_member(ClassicGroup& group, Member& member, const Joining& joining) {
  group.set_protocols(member, protocols_in(joining.request));
  member.rebalance_timeout = rebalance_timeout_of(joining.caller, joining.request);
  member.session_timeout = Milliseconds(joining.request.session_timeout_ms);
  if (const auto former = group.take_join(member)) {
    // The client asks again over another connection: the first answer would reach nobody.
    joining.step.answer(*former, failed_join(ErrorCode::rebalance_in_progress, member.member_id));
  }
  group.park_join(member, joining.caller.token);
}

void GroupMachine::Body::add_member(ClassicGroup& group, const std::string& member_id, const Joining& joining) {
  const wire::JoinGroupRequest& request = joining.request;
  Member member{.member_id = member_id,
                .client_id = std::string(joining.caller.client_id),
                .client_host = std::string(joining.caller.client_host),
                .rebalance_timeout = rebalance_timeout_of(joining.caller, request),
                .session_timeout = Milliseconds(request.session_timeout_ms),
                .protocols = protocols_in(request),
                .awaiting_join = joining.caller.token,
                .is_new = true};
  if (request.group_instance_id) member.group_instance_id = std::string(*request.group_instance_id);
  if (group.state == GroupState::preparing_rebalance && group.previous_state == GroupState::empty)
    group.new_member_added = true;
  group.add(std::move(member), request.protocol_type);
  timers.set(session_of(group, member_id), joining.step.now.monotonic + kNewMemberJoinTimeout);
  rebalance_or_complete(group, joining.step);
}

/// KIP-345: a static member has restarted without its member id. Its old self is fenced; the group goes on if it can.
void GroupMachine::Body::replace_static(ClassicGroup& group, const std::string& old_member_id,
                                        const std::string& new_member_id, const Joining& joining) {
  const std::string old_leader = group.leader.value_or("");
  Member& old_self = *group.find(old_member_id);
  if (const auto parked = group.take_join(old_self)) {
    joining.step.answer(*parked, failed_join(ErrorCode::fenced_instance_id, old_member_id));
  }
  if (const auto parked = std::exchange(old_self.awaiting_sync, std::nullopt)) {
    joining.step.answer(*parked, failed_sync(ErrorCode::fenced_instance_id));
  }
  timers.cancel(session_of(group, old_member_id));
  Member& member = group.rename_static(old_member_id, new_member_id);
  update_member(group, member, joining);
  start_session(group, member, joining.step);

  if (group.state == GroupState::stable && group.protocol == group.select_protocol())
    return keep_static_in_place(group, member, old_leader, joining);
  // Between join and sync the leader has the old id in its hands, and would assign to it: everyone starts anew
  // (KAFKA-9801).
  if (group.state == GroupState::completing_rebalance && MUTANT(static_rejoin_keeps_round)) {
    const Token token = *group.take_join(member);
    return joining.step.answer(token, join_reply(group, member, group.is_leader(new_member_id)));
  }
  rebalance_or_complete(group, joining.step);
}

/// Same protocol, so the assignment stands: the new id is stored and told, nobody else notices. From v9 on the leader
/// gets the members to watch over, and is told not to assign (KIP-814); below, it hears its old id as leader's, and
/// does not.
void GroupMachine::Body::keep_static_in_place(ClassicGroup& group, Member& member, const std::string& old_leader,
                                              const Joining& joining) {
  const bool leads = group.is_leader(member.member_id);
  const bool can_skip = joining.caller.api_version >= kSkipAssignmentSince;
  JoinReply reply = join_reply(group, member, leads && can_skip);
  if (can_skip) {
    reply.skip_assignment = leads;
  } else {
    reply.leader = old_leader;
  }
  NewRecord record = group_record(group);
  if (append_bytes({&record, 1}) > settings.append_bytes_max) return prepare_rebalance(group, joining.step);
  group.note_subscriptions();
  joining.step.out.records.push_back(std::move(record));
  const auto token = group.take_join(member);
  CHECK(token.has_value());
  joining.step.answer(*token, std::move(reply));
}

}  // namespace gregor::group
