// JoinGroup, v0-v9: become a member of a classic group, or take part in its next generation. (KIP-62, 345, 394, 429,
// 814) v1 a rebalance timeout of its own, v4 MEMBER_ID_REQUIRED with the id to come back with, v5 static members, v9
// the leader may be told to skip the assignment. Suspends until the group's rebalance completes. Errors: those of the
// group machine (group/machine.h) and of the way there (group_request.h); INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "group/group_id.h"
#include "wire/join_group.h"

namespace gregor::broker::api {

Result<Reply> join_group(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::JoinGroupRequest>());
  wire::ErrorCode refusal = group::refusal_of_join(asked, request.shard.groups->settings());
  if (refusal == wire::ErrorCode::none) {
    const Uuid fresh_id = request.shard.groups->draw_member_id();
    auto reply = ask_group_for<group::JoinReply>(
        self, request, asked.group_id,
        [asked, fresh_id](group::GroupMachine& groups, const group::Caller& caller, group::Now now) {
          return groups.join(caller, asked, fresh_id, now);
        });
    if (reply) {
      const auto kept = std::make_shared<const group::JoinReply>(std::move(*reply));
      return request.answer(group::to_wire(*kept, request.version()), {kept});
    }
    refusal = reply.error();
  }
  const group::JoinReply refused = group::failed_join(refusal, asked.member_id);
  return request.answer(group::to_wire(refused, request.version()));
}

}  // namespace gregor::broker::api
