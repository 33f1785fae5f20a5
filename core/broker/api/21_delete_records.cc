// DeleteRecords, v0-v2: nothing below these offsets is to be served any more; -1 is the high watermark. (KIP-107)
// The answer, the log's start, is given once no crash can take it back. Errors per partition:
// UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION (an internal topic), NOT_LEADER_OR_FOLLOWER, POLICY_VIOLATION
// (cleanup.policy lacks delete), OFFSET_OUT_OF_RANGE (beyond the high watermark, or below -1), KAFKA_STORAGE_ERROR.
// REQUEST_TIMED_OUT: it is so on the leader, and a replica in sync has not followed yet. NOT_ENOUGH_REPLICAS: the same,
// but fewer than min.insync.replicas are in sync, and who leads next may show it all again. Suspends.
#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "metadata/topic_name.h"
#include "wire/delete_records.h"

namespace gregor::broker::api {
namespace {

using partition::DeletionAnswer;
using PartitionAsk = wire::DeleteRecordsRequest::DeleteRecordsPartition;
using PartitionResult = wire::DeleteRecordsResponse::DeleteRecordsPartitionResult;

PartitionResult remove(env::Fiber& self, Request& request, const metadata::Image& image, std::string_view topic,
                       PartitionAsk& asked, Milliseconds timeout) {
  PartitionResult result{.partition_index = asked.partition_index, .low_watermark = -1};
  const Place place = find_place(request.shard, image, topic, asked.partition_index);
  result.error_code = code(place.error);
  if (place.error != wire::ErrorCode::none) return result;
  if (metadata::is_internal_topic(topic)) {
    result.error_code = code(wire::ErrorCode::invalid_topic_exception);
    return result;
  }
  const auto work = [id = place.topic->id, index = place.index, before = Offset{asked.offset}, timeout](
                        env::Fiber& fiber, BrokerShard& owner) {
    const auto partition = owner.partitions.find(id, index);
    if (!partition) return DeletionAnswer{.error = partition::PartitionError::not_leader_or_follower};
    return partition->delete_records(fiber, before, owner.shard.clock.now() + timeout);
  };
  const DeletionAnswer answer = request.shard.ask(self, place.owner, work);
  // The high watermark goes on: who asks again means the one of the first time.
  if (answer.before != kNoOffset) asked.offset = answer.before.value();
  result.error_code = static_cast<std::int16_t>(answer.error);
  result.low_watermark = answer.log_start_offset.value();
  return result;
}

}  // namespace

Result<Reply> delete_records(env::Fiber& self, Request& request) {
  TRY_ASSIGN(auto asked, request.decode<wire::DeleteRecordsRequest>());
  std::size_t count = 0;
  for (const auto& topic : asked.topics) count += topic.partitions.size();
  TRY(check_partition_count(count));
  const controller::ImagePtr image = request.shard.image();
  const Milliseconds timeout(std::max(asked.timeout_ms, std::int32_t{0}));
  wire::DeleteRecordsResponse response;
  for (auto& topic : asked.topics) {
    auto& described = response.topics.emplace_back();
    described.name = topic.name;
    for (PartitionAsk& partition : topic.partitions) {
      described.partitions.push_back(remove(self, request, *image, topic.name, partition, Milliseconds(0)));
    }
  }
  // All are under way: who waits for one follower waits for all.
  const MonotonicTime deadline = request.shard.shard.clock.now() + timeout;
  for (std::size_t i = 0; i < response.topics.size(); ++i) {
    for (std::size_t j = 0; j < response.topics[i].partitions.size(); ++j) {
      PartitionResult& result = response.topics[i].partitions[j];
      if (result.error_code != code(wire::ErrorCode::request_timed_out)) continue;
      const Milliseconds left = std::chrono::ceil<Milliseconds>(deadline - request.shard.shard.clock.now());
      auto& topic = asked.topics[i];
      result = remove(self, request, *image, topic.name, topic.partitions[j], std::max(left, Milliseconds(0)));
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
