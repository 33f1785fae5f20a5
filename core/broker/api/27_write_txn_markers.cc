// WriteTxnMarkers, v1-v2: a transaction coordinator ends these producers' transactions in these partitions. (KIP-98)
// v2 brings the transaction version, whose level 2 fences stricter (KIP-890). Each marker is answered when it stands in
// the log as acks=all has it. Answers go by producer id. Errors per partition: UNKNOWN_TOPIC_OR_PARTITION,
// NOT_LEADER_OR_FOLLOWER, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, KAFKA_STORAGE_ERROR. Suspends until
// every partition answered.
#include <map>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "wire/write_txn_markers.h"

namespace gregor::broker::api {
namespace {

using partition::AppendOutcome;
using Marker = wire::WriteTxnMarkersRequest::WritableTxnMarker;

/// Producer id, topic, partition: what several markers of one request say of it, the last one answers.
struct MarkerKey {
  ProducerId producer_id;
  std::string_view topic;
  std::int32_t partition = 0;
  auto operator<=>(const MarkerKey&) const = default;
};

/// Lives on the shard of the connection.
struct MarkerAnswers {
  std::map<MarkerKey, std::int16_t> errors;
  std::size_t left = 0;
  env::WaitQueue done;
};
using AnswersPtr = std::shared_ptr<MarkerAnswers>;

partition::EndTransaction end_of(const Marker& marker) {
  return {.producer_id = ProducerId{marker.producer_id},
          .epoch = ProducerEpoch{marker.producer_epoch},
          .coordinator_epoch = marker.coordinator_epoch,
          .is_abort = !marker.transaction_result,
          .transaction_version = marker.transaction_version};
}

void submit(Request& request, const Place& place, const Marker& marker, const MarkerKey& key,
            const AnswersPtr& answers) {
  ++answers->left;
  const ShardId home = request.shard.id();
  // The frame keeps the topic's name in the key for as long as someone may answer.
  request.shard.post(place.owner, [id = place.topic->id, index = place.index, end = end_of(marker), key, answers, home,
                                   frame = request.in_flight.frame](BrokerShard& owner) {
    partition::AppendDone done = [&owner, key, answers, home, frame](AppendOutcome outcome) {
      owner.post(home, [key, answers, frame, error = outcome.error](BrokerShard&) {
        answers->errors[key] = error;
        if (--answers->left == 0) answers->done.wake_all();
      });
    };
    const auto partition = owner.partitions.find(id, index);
    if (partition) return partition->submit_marker(end, std::move(done));
    AppendOutcome refused;
    refused.error = code(wire::ErrorCode::not_leader_or_follower);
    done(std::move(refused));
  });
}

wire::WriteTxnMarkersResponse describe(const MarkerAnswers& answers) {
  wire::WriteTxnMarkersResponse response;
  for (const auto& [key, error] : answers.errors) {
    auto& markers = response.markers;
    if (markers.empty() || markers.back().producer_id != key.producer_id.value()) {
      markers.push_back({.producer_id = key.producer_id.value(), .topics = {}});
    }
    auto& topics = markers.back().topics;
    if (topics.empty() || topics.back().name != key.topic) topics.push_back({.name = key.topic, .partitions = {}});
    topics.back().partitions.push_back({.partition_index = key.partition, .error_code = error});
  }
  return response;
}

std::size_t partition_count(const wire::WriteTxnMarkersRequest& asked) {
  std::size_t count = 0;
  for (const Marker& marker : asked.markers) {
    for (const auto& topic : marker.topics) count += topic.partition_indexes.size();
  }
  return count;
}

}  // namespace

Result<Reply> write_txn_markers(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::WriteTxnMarkersRequest>());
  TRY(check_partition_count(partition_count(asked)));
  const controller::ImagePtr image = request.shard.image();
  const auto answers = std::make_shared<MarkerAnswers>();
  for (const Marker& marker : asked.markers) {
    for (const auto& topic : marker.topics) {
      for (const std::int32_t index : topic.partition_indexes) {
        const MarkerKey key{ProducerId{marker.producer_id}, topic.name, index};
        const Place place = find_place(request.shard, *image, topic.name, index);
        if (place.error == wire::ErrorCode::none) {
          submit(request, place, marker, key, answers);
        } else {
          answers->errors[key] = code(place.error);
        }
      }
    }
  }
  while (answers->left > 0) answers->done.wait(self);
  return request.answer(describe(*answers));
}

}  // namespace gregor::broker::api
