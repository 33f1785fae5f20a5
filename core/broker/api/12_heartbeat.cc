// Heartbeat, v0-v4: a member of a classic group lives, and asks whether the group rebalances.
// While the group is being loaded the answer is "all is well": nothing is known to the contrary. Errors:
// INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID; those of
// group_request.h. Suspends.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "group/group_id.h"
#include "wire/heartbeat.h"

namespace gregor::broker::api {

Result<Reply> heartbeat(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::HeartbeatRequest>());
  group::HeartbeatReply answer{.error = group::refusal_of_group_id(asked.group_id)};
  if (answer.error == wire::ErrorCode::none) {
    const auto reply =
        ask_group_for<group::HeartbeatReply>(self, request, asked.group_id,
                                             [asked](group::GroupMachine& groups, const group::Caller& caller,
                                                     group::Now now) { return groups.heartbeat(caller, asked, now); });
    answer.error = reply ? reply->error : reply.error();
    if (!reply && reply.error() == wire::ErrorCode::coordinator_load_in_progress) answer.error = wire::ErrorCode::none;
  }
  return request.answer(group::to_wire(answer));
}

}  // namespace gregor::broker::api
