// DescribeGroups, v0-v6: state, protocol and members of classic groups. v3 what the client may do with each, v4 static
// members, v6 GROUP_ID_NOT_FOUND for a group that is not, which is a Dead one before. Errors per group besides: those
// of group_request.h. Suspends.
#include "broker/api/group_request.h"
#include "broker/api/handlers.h"
#include "wire/describe_groups.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kOperationsFrom = 3;

group::DescribedGroup describe_group(env::Fiber& self, Request& request, std::string_view group_id) {
  auto reply = ask_group_for<group::DescribeReply>(
      self, request, group_id, [group_id](group::GroupMachine& groups, const group::Caller& caller, group::Now) {
        return groups.describe_groups(caller, std::span(&group_id, 1));
      });
  if (reply && !reply->groups.empty()) return std::move(reply->groups.front());
  group::DescribedGroup unknown;
  unknown.error = reply ? wire::ErrorCode::unknown_server_error : reply.error();
  unknown.group_id = group_id;
  return unknown;
}

}  // namespace

Result<Reply> describe_groups(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeGroupsRequest>());
  TRY(check_partition_count(asked.groups.size()));
  const auto reply = std::make_shared<group::DescribeReply>();
  for (const std::string_view group_id : asked.groups) reply->groups.push_back(describe_group(self, request, group_id));
  wire::DescribeGroupsResponse response = group::to_wire(*reply);
  const bool tells_operations = request.version() >= kOperationsFrom && asked.include_authorized_operations;
  for (auto& group : response.groups) {
    if (tells_operations && group.error_code == 0) group.authorized_operations = kAllGroupOperations;
  }
  return request.answer(response, {reply});
}

}  // namespace gregor::broker::api
