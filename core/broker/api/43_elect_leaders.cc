// ElectLeaders, v0-v2: let the preferred replica lead, or (v1, KIP-460) any that lives where none is in sync.
// Without partitions all are meant, and only those answered that had an election. Errors per partition:
// ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION;
// INVALID_REQUEST for all (an unknown kind of election), REQUEST_TIMED_OUT while the node stops. Suspends until it is
// committed.
#include "broker/api/handlers.h"
#include "wire/elect_leaders.h"

namespace gregor::broker::api {
namespace {

using wire::ErrorCode;

metadata::ElectLeaders owned(const wire::ElectLeadersRequest& asked) {
  metadata::ElectLeaders request{.type = static_cast<metadata::ElectionType>(asked.election_type), .topics = {}};
  if (!asked.topic_partitions) return request;
  request.topics.emplace();
  for (const auto& topic : *asked.topic_partitions) {
    request.topics->push_back({.name = std::string(topic.topic), .partitions = topic.partitions});
  }
  return request;
}

Result<Reply> refuse(const Request& request, const wire::ElectLeadersRequest& asked, ErrorCode error,
                     const std::string& message) {
  wire::ElectLeadersResponse response;
  response.error_code = code(error);
  if (asked.topic_partitions) {
    for (const auto& topic : *asked.topic_partitions) {
      auto& answered = response.replica_election_results.emplace_back();
      answered.topic = topic.topic;
      for (const std::int32_t partition : topic.partitions) {
        answered.partition_result.push_back(
            {.partition_id = partition, .error_code = code(error), .error_message = message});
      }
    }
  }
  return request.answer(response);
}

}  // namespace

Result<Reply> elect_leaders(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ElectLeadersRequest>());
  if (asked.election_type < 0 || asked.election_type > 1) {
    return refuse(request, asked, ErrorCode::invalid_request,
                  "Unknown election type " + std::to_string(asked.election_type));
  }
  const auto elected = request.shard.core.controller->elect_leaders(self, request.shard.feed, owned(asked));
  if (!elected) return refuse(request, asked, refusal_of(request, elected.error()), elected.error().text);
  wire::ElectLeadersResponse response;
  for (const metadata::ElectedLeaders& topic : *elected) {
    auto& answered = response.replica_election_results.emplace_back();
    answered.topic = topic.topic;
    for (const auto& partition : topic.partitions) {
      answered.partition_result.push_back({.partition_id = partition.index,
                                           .error_code = code(partition.error),
                                           .error_message = partition.error_message});
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
