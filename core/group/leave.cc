// Heartbeat v0-v4 and LeaveGroup v0-v5: staying and going.  (KIP-62, KIP-345)
// Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS.
#include "base/mutant.h"
#include "group/machine_body.h"

namespace gregor::group {
namespace {

constexpr std::int16_t kManyMembersSince = 3;

ErrorCode check_heartbeat(const ClassicGroup* group, const wire::HeartbeatRequest& request) {
  if (group == nullptr) return ErrorCode::unknown_member_id;
  const ErrorCode error = group->check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::none) return error;
  return request.generation_id == group->generation ? ErrorCode::none : ErrorCode::illegal_generation;
}

/// The member that `identity` means, pending ones included. An administrator names static members by instance alone.
tl::expected<std::string, ErrorCode> member_meant(const ClassicGroup& group,
                                                  const wire::LeaveGroupRequest::MemberIdentity& identity) {
  if (identity.member_id.empty()) {
    const auto holder = identity.group_instance_id ? group.static_members.find(*identity.group_instance_id)
                                                   : group.static_members.end();
    if (holder == group.static_members.end()) return tl::unexpected(ErrorCode::unknown_member_id);
    return holder->second;
  }
  if (!group.is_pending(identity.member_id)) {
    const ErrorCode error = group.check_member(identity.member_id, identity.group_instance_id);
    if (error != ErrorCode::none) return tl::unexpected(error);
  }
  return std::string(identity.member_id);
}

}  // namespace

Outcome GroupMachine::heartbeat(const Caller& caller, const wire::HeartbeatRequest& request, Now now) {
  Outcome out;
  const Body::Step step{now, out};
  const ClassicGroup* group = body_->find(request.group_id);
  ErrorCode error = check_heartbeat(group, request);
  if (error == ErrorCode::none) {
    body_->start_session(*group, *group->find(request.member_id), step);
    if (group->state == GroupState::preparing_rebalance) error = ErrorCode::rebalance_in_progress;
  }
  step.answer(caller.token, HeartbeatReply{.error = error});
  return out;
}

Outcome GroupMachine::leave(const Caller& caller, const wire::LeaveGroupRequest& request, Now now) {
  Outcome out;
  const Body::Step step{now, out};
  std::vector<wire::LeaveGroupRequest::MemberIdentity> leaving = request.members;
  if (caller.api_version < kManyMembersSince) leaving = {{.member_id = request.member_id}};

  ClassicGroup* group = body_->find(request.group_id);
  LeaveReply reply;
  bool any_left = false;
  for (const auto& identity : leaving) {
    LeftMember left{.member_id = std::string(identity.member_id)};
    if (identity.group_instance_id) left.group_instance_id = std::string(*identity.group_instance_id);
    const auto member_id =
        group == nullptr ? tl::unexpected(ErrorCode::unknown_member_id) : member_meant(*group, identity);
    if (member_id) {
      body_->drop_member(*group, *member_id, step);
      any_left = true;
    } else {
      left.error = member_id.error();
    }
    reply.members.push_back(std::move(left));
  }
  if (any_left && group->state != GroupState::empty) body_->rebalance_or_complete(*group, step);
  step.answer(caller.token, std::move(reply));
  return out;
}

}  // namespace gregor::group
