// ListGroups, v0-v5: the groups that this node coordinates. v4 those in some states, v5 those of some types.
// Errors: COORDINATOR_LOAD_IN_PROGRESS while one of its partitions is being loaded, others of group_request.h.
// Suspends.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "wire/list_groups.h"

namespace gregor::broker::api {

Result<Reply> list_groups(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ListGroupsRequest>());
  auto replies = ask_all_groups(self, request, [&asked]() -> GroupWork {
    return [asked](group::GroupMachine& groups, const group::Caller& caller, group::Now) {
      return groups.list_groups(caller, {.states = asked.states_filter, .types = asked.types_filter});
    };
  });
  wire::ListGroupsResponse response;
  if (!replies) {
    response.error_code = code(replies.error());
    return request.answer(response);
  }
  const auto kept = std::make_shared<std::vector<group::Reply>>(std::move(*replies));
  for (const group::Reply& reply : *kept) group::append_wire(response, std::get<group::ListReply>(reply));
  return request.answer(response, {kept});
}

}  // namespace gregor::broker::api
