// DeleteTopics, v1-v6: by name, from v6 on by id too, so that a topic made anew under the same name is not hit.
// (KIP-516) Errors per topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INVALID_REQUEST, TOPIC_DELETION_DISABLED
// (below v3 INVALID_REQUEST); REQUEST_TIMED_OUT while the node stops. Suspends until the deletion is committed and
// visible here.
#include "broker/api/handlers.h"
#include "wire/delete_topics.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kStatesFrom = 6;
constexpr std::int16_t kDisabledFrom = 3;
constexpr std::int16_t kMessagesFrom = 5;

metadata::DeleteTopics owned(const wire::DeleteTopicsRequest& asked, std::int16_t version) {
  metadata::DeleteTopics request;
  if (version >= kStatesFrom) {
    for (const auto& topic : asked.topics) {
      request.topics.push_back(
          {.name = topic.name ? std::optional<std::string>(*topic.name) : std::nullopt, .id = topic.topic_id});
    }
  } else {
    for (const std::string_view name : asked.topic_names)
      request.topics.push_back({.name = std::string(name), .id = {}});
  }
  return request;
}

std::vector<metadata::DeletedTopic> all_with(const metadata::DeleteTopics& request, wire::ErrorCode error) {
  std::vector<metadata::DeletedTopic> topics;
  for (const auto& topic : request.topics) topics.push_back({.name = topic.name, .id = topic.id, .error = error});
  return topics;
}

std::vector<metadata::DeletedTopic> perform(env::Fiber& self, Request& request,
                                            const metadata::DeleteTopics& owned_request) {
  if (!request.shard.config().delete_topic_enable) {
    return all_with(owned_request, request.version() < kDisabledFrom ? wire::ErrorCode::invalid_request
                                                                     : wire::ErrorCode::topic_deletion_disabled);
  }
  auto deleted = request.shard.core.controller->delete_topics(self, request.shard.feed, owned_request);
  return deleted ? std::move(*deleted) : all_with(owned_request, refusal_of(request, deleted.error()));
}

}  // namespace

Result<Reply> delete_topics(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DeleteTopicsRequest>());
  const auto topics = perform(self, request, owned(asked, request.version()));
  wire::DeleteTopicsResponse response;
  for (const metadata::DeletedTopic& topic : topics) {
    wire::DeleteTopicsResponse::DeletableTopicResult result{.name = topic.name, .error_code = code(topic.error)};
    if (request.version() >= kStatesFrom) result.topic_id = topic.id;
    if (request.version() >= kMessagesFrom) result.error_message = topic.error_message;
    response.responses.push_back(std::move(result));
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
