#include "client/admin.h"

#include <algorithm>

#include "client/list_offset.h"
#include "client/retried.h"
#include "wire/create_topics.h"
#include "wire/delete_topics.h"

namespace gregor::client {

namespace {

wire::CreateTopicsRequest request_of(const NewTopic& topic, std::int32_t timeout_ms) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = timeout_ms;
  request.validate_only = topic.validate_only;
  request.topics.push_back({.name = topic.name,
                            .num_partitions = topic.partition_count,
                            .replication_factor = topic.replication_factor,
                            .assignments = {},
                            .configs = {}});
  for (const auto& [name, value] : topic.configs) request.topics[0].configs.push_back({.name = name, .value = value});
  return request;
}

}  // namespace

Outcome<TopicId> Admin::create_topic(env::Fiber& self, const NewTopic& topic) {
  const auto timeout_ms = static_cast<std::int32_t>(cluster_.settings().link.request_timeout.count());
  const wire::CreateTopicsRequest request = request_of(topic, timeout_ms);
  cluster_.forget(topic.name);
  return retried(self, cluster_, [&](Connection& link) -> Outcome<TopicId> {
    auto reply = link.ask<wire::CreateTopicsRequest, wire::CreateTopicsResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    if (reply->body.topics.empty()) return failed(Errc::malformed, "CreateTopics: an empty answer", Fate::unknown);
    const auto& answer = reply->body.topics[0];
    if (answer.error_code != 0) {
      return answered(wire::error_code_of(answer.error_code), std::string(answer.error_message.value_or("")));
    }
    return answer.topic_id;
  });
}

Outcome<void> Admin::delete_topic(env::Fiber& self, const std::string& name) {
  wire::DeleteTopicsRequest request;
  request.timeout_ms = static_cast<std::int32_t>(cluster_.settings().link.request_timeout.count());
  cluster_.forget(name);
  return retried(self, cluster_, [&](Connection& link) -> Outcome<void> {
    constexpr std::int16_t kFirstVersionWithStates = 6;
    CLIENT_TRY_ASSIGN(const std::int16_t version,
                      link.version_of(wire::ApiKey::delete_topics, wire::DeleteTopicsRequest::kVersionMin,
                                      wire::DeleteTopicsRequest::kVersionMax));
    request.topics.clear();
    request.topic_names.clear();
    if (version >= kFirstVersionWithStates) {
      request.topics.push_back({.name = name});
    } else {
      request.topic_names.push_back(name);
    }
    auto reply = link.ask<wire::DeleteTopicsRequest, wire::DeleteTopicsResponse>(self, request);
    if (!reply) return passed_on(std::move(reply.error()));
    if (reply->body.responses.empty()) return failed(Errc::malformed, "DeleteTopics: an empty answer", Fate::unknown);
    const auto& answer = reply->body.responses[0];
    if (answer.error_code != 0) {
      return answered(wire::error_code_of(answer.error_code), std::string(answer.error_message.value_or("")));
    }
    return {};
  });
}

Outcome<std::vector<TopicMetadata>> Admin::list_topics(env::Fiber& self) {
  return retried(self, cluster_, [&](Connection&) -> Outcome<std::vector<TopicMetadata>> {
    CLIENT_TRY_ASSIGN(Cluster::Refreshed refreshed, cluster_.refresh(self, nullptr, false));
    return std::move(refreshed.topics);
  });
}

Outcome<TopicMetadata> Admin::describe_topic(env::Fiber& self, const std::string& name) {
  const std::vector<std::string> names{name};
  auto refreshed = retried(self, cluster_, [&](Connection&) { return cluster_.refresh(self, &names, false); });
  if (!refreshed) return passed_on(std::move(refreshed.error()));
  if (const auto error = refreshed->errors.find(name); error != refreshed->errors.end()) {
    return answered(error->second, "topic " + name);
  }
  if (refreshed->topics.empty()) return answered(wire::ErrorCode::unknown_topic_or_partition, "topic " + name);
  return std::move(refreshed->topics.front());
}

Outcome<FoundOffset> Admin::list_offset(env::Fiber& self, const std::string& topic, PartitionIndex partition,
                                        std::int64_t timestamp_ms) {
  return client::list_offset(self, cluster_, topic, partition, timestamp_ms,
                             cluster_.deadline_in(cluster_.settings().api_timeout));
}

}  // namespace gregor::client
