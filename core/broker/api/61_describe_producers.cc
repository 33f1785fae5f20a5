// DescribeProducers, v0: who writes to these partitions, with epochs, last sequences and open transactions. (KIP-664)
// Errors: INVALID_TOPIC_EXCEPTION and UNKNOWN_TOPIC_OR_PARTITION of a topic come with a message; of a partition
// UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR without. Suspends: a log may still be
// opening.
#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "metadata/topic_name.h"
#include "wire/describe_producers.h"

namespace gregor::broker::api {
namespace {

using partition::ProducersAnswer;
using PartitionResponse = wire::DescribeProducersResponse::PartitionResponse;
using ProducerState = wire::DescribeProducersResponse::ProducerState;

struct TopicFault {
  wire::ErrorCode error = wire::ErrorCode::none;
  std::string_view message;
};

TopicFault fault_of(const metadata::Image& image, std::string_view topic) {
  if (metadata::fault_of_topic_name(topic)) {
    return {wire::ErrorCode::invalid_topic_exception, "no topic can have this name"};
  }
  if (image.find_topic(topic) == nullptr) {
    return {wire::ErrorCode::unknown_topic_or_partition, "there is no such topic"};
  }
  return {};
}

ProducerState state_of(const replica::ProducerEntry& entry) {
  return {.producer_id = entry.producer_id.value(),
          .producer_epoch = entry.epoch.value(),
          .last_sequence = entry.last_sequence().value(),
          .last_timestamp = entry.last_timestamp.ms,
          .coordinator_epoch = entry.coordinator_epoch,
          .current_txn_start_offset = entry.transaction_first_offset.value()};
}

PartitionResponse describe(env::Fiber& self, Request& request, const metadata::Image& image, std::string_view topic,
                           std::int32_t index) {
  PartitionResponse response{.partition_index = index};
  const Place place = find_place(request.shard, image, topic, index);
  response.error_code = code(place.error);
  if (place.error != wire::ErrorCode::none) return response;
  const auto work = [id = place.topic->id, at = place.index](env::Fiber& fiber, BrokerShard& owner) {
    const auto partition = owner.partitions.find(id, at);
    if (!partition) return ProducersAnswer{.error = partition::PartitionError::not_leader_or_follower};
    return partition->active_producers(fiber);
  };
  const ProducersAnswer answer = request.shard.ask(self, place.owner, work);
  response.error_code = static_cast<std::int16_t>(answer.error);
  for (const auto& entry : answer.producers) response.active_producers.push_back(state_of(entry));
  return response;
}

}  // namespace

Result<Reply> describe_producers(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeProducersRequest>());
  std::size_t count = 0;
  for (const auto& topic : asked.topics) count += topic.partition_indexes.size();
  TRY(check_partition_count(count));
  const controller::ImagePtr image = request.shard.image();
  wire::DescribeProducersResponse response;
  for (const auto& topic : asked.topics) {
    auto& described = response.topics.emplace_back();
    described.name = topic.name;
    const TopicFault fault = fault_of(*image, topic.name);
    for (const std::int32_t index : topic.partition_indexes) {
      if (fault.error == wire::ErrorCode::none) {
        described.partitions.push_back(describe(self, request, *image, topic.name, index));
        continue;
      }
      described.partitions.push_back(
          {.partition_index = index, .error_code = code(fault.error), .error_message = fault.message});
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
