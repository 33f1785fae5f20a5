#include "broker/api/place.h"

namespace gregor::broker::api {
namespace {

Place place_in(const BrokerShard& shard, const metadata::Topic* topic, wire::ErrorCode unknown_topic,
               std::int32_t index) {
  Place place{.error = unknown_topic,
              .topic = topic,
              .partition = nullptr,
              .index = PartitionIndex{index},
              .owner = ShardId{0}};
  if (topic == nullptr) return place;
  place.partition = topic->partitions.find(place.index);
  place.error = place.partition == nullptr ? wire::ErrorCode::unknown_topic_or_partition : wire::ErrorCode::none;
  if (place.partition != nullptr) place.owner = shard.owner_of(topic->id, place.index);
  return place;
}

}  // namespace

Place find_place(const BrokerShard& shard, const metadata::Image& image, std::string_view name, std::int32_t index) {
  return place_in(shard, image.find_topic(name), wire::ErrorCode::unknown_topic_or_partition, index);
}

Place find_place(const BrokerShard& shard, const metadata::Image& image, const TopicId& id, std::int32_t index) {
  return place_in(shard, image.find_topic(id), wire::ErrorCode::unknown_topic_id, index);
}

}  // namespace gregor::broker::api
