// SyncGroup, v0-v5: the leader of a generation brings what each member is to do, every member takes its part.
// Suspends until the leader's came. Errors: INVALID_GROUP_ID, INCONSISTENT_GROUP_PROTOCOL, UNKNOWN_MEMBER_ID,
// ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID; those of group_request.h.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "group/group_id.h"
#include "wire/sync_group.h"

namespace gregor::broker::api {

Result<Reply> sync_group(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::SyncGroupRequest>());
  group::SyncReply answer{.error = group::refusal_of_sync(asked, request.version()),
                          .protocol_type = {},
                          .protocol_name = {},
                          .assignment = {}};
  if (answer.error == wire::ErrorCode::none) {
    auto reply = ask_group_for<group::SyncReply>(self, request, asked.group_id,
                                                 [asked](group::GroupMachine& groups, const group::Caller& caller,
                                                         group::Now now) { return groups.sync(caller, asked, now); });
    reply ? void(answer = std::move(*reply)) : void(answer.error = reply.error());
  }
  const auto kept = std::make_shared<const group::SyncReply>(std::move(answer));
  return request.answer(group::to_wire(*kept), {kept});
}

}  // namespace gregor::broker::api
