// SyncGroup v0-v5: the leader hands in everyone's assignment, everyone gets its own; then the generation is stored.
// Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, INCONSISTENT_GROUP_PROTOCOL,
// REBALANCE_IN_PROGRESS, UNKNOWN_SERVER_ERROR (the group is more than one record may hold).
#include <utility>

#include "base/mutant.h"
#include "group/machine_body.h"
#include "group/stored_record.h"
#include "group/wire_reply.h"

namespace gregor::group {
namespace {

SyncReply sync_reply(const ClassicGroup& group, const Member& member) {
  return {.error = ErrorCode::none,
          .protocol_type = group.protocol_type,
          .protocol_name = group.protocol,
          .assignment = member.assignment};
}

bool differ(const std::optional<std::string_view>& asked, const std::optional<std::string>& own) {
  return asked && own && *asked != *own;
}

ErrorCode check(const ClassicGroup* group, const wire::SyncGroupRequest& request) {
  if (group == nullptr || group->state == GroupState::empty) return ErrorCode::unknown_member_id;
  const ErrorCode error = group->check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::none) return error;
  if (request.generation_id != group->generation) return ErrorCode::illegal_generation;
  if (differ(request.protocol_type, group->protocol_type) || differ(request.protocol_name, group->protocol))
    return ErrorCode::inconsistent_group_protocol;
  return group->state == GroupState::preparing_rebalance ? ErrorCode::rebalance_in_progress : ErrorCode::none;
}

}  // namespace

Outcome GroupMachine::sync(const Caller& caller, const wire::SyncGroupRequest& request, Now now) {
  Outcome out;
  const Body::Step step{now, out};
  ClassicGroup* group = body_->find(request.group_id);
  if (const ErrorCode error = check(group, request); error != ErrorCode::none) {
    step.answer(caller.token, failed_sync(error));
    return out;
  }
  Member& member = *group->find(request.member_id);
  body_->note_synced(*group, request.member_id);
  if (group->state == GroupState::stable) {
    step.answer(caller.token, sync_reply(*group, member));
    return out;
  }
  if (const auto former = std::exchange(member.awaiting_sync, caller.token))
    step.answer(*former, failed_sync(ErrorCode::rebalance_in_progress));
  if (group->is_leader(request.member_id)) body_->take_assignments(*group, request, step);
  return out;
}

void GroupMachine::Body::note_synced(ClassicGroup& group, std::string_view member_id) {
  if (const auto at = group.pending_syncs.find(member_id); at != group.pending_syncs.end())
    group.pending_syncs.erase(at);
  if (group.pending_syncs.empty()) timers.cancel(sync_timer_of(group));
}

void GroupMachine::Body::take_assignments(ClassicGroup& group, const wire::SyncGroupRequest& request,
                                          const Step& step) {
  for (auto& [id, member] : group.members) member.assignment.clear();
  for (const auto& assigned : request.assignments) {
    if (Member* member = group.find(assigned.member_id))
      member->assignment.assign(assigned.assignment.begin(), assigned.assignment.end());
  }
  NewRecord record = group_record(group);
  if (append_bytes({&record, 1}) > settings.append_bytes_max) {
    spread_assignments(group, step, ErrorCode::unknown_server_error);
    return prepare_rebalance(group, step);
  }
  group.enter(GroupState::stable, step.now.wall);
  step.out.records.push_back(std::move(record));
  spread_assignments(group, step, ErrorCode::none);
}

/// Ends every parked SyncGroup: with the member's assignment, or with an error, which also takes all assignments back.
void GroupMachine::Body::spread_assignments(ClassicGroup& group, const Step& step, ErrorCode error) {
  for (auto& [id, member] : group.members) {
    if (error != ErrorCode::none) member.assignment.clear();
    const auto token = std::exchange(member.awaiting_sync, std::nullopt);
    if (!token) continue;
    step.answer(*token, error == ErrorCode::none ? sync_reply(group, member) : failed_sync(error));
    start_session(group, member, step);
  }
}

}  // namespace gregor::group
