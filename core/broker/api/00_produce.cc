// Produce, v3-v13: append one batch to each of these partitions.
// v7 zstd, v8 errors per record (KIP-467), v10 the present leader in NOT_LEADER_OR_FOLLOWER (KIP-951), v13 topic ids.
// acks 1 and -1 answer when the batch stands in the log as durably as the topic asks, -1 when it does so on the whole
// ISR: REQUEST_TIMED_OUT when that takes longer than timeout_ms, NOT_ENOUGH_REPLICAS where the ISR is too small to
// begin with, NOT_ENOUGH_REPLICAS_AFTER_APPEND where it became so. acks 0 is never answered, and an error ends its
// connection. A request names each partition once; what it sends is judged partition by partition. Internal topics take
// batches of the broker alone: INVALID_TOPIC_EXCEPTION. Transactional batches need a transactional id, else
// TRANSACTIONAL_ID_AUTHORIZATION_FAILED for the whole request, and one producer in a request, else
// INVALID_PRODUCER_ID_MAPPING. The first of a transaction in a partition needs the word of a transaction coordinator
// (KIP-890; below v12 transaction.partition.verification.enable=false waives it); none is built, so it is answered
// NOT_ENOUGH_REPLICAS, as Kafka answers while it cannot ask. Suspends until every partition answered.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "metadata/topic_name.h"
#include "record/batch_view.h"
#include "wire/arena.h"
#include "wire/produce.h"

namespace gregor::broker::api {
namespace {

using partition::AppendOutcome;
using PartitionResponse = wire::ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t kTopicIdsFrom = 13;
constexpr std::int16_t kRecordErrorsFrom = 8;
constexpr std::int16_t kLeaderHintsFrom = 10;
/// The client id by which tools that mend a cluster may write to its internal topics; nobody else may.
constexpr std::string_view kMayWriteInternalTopics = "__admin_client";
/// From here on the broker adds the partition to the transaction itself (KIP-890).
constexpr std::int16_t kCoordinatorAddsFrom = 12;

/// The outcomes of one request, as they come in. Lives on the shard of the connection.
struct Gathering {
  explicit Gathering(std::size_t count) : outcomes(count), left(count) {}
  void take(std::size_t slot, AppendOutcome outcome) {
    outcomes[slot] = std::move(outcome);
    if (--left == 0) done.wake_all();
  }
  std::vector<AppendOutcome> outcomes;
  std::size_t left;
  env::WaitQueue done;
};
using GatheringPtr = std::shared_ptr<Gathering>;

AppendOutcome refusal(wire::ErrorCode error) {
  AppendOutcome outcome;
  outcome.error = code(error);
  return outcome;
}

/// The producers whose transactional batches a request holds.
std::set<std::pair<ProducerId, ProducerEpoch>> transactional_producers(const wire::ProduceRequest& asked) {
  std::set<std::pair<ProducerId, ProducerEpoch>> producers;
  for (const auto& topic : asked.topic_data) {
    for (const auto& data : topic.partition_data) {
      const auto batch = record::BatchView::parse_header(data.records.value_or(Bytes{}));
      if (batch && batch->is_transactional()) producers.emplace(batch->producer_id(), batch->producer_epoch());
    }
  }
  return producers;
}

/// What Kafka refuses a whole request for.
wire::ErrorCode fault_of(const wire::ProduceRequest& asked) {
  const auto producers = transactional_producers(asked);
  if (!producers.empty() && !asked.transactional_id) return wire::ErrorCode::transactional_id_authorization_failed;
  return producers.size() > 1 ? wire::ErrorCode::invalid_producer_id_mapping : wire::ErrorCode::none;
}

partition::TransactionCheck transaction_check(const Request& request) {
  const bool is_waived =
      request.version() < kCoordinatorAddsFrom && !request.shard.config().transaction_partition_verification_enable;
  return is_waived ? partition::TransactionCheck::waived : partition::TransactionCheck::needed;
}

/// What can be said of one partition's part without asking the partition.
wire::ErrorCode early_error(const Request& request, const wire::ProduceRequest& asked, const Place& place) {
  if (place.error != wire::ErrorCode::none) return place.error;
  if (asked.acks < -1 || asked.acks > 1) return wire::ErrorCode::invalid_required_acks;
  const bool is_own =
      metadata::is_internal_topic(place.topic->name) && request.header.client_id != kMayWriteInternalTopics;
  return is_own ? wire::ErrorCode::invalid_topic_exception : wire::ErrorCode::none;
}

/// Hands a batch to the shard that owns the partition; the outcome comes back to `gathering` on this one.
void submit(Request& request, const Place& place, partition::AppendAsk ask, const GatheringPtr& gathering,
            std::size_t slot) {
  const ShardId home = request.shard.id();
  request.shard.post(place.owner, [id = place.topic->id, index = place.index, ask = std::move(ask), gathering, slot,
                                   home](BrokerShard& owner) mutable {
    partition::AppendDone done = [&owner, gathering, slot, home](AppendOutcome outcome) {
      owner.post(home, [gathering, slot, outcome = std::move(outcome)](BrokerShard&) mutable {
        gathering->take(slot, std::move(outcome));
      });
    };
    const auto partition = owner.partitions.find(id, index);
    if (!partition) return done(refusal(wire::ErrorCode::not_leader_or_follower));
    partition->submit(std::move(ask), std::move(done));
  });
}

/// The frame is ours to write to: offsets are put in place.
MutableBytes writable(Bytes records) {
  return {const_cast<std::byte*>(records.data()), records.size()};
}

std::size_t partition_count(const wire::ProduceRequest& asked) {
  std::size_t count = 0;
  for (const auto& topic : asked.topic_data) count += topic.partition_data.size();
  return count;
}

GatheringPtr distribute(Request& request, const wire::ProduceRequest& asked, const metadata::Image& image) {
  const auto gathering = std::make_shared<Gathering>(partition_count(asked));
  std::size_t slot = 0;
  for (const auto& topic : asked.topic_data) {
    for (const auto& data : topic.partition_data) {
      const Place place = request.version() >= kTopicIdsFrom
                              ? find_place(request.shard, image, topic.topic_id, data.index)
                              : find_place(request.shard, image, topic.name, data.index);
      const Bytes records = data.records.value_or(Bytes{});
      if (const auto error = early_error(request, asked, place); error != wire::ErrorCode::none) {
        gathering->take(slot++, refusal(error));
        continue;
      }
      submit(request, place,
             {.records = writable(records),
              .owner = request.in_flight.frame,
              .produce_version = request.version(),
              .acks = asked.acks,
              .transaction_check = transaction_check(request),
              .timeout = Milliseconds(std::max(asked.timeout_ms, 0))},
             gathering, slot++);
    }
  }
  return gathering;
}

/// Tells clients where to go instead of here (KIP-951).
class LeaderHints {
 public:
  LeaderHints(const Request& request, const metadata::Image& image) : request_(request), image_(image) {}
  void add(const Place& place, PartitionResponse& partition, wire::ProduceResponse& response) {
    if (request_.version() < kLeaderHintsFrom || place.partition == nullptr) return;
    partition.current_leader = {.leader_id = place.partition->leader.value(),
                                .leader_epoch = place.partition->leader_epoch.value()};
    const auto leader = broker_for(request_, image_, place.partition->leader);
    if (!leader || std::find(told_.begin(), told_.end(), leader->id) != told_.end()) return;
    told_.push_back(leader->id);
    const auto rack = leader->rack ? std::optional<std::string_view>(texts_.keep(*leader->rack)) : std::nullopt;
    response.node_endpoints.push_back(
        {.node_id = leader->id.value(), .host = texts_.keep(leader->host), .port = leader->port, .rack = rack});
  }

 private:
  const Request& request_;
  const metadata::Image& image_;
  std::vector<NodeId> told_;
  wire::Arena texts_;
};

PartitionResponse describe(const Request& request, std::int32_t index, const AppendOutcome& outcome) {
  PartitionResponse partition{.index = index,
                              .error_code = outcome.error,
                              .base_offset = outcome.base_offset.value(),
                              .log_append_time_ms = outcome.log_append_time.ms,
                              .log_start_offset = outcome.log_start_offset.value()};
  if (outcome.error != 0) partition.base_offset = -1;
  if (request.version() < kRecordErrorsFrom) return partition;
  for (const auto& error : outcome.record_errors) {
    partition.record_errors.push_back({.batch_index = error.batch_index, .batch_index_error_message = error.text});
  }
  if (!outcome.error_message.empty()) partition.error_message = outcome.error_message;
  return partition;
}

Result<Reply> answer(const Request& request, const wire::ProduceRequest& asked, const metadata::Image& image,
                     const std::vector<AppendOutcome>& outcomes) {
  wire::ProduceResponse response;
  LeaderHints hints(request, image);
  std::size_t slot = 0;
  for (const auto& topic : asked.topic_data) {
    auto& described = response.responses.emplace_back();
    const bool by_id = request.version() >= kTopicIdsFrom;
    by_id ? void(described.topic_id = topic.topic_id) : void(described.name = topic.name);
    for (const auto& data : topic.partition_data) {
      auto& partition = described.partition_responses.emplace_back(describe(request, data.index, outcomes[slot]));
      if (outcomes[slot++].error != code(wire::ErrorCode::not_leader_or_follower)) continue;
      hints.add(by_id ? find_place(request.shard, image, topic.topic_id, data.index)
                      : find_place(request.shard, image, topic.name, data.index),
                partition, response);
    }
    if (described.partition_responses.empty()) response.responses.pop_back();
  }
  return request.answer(response);
}

Reply silence(const std::vector<AppendOutcome>& outcomes) {
  Reply reply;
  reply.is_silent = true;
  reply.ends_connection =
      std::any_of(outcomes.begin(), outcomes.end(), [](const AppendOutcome& outcome) { return outcome.error != 0; });
  return reply;
}

}  // namespace

Result<Reply> produce(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ProduceRequest>());
  TRY(check_partition_count(partition_count(asked)));
  const controller::ImagePtr image = request.shard.image();
  GatheringPtr gathering;
  if (const auto fault = fault_of(asked); fault != wire::ErrorCode::none) {
    gathering = std::make_shared<Gathering>(0);
    gathering->outcomes.assign(partition_count(asked), refusal(fault));
  } else {
    gathering = distribute(request, asked, *image);
  }
  request.in_flight.let_next_begin();
  while (gathering->left > 0) gathering->done.wait(self);
  if (asked.acks == 0) return silence(gathering->outcomes);
  return answer(request, asked, *image, gathering->outcomes);
}

}  // namespace gregor::broker::api
