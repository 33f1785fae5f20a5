#include "scenarios/transaction_client.h"

#include <algorithm>

#include "client/list_offset.h"
#include "env/clock.h"
#include "record/batch_builder.h"
#include "scenarios/committed_reader.h"
#include "scenarios/patience.h"
#include "scenarios/produce_route.h"
#include "scenarios/record_deletion.h"
#include "wire/init_producer_id.h"
#include "wire/write_txn_markers.h"

namespace gregor::scenarios {
namespace {

using properties::Transaction;
using wire::ErrorCode;

constexpr int kTriesOfAStep = 3;
/// The last version whose requests may go without the coordinator adding the partition.
constexpr std::int16_t kProduceVersionMax = 11;
constexpr std::int8_t kTransactionVersion = 2;
constexpr std::int64_t kEarliest = -2;
/// In place of a broker's code: there was no answer.
constexpr ErrorCode kNoAnswer = ErrorCode::unknown_server_error;

}  // namespace

TransactionClient::TransactionClient(int id, client::Cluster cluster, properties::HistoryPartition partition,
                                     properties::History& history, properties::ValueId& next_value,
                                     UniqueFunction<MonotonicTime()> now)
    : id_(id),
      cluster_(std::move(cluster)),
      partition_(std::move(partition)),
      history_(history),
      next_value_(next_value),
      now_(std::move(now)) {}

void TransactionClient::step(env::Fiber& self, RandomStream& random) {
  Producer& producer = producers_[random.below(producers_.size())];
  const std::uint64_t kind = random.below(100);
  if (kind < 30) return read(self, random);
  if (kind < 33) return delete_some(self, random);
  if (producer.id == kNoProducerId && !obtain_id(self, producer)) return;
  const bool is_open = producer.transaction != kNone;
  const bool is_ending = is_open && history_.transactions[producer.transaction].fate != Transaction::Fate::open;
  if (is_ending) {
    end(self, producer, history_.transactions[producer.transaction].fate == Transaction::Fate::committed);
  } else if (is_open && kind < 45) {
    send_late_marker(self, random, producer);
  } else if (is_open && (producer.is_doomed || kind < 70)) {
    const bool commits = !producer.is_doomed && random.chance(1, 2);
    end(self, producer, commits);
  } else {
    send(self, random, producer);
  }
}

void TransactionClient::settle(env::Fiber& self) {
  for (Producer& producer : producers_) {
    while (producer.transaction != kNone) {
      const auto fate = history_.transactions[producer.transaction].fate;
      if (!end(self, producer, fate == Transaction::Fate::committed)) {
        env::sleep_for(self, cluster_.shard().clock, kRetryPause);
      }
    }
  }
}

bool TransactionClient::obtain_id(env::Fiber& self, Producer& producer) {
  wire::InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = INT32_MAX;
  auto link = cluster_.any_link(self);
  if (!link) return false;
  const auto reply = (*link)->ask<wire::InitProducerIdRequest, wire::InitProducerIdResponse>(self, request);
  if (!reply || reply->body.error_code != 0) return false;
  producer = Producer{.id = ProducerId{reply->body.producer_id}};
  history_.producer_ids.push_back({id_, producer.id, now_()});
  return true;
}

void TransactionClient::send(env::Fiber& self, RandomStream& random, Producer& producer) {
  if (producer.transaction == kNone) {
    producer.transaction = history_.transactions.size();
    history_.transactions.push_back({.partition = partition_, .producer = producer.id, .epoch = producer.epoch});
  }
  const auto count = static_cast<std::int32_t>(random.between(1, 3));
  record::BatchBuilder builder(record::BatchSettings{.producer_id = producer.id,
                                                     .producer_epoch = producer.epoch,
                                                     .base_sequence = producer.next,
                                                     .is_transactional = true});
  const WallTime timestamp = cluster_.shard().clock.wall_now();
  for (std::int32_t i = 0; i < count; ++i) {
    const properties::ValueId id = next_value_++;
    ByteBuffer value(sizeof id);
    store_big_endian(value.data(), id);
    builder.add(timestamp, Bytes(value), Bytes(value));  // a key, for compacted topics
    history_.transactions[producer.transaction].values.push_back({.value = id});
  }
  const ByteBuffer batch = builder.encode(scratch_).value();
  bool is_answered = false;
  for (int tries = 0; tries < kTriesOfAStep && !is_answered; ++tries) {
    is_answered = send_batch(self, batch, producer.transaction);
  }
  producer.next = record::advance_sequence(producer.next, count);
  if (!is_answered) producer.is_doomed = true;
}

/// Notes where the newest values of the transaction stand, once that is acknowledged.
bool TransactionClient::send_batch(env::Fiber& self, const ByteBuffer& batch, std::size_t transaction) {
  const auto route = ProduceRoute::find(self, cluster_, partition_, kProduceVersionMax);
  if (!route) return false;
  wire::ProduceRequest request = route->request(partition_, Bytes(batch));
  request.transactional_id = "transaction";
  const auto call = route->start(self, request);
  if (!call) return false;
  const auto answer = route->await(self, *call);
  if (!answer) return false;
  if (answer->code != ErrorCode::none) {
    cluster_.forget(partition_.topic);
    return false;
  }
  const auto records = record::BatchView::parse(batch)->record_count();
  auto& values = history_.transactions[transaction].values;
  for (std::int32_t i = 0; i < records; ++i) {
    values[values.size() - static_cast<std::size_t>(records - i)].offset = answer->base_offset + i;
  }
  return true;
}

/// True when the end is acknowledged. The fate is sealed with the first try.
bool TransactionClient::end(env::Fiber& self, Producer& producer, bool commits) {
  const std::size_t at = producer.transaction;
  if (history_.transactions[at].fate == Transaction::Fate::open) {
    history_.transactions[at].fate = commits ? Transaction::Fate::committed : Transaction::Fate::aborted;
    history_.transactions[at].decided = now_();
    ++producer.coordinator_epoch;
  }
  const ProducerEpoch raised{static_cast<std::int16_t>(producer.epoch.value() + 1)};
  const ErrorCode code = write_marker(
      self, producer.id, {.epoch = raised, .coordinator_epoch = producer.coordinator_epoch, .commits = commits});
  if (code != ErrorCode::none) return false;
  history_.transactions[at].is_acknowledged = true;
  producer.epoch = raised;
  producer.next = Sequence{0};
  producer.transaction = kNone;
  producer.is_doomed = false;
  producer.may_be_forgotten = false;
  return true;
}

/// The last end over again, or one of a coordinator that was replaced: both must be refused while the partition knows
/// of the transaction that is open now.
void TransactionClient::send_late_marker(env::Fiber& self, RandomStream& random, const Producer& producer) {
  const auto& values = history_.transactions[producer.transaction].values;
  const bool is_known = std::ranges::any_of(values, [](const auto& value) { return value.offset != kNoOffset; });
  const bool of_old_coordinator = random.chance(1, 2);
  const bool commits = random.chance(1, 2);
  if (!is_known || producer.epoch == ProducerEpoch{0}) return;
  if (of_old_coordinator && producer.may_be_forgotten) return;
  Marker marker{.epoch = producer.epoch, .coordinator_epoch = producer.coordinator_epoch, .commits = commits};
  if (of_old_coordinator) {
    marker.epoch = ProducerEpoch{static_cast<std::int16_t>(producer.epoch.value() + 1)};
    --marker.coordinator_epoch;
  }
  const ErrorCode code = write_marker(self, producer.id, marker);
  history_.late_markers.push_back({.partition = partition_,
                                   .producer = producer.id,
                                   .epoch = marker.epoch,
                                   .of_old_coordinator = of_old_coordinator,
                                   .is_accepted = code == ErrorCode::none,
                                   .at = now_()});
}

ErrorCode TransactionClient::write_marker(env::Fiber& self, ProducerId producer, const Marker& marker) {
  const auto leader =
      cluster_.leader_of(self, partition_.topic, PartitionIndex{partition_.partition}, cluster_.deadline_in(kPatience));
  if (!leader) return kNoAnswer;
  wire::WriteTxnMarkersRequest request;
  request.markers.push_back({.producer_id = producer.value(),
                             .producer_epoch = marker.epoch.value(),
                             .transaction_result = marker.commits,
                             .topics = {},
                             .coordinator_epoch = marker.coordinator_epoch,
                             .transaction_version = kTransactionVersion});
  request.markers[0].topics.push_back({.name = partition_.topic, .partition_indexes = {partition_.partition}});
  const auto reply = leader->link->ask<wire::WriteTxnMarkersRequest, wire::WriteTxnMarkersResponse>(self, request);
  if (!reply || reply->body.markers.empty() || reply->body.markers[0].topics.empty() ||
      reply->body.markers[0].topics[0].partitions.empty()) {
    cluster_.forget(partition_.topic);
    return kNoAnswer;
  }
  const ErrorCode code = wire::error_code_of(reply->body.markers[0].topics[0].partitions[0].error_code);
  if (code != ErrorCode::none) cluster_.forget(partition_.topic);
  return code;
}

void TransactionClient::read(env::Fiber& self, RandomStream& random) {
  const std::int64_t ahead = random.between(0, std::max<std::int64_t>(0, last_stable_ - log_start_));
  const std::int32_t bytes_max = random.chance(1, 2) ? 1 : 1 << 20;
  const MonotonicTime asked = now_();
  const auto fetched = fetch_committed(self, cluster_, partition_, log_start_ + ahead, bytes_max);
  if (!fetched) return;
  log_start_ = std::max(log_start_, fetched->log_start_offset);
  last_stable_ = std::max(last_stable_, fetched->last_stable_offset);
  history_.stable_offsets.push_back({.partition = partition_,
                                     .last_stable = fetched->last_stable_offset,
                                     .high_watermark = fetched->high_watermark,
                                     .log_start = fetched->log_start_offset,
                                     .asked = asked,
                                     .at = now_()});
  for (const auto& seen : fetched->records) {
    history_.committed_reads.push_back({id_, partition_, seen.offset, seen.value, now_(), asked});
  }
}

void TransactionClient::delete_some(env::Fiber& self, RandomStream& random) {
  const std::int64_t ahead = random.between(0, std::max<std::int64_t>(0, last_stable_ - log_start_));
  for (Producer& producer : producers_) producer.may_be_forgotten = true;
  if (delete_records(self, cluster_, partition_, log_start_ + ahead, history_, now_)) {
    log_start_ = std::max(log_start_, history_.deletions.back().log_start);
  }
}

void TransactionClient::read_whole(env::Fiber& self, client::Cluster& cluster,
                                   const properties::HistoryPartition& partition, properties::History& history,
                                   UniqueFunction<MonotonicTime()>& now) {
  std::vector<properties::Read>& log = history.final_committed[partition];
  const PartitionIndex index{partition.partition};
  std::optional<Offset> next;
  for (;;) {
    if (!next) {
      log.clear();
      const auto earliest =
          client::list_offset(self, cluster, partition.topic, index, kEarliest, cluster.deadline_in(kPatience));
      if (earliest) next = earliest->offset;
    }
    const MonotonicTime asked = now();
    const auto fetched =
        next ? fetch_committed(self, cluster, partition, *next, 1 << 20)
             : client::Outcome<CommittedFetch>(client::failed(Errc::not_found, "the start is not known"));
    if (!fetched) {
      next.reset();
      env::sleep_for(self, cluster.shard().clock, kRetryPause);
      continue;
    }
    for (const auto& seen : fetched->records) log.push_back({0, partition, seen.offset, seen.value, now(), asked});
    next = fetched->next;
    if (fetched->next < fetched->last_stable_offset) continue;
    history.stable_offsets.push_back({.partition = partition,
                                      .last_stable = fetched->last_stable_offset,
                                      .high_watermark = fetched->high_watermark,
                                      .log_start = fetched->log_start_offset,
                                      .asked = asked,
                                      .at = now(),
                                      .is_final = true});
    return;
  }
}

}  // namespace gregor::scenarios
