// ListOffsets, v1-v11: which offset belongs to a time, or to one of the ends of the log?
// Specials: -1 latest, -2 earliest, -3 the greatest timestamp (v7), -4 earliest local (v8), -5 latest tiered (v9),
// -6 earliest not yet uploaded (v11). Without tiered storage -4 is -2, and -5 and -6 find nothing.
// Errors per partition: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH,
// UNSUPPORTED_VERSION (a special before its version), INVALID_REQUEST (named twice), KAFKA_STORAGE_ERROR; while a new
// leader does not know yet what its predecessor committed OFFSET_NOT_AVAILABLE, below v5 LEADER_NOT_AVAILABLE. To a
// follower the latest offset is the log's end.
// Suspends: it may read the log, perhaps on another shard.
#include <set>

#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "wire/list_offsets.h"

namespace gregor::broker::api {
namespace {

using partition::OffsetAnswer;
using PartitionAsk = wire::ListOffsetsRequest::ListOffsetsPartition;
using PartitionResponse = wire::ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int16_t kEpochsFrom = 4;
constexpr std::int16_t kOffsetNotAvailableFrom = 5;
/// The first version that may ask for special timestamp -3, -4, -5, -6.
constexpr std::int16_t kSpecialsFrom[] = {7, 8, 9, 11};

struct Asker {
  partition::Isolation isolation;
  partition::Reader reader;
};

bool is_served(std::int64_t timestamp, std::int16_t version) {
  if (timestamp >= partition::kEarliestTimestamp) return true;
  if (timestamp < partition::kEarliestPendingUploadTimestamp) return false;
  return version >= kSpecialsFrom[partition::kMaxTimestamp - timestamp];
}

PartitionResponse look_up(env::Fiber& self, Request& request, const metadata::Image& image, std::string_view topic,
                          const PartitionAsk& asked, const Asker& asker) {
  PartitionResponse response{.partition_index = asked.partition_index};
  if (!is_served(asked.timestamp, request.version())) {
    response.error_code = code(wire::ErrorCode::unsupported_version);
    return response;
  }
  const Place place = find_place(request.shard, image, topic, asked.partition_index);
  response.error_code = code(place.error);
  if (place.error != wire::ErrorCode::none) return response;
  const auto find = [id = place.topic->id, index = place.index, timestamp = asked.timestamp, asker,
                     epoch = LeaderEpoch{asked.current_leader_epoch}](env::Fiber& fiber, BrokerShard& owner) {
    const auto partition = owner.partitions.find(id, index);
    if (!partition) return OffsetAnswer{.error = partition::PartitionError::not_leader_or_follower};
    return partition->find_offset(fiber, timestamp, asker.isolation, epoch, asker.reader);
  };
  const OffsetAnswer answer = request.shard.ask(self, place.owner, find);
  response.error_code = static_cast<std::int16_t>(answer.error);
  if (answer.error == partition::PartitionError::offset_not_available && request.version() < kOffsetNotAvailableFrom) {
    response.error_code = code(wire::ErrorCode::leader_not_available);
  }
  response.timestamp = answer.timestamp_ms;
  response.offset = answer.offset.value();
  if (request.version() >= kEpochsFrom) response.leader_epoch = answer.leader_epoch.value();
  return response;
}

/// Partitions that a topic names more than once.
std::set<std::int32_t> repeated(const wire::ListOffsetsRequest::ListOffsetsTopic& topic) {
  std::set<std::int32_t> seen;
  std::set<std::int32_t> twice;
  for (const PartitionAsk& asked : topic.partitions) {
    if (!seen.insert(asked.partition_index).second) twice.insert(asked.partition_index);
  }
  return twice;
}

}  // namespace

Result<Reply> list_offsets(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ListOffsetsRequest>());
  if (asked.isolation_level < 0 || asked.isolation_level > 1)
    return fail(Errc::malformed, "ListOffsets: isolation level is neither 0 nor 1");
  const Asker asker{static_cast<partition::Isolation>(asked.isolation_level),
                    asked.replica_id >= 0 ? partition::Reader::follower : partition::Reader::consumer};
  const controller::ImagePtr image = request.shard.image();
  wire::ListOffsetsResponse response;
  for (const auto& topic : asked.topics) {
    auto& described = response.topics.emplace_back();
    described.name = topic.name;
    std::set<std::int32_t> twice = repeated(topic);
    std::set<std::int32_t> refused;
    for (const PartitionAsk& partition : topic.partitions) {
      if (!twice.contains(partition.partition_index)) {
        described.partitions.push_back(look_up(self, request, *image, topic.name, partition, asker));
      } else if (refused.insert(partition.partition_index).second) {
        described.partitions.push_back(
            {.partition_index = partition.partition_index, .error_code = code(wire::ErrorCode::invalid_request)});
      }
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
