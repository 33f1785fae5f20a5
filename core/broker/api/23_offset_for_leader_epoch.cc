// OffsetForLeaderEpoch, v2-v4: where the records of this leader epoch end, so that a reader finds out whether its
// history parted from the leader's. (KIP-101, KIP-320) Answers the greatest epoch at or below the asked one, and -1
// and -1 where nothing is known of it. Errors per partition: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER,
// FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, KAFKA_STORAGE_ERROR. Suspends: the log may still be opening.
#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "wire/offset_for_leader_epoch.h"

namespace gregor::broker::api {
namespace {

using partition::EpochAnswer;
using PartitionAsk = wire::OffsetForLeaderEpochRequest::OffsetForLeaderPartition;
using PartitionResult = wire::OffsetForLeaderEpochResponse::EpochEndOffset;

PartitionResult look_up(env::Fiber& self, Request& request, const metadata::Image& image, std::string_view topic,
                        const PartitionAsk& asked) {
  PartitionResult result{.partition = asked.partition};
  const Place place = find_place(request.shard, image, topic, asked.partition);
  result.error_code = code(place.error);
  if (place.error != wire::ErrorCode::none) return result;
  const auto work = [id = place.topic->id, index = place.index, epoch = LeaderEpoch{asked.leader_epoch},
                     current = LeaderEpoch{asked.current_leader_epoch}](env::Fiber& fiber, BrokerShard& owner) {
    const auto partition = owner.partitions.find(id, index);
    if (!partition) return EpochAnswer{.error = partition::PartitionError::not_leader_or_follower};
    return partition->end_of_epoch(fiber, epoch, current);
  };
  const EpochAnswer answer = request.shard.ask(self, place.owner, work);
  result.error_code = static_cast<std::int16_t>(answer.error);
  result.leader_epoch = answer.leader_epoch.value();
  result.end_offset = answer.end_offset.value();
  return result;
}

}  // namespace

Result<Reply> offset_for_leader_epoch(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::OffsetForLeaderEpochRequest>());
  std::size_t count = 0;
  for (const auto& topic : asked.topics) count += topic.partitions.size();
  TRY(check_partition_count(count));
  const controller::ImagePtr image = request.shard.image();
  wire::OffsetForLeaderEpochResponse response;
  for (const auto& topic : asked.topics) {
    auto& described = response.topics.emplace_back();
    described.topic = topic.topic;
    for (const PartitionAsk& partition : topic.partitions) {
      described.partitions.push_back(look_up(self, request, *image, topic.topic, partition));
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
