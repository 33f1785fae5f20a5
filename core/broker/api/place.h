// Where a named partition is, by one image: which topic is meant, which shard owns it, or why there is no such place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/api/request.h"

namespace gregor::broker::api {

struct Place {
  wire::ErrorCode error = wire::ErrorCode::none;
  const metadata::Topic* topic = nullptr;  ///< good as long as the image
  const metadata::Partition* partition = nullptr;
  PartitionIndex index{0};
  ShardId owner{0};
};

/// By name where `id` is zero. Errors: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID.
Place find_place(const BrokerShard& shard, const metadata::Image& image, std::string_view name, std::int32_t index);
Place find_place(const BrokerShard& shard, const metadata::Image& image, const TopicId& id, std::int32_t index);

}  // namespace gregor::broker::api
