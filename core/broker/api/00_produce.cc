// Produce, v3-v13: append one batch to each of these partitions.
// v7 zstd, v8 errors per record (KIP-467), v10 the present leader in NOT_LEADER_OR_FOLLOWER (KIP-951), v13 topic ids.
// acks 1 and -1 answer when the batch stands in the log as durably as the topic asks; acks 0 is never answered, and an
// error ends its connection. A request names each partition once; what it sends is judged partition by partition.
// Transactions need a coordinator, which is not built: a transactional batch is refused, INVALID_TXN_STATE, and without
// a transactional id TRANSACTIONAL_ID_AUTHORIZATION_FAILED for the whole request, as Kafka does. Suspends until every
// partition answered.
#include <algorithm>

#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "record/batch_format.h"
#include "wire/arena.h"
#include "wire/produce.h"

namespace gregor::broker::api {
namespace {

using partition::AppendOutcome;
using PartitionResponse = wire::ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t kTopicIdsFrom = 13;
constexpr std::int16_t kRecordErrorsFrom = 8;
constexpr std::int16_t kLeaderHintsFrom = 10;

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

bool is_transactional(Bytes records) {
  if (records.size() < record::kBatchHeaderBytes || records[record::kMagicAt] != std::byte{2}) return false;
  return (load_big_endian<std::int16_t>(records.data() + record::kAttributesAt) & record::kTransactionalFlag) != 0;
}

bool has_transactional(const wire::ProduceRequest& asked) {
  for (const auto& topic : asked.topic_data) {
    for (const auto& data : topic.partition_data) {
      if (is_transactional(data.records.value_or(Bytes{}))) return true;
    }
  }
  return false;
}

/// What can be said of one partition's part without asking the partition.
wire::ErrorCode early_error(const wire::ProduceRequest& asked, const Place& place, Bytes records) {
  if (place.error != wire::ErrorCode::none) return place.error;
  if (asked.acks < -1 || asked.acks > 1) return wire::ErrorCode::invalid_required_acks;
  if (is_transactional(records)) return wire::ErrorCode::invalid_txn_state;
  return wire::ErrorCode::none;
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
      if (const auto error = early_error(asked, place, records); error != wire::ErrorCode::none) {
        gathering->take(slot++, refusal(error));
        continue;
      }
      submit(request, place,
             {.records = writable(records),
              .owner = request.in_flight.frame,
              .produce_version = request.version(),
              .acks = asked.acks},
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
  if (!asked.transactional_id && has_transactional(asked)) {
    gathering = std::make_shared<Gathering>(0);
    gathering->outcomes.assign(partition_count(asked), refusal(wire::ErrorCode::transactional_id_authorization_failed));
  } else {
    gathering = distribute(request, asked, *image);
  }
  request.in_flight.let_next_begin();
  while (gathering->left > 0) gathering->done.wait(self);
  if (asked.acks == 0) return silence(gathering->outcomes);
  return answer(request, asked, *image, gathering->outcomes);
}

}  // namespace gregor::broker::api
