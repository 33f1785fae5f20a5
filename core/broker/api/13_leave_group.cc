// LeaveGroup, v0-v5: members leave a classic group: the sender below v3, any of them from v3 on (KIP-345).
// Errors: INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID for each member; those of group_request.h. Suspends.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "group/group_id.h"
#include "wire/leave_group.h"

namespace gregor::broker::api {

Result<Reply> leave_group(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::LeaveGroupRequest>());
  group::LeaveReply answer{.error = group::refusal_of_group_id(asked.group_id), .members = {}};
  if (answer.error == wire::ErrorCode::none) {
    auto reply = ask_group_for<group::LeaveReply>(self, request, asked.group_id,
                                                  [asked](group::GroupMachine& groups, const group::Caller& caller,
                                                          group::Now now) { return groups.leave(caller, asked, now); });
    reply ? void(answer = std::move(*reply)) : void(answer.error = reply.error());
  }
  return request.answer(group::to_wire(answer, request.version()));
}

}  // namespace gregor::broker::api
