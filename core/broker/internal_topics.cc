#include "broker/internal_topics.h"

#include <algorithm>

#include "broker/controller_requests.h"
#include "broker/group_shard.h"

namespace gregor::broker {

std::optional<metadata::NewTopic> internal_topic(const config::BrokerConfig& config, const metadata::Image& image,
                                                 std::string_view name) {
  if (name != kOffsetsTopic) return std::nullopt;
  std::int16_t brokers = 0;
  for (const auto& [id, broker] : image.brokers()) {
    if (!broker.fenced) ++brokers;
  }
  return metadata::NewTopic{
      .name = std::string(name),
      .num_partitions = config.offsets_topic_num_partitions,
      .replication_factor = std::clamp<std::int16_t>(brokers, 1, config.offsets_topic_replication_factor),
      .assignments = {},
      .configs = {{"cleanup.policy", "compact"},
                  {"compression.type", "producer"},
                  {"segment.bytes", std::to_string(config.offsets_topic_segment_bytes)}}};
}

void make_internal_topic(env::Fiber& self, BrokerShard& shard, std::string_view name) {
  auto topic = internal_topic(shard.config(), *shard.image(), name);
  if (!topic || shard.is_stopping() || !shard.topics_being_created.insert(topic->name).second) return;
  // The request's fiber may be cancelled: the name must not stay taken.
  struct Taken {
    std::set<std::string>& names;
    std::string name;
    ~Taken() { names.erase(name); }
  } const taken{shard.topics_being_created, topic->name};
  metadata::CreateTopics request;
  request.topics.push_back(std::move(*topic));
  const auto created = create_topics(self, shard, std::move(request));
  if (created && created->front().error == wire::ErrorCode::none) {
    shard.core.log.info("topic.auto_created", {{"topic", name}});
  }
}

}  // namespace gregor::broker
