#include "scenarios/sequence_client.h"

#include <algorithm>

#include "record/batch_view.h"
#include "wire/init_producer_id.h"

namespace gregor::scenarios {
namespace {

using properties::Outcome;
using properties::Sent;

constexpr std::size_t kBatchesKept = 8;
constexpr std::int32_t kTriesOfABatch = 4;

}  // namespace

SequenceClient::SequenceClient(int id, client::Cluster cluster, properties::HistoryPartition partition,
                               properties::History& history, properties::ValueId& next_value,
                               UniqueFunction<MonotonicTime()> now, UniqueFunction<std::uint32_t()> broker_life)
    : id_(id),
      cluster_(std::move(cluster)),
      partition_(std::move(partition)),
      history_(history),
      next_value_(next_value),
      now_(std::move(now)),
      broker_life_(std::move(broker_life)) {}

void SequenceClient::step(env::Fiber& self, RandomStream& random) {
  const std::uint64_t kind = random.below(100);
  if (producer_ == kNoProducerId || kind < 6) {
    if (!obtain_id(self)) return;
    if (random.chance(1, 2)) next_ = Sequence{INT32_MAX - static_cast<std::int32_t>(random.below(6))};
  }
  if (kind < 62 || sent_.empty()) return send_next(self, random);
  if (kind < 85) {
    const BatchPtr again = sent_[random.below(sent_.size())];
    const bool twice = random.chance(1, 3);
    return send(self, again, twice);
  }
  const auto skipped = static_cast<std::int32_t>(random.between(1, 4));
  const BatchPtr ahead = make(random, record::advance_sequence(next_, skipped));
  send(self, ahead, false);
  const Sent& first = history_.sent[ahead->first_entry];
  // A broker that knows nothing of the producer takes any sequence: then this is where it stands.
  if (first.outcome == Outcome::acknowledged) sent_.clear();
  if (first.outcome == Outcome::acknowledged) next_ = record::advance_sequence(ahead->first, ahead->records);
  if (first.outcome == Outcome::unknown) producer_ = kNoProducerId;
}

bool SequenceClient::obtain_id(env::Fiber& self) {
  wire::InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = INT32_MAX;
  producer_ = kNoProducerId;
  sent_.clear();
  auto link = cluster_.any_link(self);
  if (!link) return false;
  const auto reply = (*link)->ask<wire::InitProducerIdRequest, wire::InitProducerIdResponse>(self, request);
  if (!reply || reply->body.error_code != 0) return false;
  producer_ = ProducerId{reply->body.producer_id};
  epoch_ = ProducerEpoch{reply->body.producer_epoch};
  next_ = Sequence{0};
  history_.producer_ids.push_back({id_, producer_, now_()});
  return true;
}

SequenceClient::BatchPtr SequenceClient::make(RandomStream& random, Sequence first) {
  auto batch = std::make_shared<Batch>();
  batch->first = first;
  batch->records = static_cast<std::int32_t>(random.between(1, 3));
  batch->first_entry = history_.sent.size();
  record::BatchBuilder builder(record::BatchSettings{});
  const WallTime timestamp = cluster_.shard().clock.wall_now();
  for (std::int32_t i = 0; i < batch->records; ++i) {
    Sent sent;
    sent.client = id_;
    sent.partition = partition_;
    sent.value = next_value_++;
    sent.idempotent = true;
    sent.invoked = now_();
    ByteBuffer value(sizeof sent.value);
    store_big_endian(value.data(), sent.value);
    builder.add(timestamp, std::nullopt, Bytes(value));
    history_.sent.push_back(std::move(sent));
  }
  builder.set_producer(producer_, epoch_, first);
  batch->encoded = builder.encode(scratch_).value();
  return batch;
}

/// Until it is known what became of it, or the producer id is given up.
void SequenceClient::send_next(env::Fiber& self, RandomStream& random) {
  const BatchPtr batch = make(random, next_);
  const bool twice = random.chance(1, 3);
  for (std::int32_t tries = 0; tries < kTriesOfABatch && !batch->is_decided; ++tries) send(self, batch, twice);
  if (history_.sent[batch->first_entry].outcome != Outcome::acknowledged) {
    producer_ = kNoProducerId;
    return;
  }
  next_ = record::advance_sequence(next_, batch->records);
  sent_.push_back(batch);
  if (sent_.size() > kBatchesKept) sent_.pop_front();
}

void SequenceClient::send(env::Fiber& self, const BatchPtr& batch, bool twice) {
  const auto route = ProduceRoute::find(self, cluster_, partition_);
  if (!route) return;
  const wire::ProduceRequest request = route->request(partition_, Bytes(batch->encoded));
  batch->asked_in = broker_life_();
  const auto first = route->start(self, request);
  const auto second = first && twice ? route->start(self, request) : nullptr;
  if (first) take(*batch, route->await(self, *first));
  if (second) take(*batch, route->await(self, *second));
  cluster_.forget(partition_.topic);
}

void SequenceClient::take(Batch& batch, const std::optional<BatchAnswer>& answer) {
  if (!answer) return;
  note_answer(batch, answer->code, answer->base_offset);
  note(batch, answer->code, answer->base_offset);
}

/// Only what the broker's present life must know is noted.
void SequenceClient::note_answer(const Batch& batch, wire::ErrorCode code, Offset base) {
  const bool is_refused = code == wire::ErrorCode::out_of_order_sequence_number;
  if (sent_.empty() || sent_.back()->life != broker_life_() || (!is_refused && code != wire::ErrorCode::none)) return;
  properties::SequenceAnswer answer{
      .client = id_, .partition = partition_, .sequence = batch.first, .is_refused = is_refused, .at = now_()};
  answer.told = base;
  const auto original = std::find_if(sent_.begin(), sent_.end(), [&](const BatchPtr& b) { return b.get() == &batch; });
  if (original == sent_.end()) {
    if (batch.is_decided || batch.first != next_) return;  // out of order on purpose, or a copy on the heels of it
  } else {
    const bool all_of_this_life =
        std::all_of(original, sent_.end(), [&](const BatchPtr& b) { return b->life == sent_.back()->life; });
    if (!all_of_this_life) return;
    answer.is_copy = true;
    answer.newer_batches = static_cast<std::size_t>(sent_.end() - original) - 1;
    answer.first_told = history_.sent[batch.first_entry].offset;
  }
  history_.sequence_answers.push_back(std::move(answer));
}

/// The first word that decides stays: what is said of a copy says nothing against it.
void SequenceClient::note(Batch& batch, wire::ErrorCode code, Offset base) {
  if (batch.is_decided) return;
  const bool acknowledged = code == wire::ErrorCode::none;
  const bool refused = code == wire::ErrorCode::out_of_order_sequence_number;
  if (!acknowledged && !refused) return;
  batch.is_decided = true;
  // An answer may still come out of the network when the life that gave it is over, and with it what it wrote.
  batch.life = batch.asked_in == broker_life_() ? batch.asked_in : 0;
  for (std::int32_t i = 0; i < batch.records; ++i) {
    Sent& sent = history_.sent[batch.first_entry + static_cast<std::size_t>(i)];
    sent.completed = now_();
    // Refused for its order it may still be: an earlier copy may have got in before the broker forgot the producer.
    sent.outcome = acknowledged ? Outcome::acknowledged : Outcome::unknown;
    if (acknowledged) sent.offset = base + i;
  }
}

}  // namespace gregor::scenarios
