// CreateTopics, v2-v7: new topics, or a check whether they could be made.
// From v5 on the answer lists every config of the new topic with its source (KIP-525), from v7 on its id (KIP-516).
// Errors per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR,
// INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG, INVALID_REQUEST, POLICY_VIOLATION; REQUEST_TIMED_OUT while the node
// stops. Suspends until the topics are committed and visible here.
#include "broker/api/handlers.h"
#include "config/describe.h"
#include "metadata/alter_configs.h"
#include "wire/arena.h"
#include "wire/create_topics.h"

namespace gregor::broker::api {
namespace {

using Config = wire::CreateTopicsResponse::CreatableTopicConfigs;

constexpr std::int16_t kDetailsFrom = 5;

metadata::CreateTopics owned(const wire::CreateTopicsRequest& asked) {
  metadata::CreateTopics request{.topics = {}, .validate_only = asked.validate_only};
  for (const auto& topic : asked.topics) {
    metadata::NewTopic made{.name = std::string(topic.name),
                            .num_partitions = topic.num_partitions,
                            .replication_factor = topic.replication_factor};
    for (const auto& assignment : topic.assignments) {
      auto& placed = made.assignments.emplace_back();
      placed.partition_index = assignment.partition_index;
      for (const std::int32_t broker : assignment.broker_ids) placed.broker_ids.emplace_back(broker);
    }
    for (const auto& config : topic.configs) {
      made.configs.emplace_back(config.name, config.value ? std::optional<std::string>(*config.value) : std::nullopt);
    }
    request.topics.push_back(std::move(made));
  }
  return request;
}

std::vector<Config> describe_settings(const Request& request, const metadata::CreatedTopic& topic, wire::Arena& arena) {
  const auto layers = metadata::broker_layers(*request.shard.image(), request.shard.core.config);
  const config::SettingMap own(topic.configs.begin(), topic.configs.end());
  std::vector<Config> configs;
  for (config::DescribedSetting& setting : config::describe_topic(layers, own)) {
    Config row{.read_only = setting.read_only,
               .config_source = static_cast<std::int8_t>(setting.source),
               .is_sensitive = setting.is_sensitive};
    row.name = arena.keep(std::move(setting.name));
    row.value = setting.value ? std::optional(arena.keep(std::move(*setting.value))) : std::nullopt;
    configs.push_back(std::move(row));
  }
  return configs;
}

}  // namespace

Result<Reply> create_topics(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::CreateTopicsRequest>());
  const auto created = request.shard.core.controller->create_topics(self, request.shard.feed, owned(asked));
  wire::CreateTopicsResponse response;
  if (!created) {
    const wire::ErrorCode refusal = refusal_of(request, created.error());
    for (const auto& topic : asked.topics) {
      response.topics.push_back({.name = topic.name, .error_code = code(refusal), .error_message = std::nullopt});
    }
    return request.answer(response);
  }
  wire::Arena arena;
  for (const metadata::CreatedTopic& topic : *created) {
    wire::CreateTopicsResponse::CreatableTopicResult result{.name = topic.name,
                                                            .topic_id = topic.id,
                                                            .error_code = code(topic.error),
                                                            .error_message = topic.error_message};
    if (request.version() >= kDetailsFrom) {
      result.num_partitions = topic.num_partitions;
      result.replication_factor = topic.replication_factor;
      if (topic.error == wire::ErrorCode::none) result.configs = describe_settings(request, topic, arena);
    }
    response.topics.push_back(std::move(result));
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
