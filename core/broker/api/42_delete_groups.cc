// DeleteGroups, v0-v2: groups without members go, with their offsets.
// Errors per group: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP; those of group_request.h. Suspends.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "wire/delete_groups.h"

namespace gregor::broker::api {
namespace {

group::DeletedGroup delete_group(env::Fiber& self, Request& request, std::string_view group_id) {
  auto reply = ask_group_for<group::DeleteGroupsReply>(
      self, request, group_id, [group_id](group::GroupMachine& groups, const group::Caller& caller, group::Now) {
        return groups.delete_groups(caller, std::span(&group_id, 1));
      });
  if (reply && !reply->groups.empty()) return std::move(reply->groups.front());
  return {.group_id = std::string(group_id), .error = reply ? wire::ErrorCode::unknown_server_error : reply.error()};
}

}  // namespace

Result<Reply> delete_groups(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DeleteGroupsRequest>());
  TRY(check_partition_count(asked.groups_names.size()));
  const auto reply = std::make_shared<group::DeleteGroupsReply>();
  for (const std::string_view group_id : asked.groups_names) {
    reply->groups.push_back(delete_group(self, request, group_id));
  }
  return request.answer(group::to_wire(*reply), {reply});
}

}  // namespace gregor::broker::api
