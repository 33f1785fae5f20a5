// CreatePartitions, v0-v3: more partitions for topics that are there; never fewer (KIP-195). v2 and v3 as v0.
// Errors per topic: INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR,
// UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST (named twice), POLICY_VIOLATION; REQUEST_TIMED_OUT while the node stops.
// Suspends until the partitions are committed and visible here.
#include "broker/api/handlers.h"
#include "wire/create_partitions.h"

namespace gregor::broker::api {
namespace {

metadata::CreatePartitions owned(const wire::CreatePartitionsRequest& asked) {
  metadata::CreatePartitions request{.topics = {}, .validate_only = asked.validate_only};
  for (const auto& topic : asked.topics) {
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic.name;
    wanted.count = topic.count;
    if (!topic.assignments) continue;
    wanted.assignments.emplace();
    for (const auto& assignment : *topic.assignments) {
      auto& replicas = wanted.assignments->emplace_back();
      for (const std::int32_t broker : assignment.broker_ids) replicas.emplace_back(broker);
    }
  }
  return request;
}

}  // namespace

Result<Reply> create_partitions(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::CreatePartitionsRequest>());
  const auto created = request.shard.core.controller->create_partitions(self, request.shard.feed, owned(asked));
  wire::CreatePartitionsResponse response;
  if (!created) {
    const wire::ErrorCode refusal = refusal_of(request, created.error());
    for (const auto& topic : asked.topics) {
      response.results.push_back({.name = topic.name, .error_code = code(refusal)});
    }
    return request.answer(response);
  }
  for (const metadata::CreatedPartitions& topic : *created) {
    response.results.push_back(
        {.name = topic.name, .error_code = code(topic.error), .error_message = topic.error_message});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
