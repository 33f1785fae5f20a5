// ListPartitionReassignments, v0: whose replicas are moving, of all partitions or of those named (KIP-455).
// Errors: NOT_CONTROLLER; REQUEST_TIMED_OUT while the node stops. Suspends: the controller is asked.
#include "broker/api/handlers.h"
#include "metadata/node_ids.h"
#include "wire/list_partition_reassignments.h"

namespace gregor::broker::api {
namespace {

std::optional<std::vector<metadata::AskedReassignments>> owned(const wire::ListPartitionReassignmentsRequest& asked) {
  if (!asked.topics) return std::nullopt;
  std::vector<metadata::AskedReassignments> topics;
  for (const auto& topic : *asked.topics) topics.push_back({std::string(topic.name), topic.partition_indexes});
  return topics;
}

}  // namespace

Result<Reply> list_partition_reassignments(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ListPartitionReassignmentsRequest>());
  const auto ongoing = request.shard.core.controller->list_reassignments(self, request.shard.feed, owned(asked));
  wire::ListPartitionReassignmentsResponse response;
  response.error_message = std::nullopt;
  if (!ongoing) {
    response.error_code = code(refusal_of(request, ongoing.error()));
    response.error_message = ongoing.error().text;
    return request.answer(response);
  }
  for (const metadata::OngoingReassignments& topic : *ongoing) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.topic;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back({.partition_index = partition.index,
                                     .replicas = metadata::ids_of(partition.replicas),
                                     .adding_replicas = metadata::ids_of(partition.adding),
                                     .removing_replicas = metadata::ids_of(partition.removing)});
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
