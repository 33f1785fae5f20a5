// AlterPartitionReassignments, v0-v1: other replicas for partitions, or none to take back what is under way (KIP-455;
// v1 may forbid that their number changes, KIP-860). Errors per partition: UNKNOWN_TOPIC_OR_PARTITION,
// INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, NO_REASSIGNMENT_IN_PROGRESS; of the request: NOT_CONTROLLER,
// REQUEST_TIMED_OUT while the node stops. Suspends until the change is committed; the replicas move after it.
#include "broker/api/handlers.h"
#include "metadata/node_ids.h"
#include "wire/alter_partition_reassignments.h"

namespace gregor::broker::api {
namespace {

metadata::AlterReassignments owned(const wire::AlterPartitionReassignmentsRequest& asked) {
  metadata::AlterReassignments request{.topics = {},
                                       .allow_replication_factor_change = asked.allow_replication_factor_change};
  for (const auto& topic : asked.topics) {
    auto& named = request.topics.emplace_back();
    named.name = std::string(topic.name);
    for (const auto& partition : topic.partitions) {
      auto& wanted = named.partitions.emplace_back();
      wanted.index = partition.partition_index;
      if (partition.replicas) wanted.replicas = metadata::nodes_of(*partition.replicas);
    }
  }
  return request;
}

}  // namespace

Result<Reply> alter_partition_reassignments(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AlterPartitionReassignmentsRequest>());
  const auto altered = request.shard.core.controller->alter_reassignments(self, request.shard.feed, owned(asked));
  wire::AlterPartitionReassignmentsResponse response;
  response.allow_replication_factor_change = asked.allow_replication_factor_change;
  response.error_message = std::nullopt;
  if (!altered) {
    response.error_code = code(refusal_of(request, altered.error()));
    response.error_message = altered.error().text;
    return request.answer(response);
  }
  for (const metadata::AlteredReassignments& topic : *altered) {
    auto& answered = response.responses.emplace_back();
    answered.name = topic.topic;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back({.partition_index = partition.index,
                                     .error_code = code(partition.error),
                                     .error_message = partition.error_message});
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
