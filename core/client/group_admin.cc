#include "client/group_admin.h"

#include <algorithm>

#include "wire/delete_groups.h"
#include "wire/describe_groups.h"
#include "wire/list_groups.h"

namespace gregor::client {
namespace {

constexpr const char* kConsumerProtocol = "consumer";

GroupMemberDescription described(const wire::DescribeGroupsResponse::DescribedGroupMember& member, bool is_consumer) {
  GroupMemberDescription description;
  description.member_id = member.member_id;
  if (member.group_instance_id) description.instance_id = std::string(*member.group_instance_id);
  description.client_id = member.client_id;
  description.client_host = member.client_host;
  if (!is_consumer) return description;
  if (auto assignment = decode_assignment(member.member_assignment)) description.assignment = std::move(*assignment);
  return description;
}

}  // namespace

/// Asks the group's coordinator until it answers or the time is up. `attempt` takes a GroupLink.
template <class Attempt>
auto GroupAdmin::retried(env::Fiber& self, const std::string& group_id, Attempt attempt) {
  GroupLink link(cluster_, group_id, cluster_.settings().link.request_timeout);
  const MonotonicTime deadline = cluster_.deadline_in(cluster_.settings().api_timeout);
  Backoff waits = cluster_.backoff();
  for (;;) {
    auto outcome = attempt(link);
    if (outcome || !is_retriable(outcome.error())) return outcome;
    link.learn_from(outcome.error().code);
    if (outcome.error().code == wire::ErrorCode::unknown_topic_or_partition) return outcome;
    if (!cluster_.back_off(self, waits, deadline)) return outcome;
  }
}

Outcome<std::vector<GroupListing>> GroupAdmin::list_of(env::Fiber& self, NodeId broker) {
  CLIENT_TRY_ASSIGN(const auto link, cluster_.link_to(self, broker));
  CLIENT_TRY_ASSIGN(const auto reply, (link->ask<wire::ListGroupsRequest, wire::ListGroupsResponse>(self, {})));
  if (reply.body.error_code != 0) return answered(wire::error_code_of(reply.body.error_code), "ListGroups");
  std::vector<GroupListing> groups;
  for (const auto& group : reply.body.groups) {
    groups.push_back({std::string(group.group_id), std::string(group.protocol_type), std::string(group.group_state),
                      std::string(group.group_type)});
  }
  return groups;
}

Outcome<std::vector<GroupListing>> GroupAdmin::list(env::Fiber& self) {
  const std::vector<std::string> no_topics;
  CLIENT_TRY_ASSIGN(const Cluster::Refreshed refreshed, cluster_.refresh(self, &no_topics, false));
  const MonotonicTime deadline = cluster_.deadline_in(cluster_.settings().api_timeout);
  std::vector<GroupListing> all;
  for (const BrokerMetadata& broker : std::vector<BrokerMetadata>(cluster_.brokers())) {
    Backoff waits = cluster_.backoff();
    auto groups = list_of(self, broker.node_id);
    while (!groups && is_retriable(groups.error()) && cluster_.back_off(self, waits, deadline)) {
      groups = list_of(self, broker.node_id);
    }
    if (!groups) return groups;
    all.insert(all.end(), groups->begin(), groups->end());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const GroupListing& a, const GroupListing& b) { return a.group_id < b.group_id; });
  return all;
}

Outcome<GroupDescription> GroupAdmin::describe(env::Fiber& self, const std::string& group_id) {
  return retried(self, group_id, [&](GroupLink& link) -> Outcome<GroupDescription> {
    wire::DescribeGroupsRequest request;
    request.groups.push_back(group_id);
    CLIENT_TRY_ASSIGN(const auto reply,
                      (link.ask<wire::DescribeGroupsRequest, wire::DescribeGroupsResponse>(self, request)));
    if (reply.body.groups.empty()) return failed(Errc::malformed, "DescribeGroups: an empty answer");
    const auto& group = reply.body.groups.front();
    if (group.error_code != 0) {
      return answered(wire::error_code_of(group.error_code), std::string(group.error_message.value_or("")));
    }
    GroupDescription description{std::string(group.group_id),
                                 std::string(group.group_state),
                                 std::string(group.protocol_type),
                                 std::string(group.protocol_data),
                                 {}};
    for (const auto& member : group.members) {
      description.members.push_back(described(member, group.protocol_type == kConsumerProtocol));
    }
    return description;
  });
}

Outcome<void> GroupAdmin::remove(env::Fiber& self, const std::string& group_id) {
  return retried(self, group_id, [&](GroupLink& link) -> Outcome<void> {
    wire::DeleteGroupsRequest request;
    request.groups_names.push_back(group_id);
    CLIENT_TRY_ASSIGN(const auto reply,
                      (link.ask<wire::DeleteGroupsRequest, wire::DeleteGroupsResponse>(self, request)));
    if (reply.body.results.empty()) return failed(Errc::malformed, "DeleteGroups: an empty answer");
    const std::int16_t code = reply.body.results.front().error_code;
    if (code != 0) return answered(wire::error_code_of(code), "group " + group_id);
    return {};
  });
}

Outcome<std::vector<CommittedOffset>> GroupAdmin::offsets(env::Fiber& self, const std::string& group_id) {
  return retried(self, group_id, [&](GroupLink& link) { return fetch_committed(self, link, nullptr); });
}

Outcome<void> GroupAdmin::set_offsets(env::Fiber& self, const std::string& group_id,
                                      const std::vector<CommittedOffset>& offsets) {
  return retried(self, group_id, [&](GroupLink& link) { return commit_offsets(self, link, {}, offsets); });
}

}  // namespace gregor::client
