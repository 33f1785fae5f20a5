#include "client/producer_lane.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "wire/init_producer_id.h"
#include "wire/produce.h"

namespace gregor::client {

namespace {

constexpr std::size_t kIdempotentInFlightMax = 5;  // a partition remembers as many batches of a producer

Failure timed_out(const std::string& topic, PartitionIndex partition) {
  return Failure{
      Fate::failed, wire::ErrorCode::none,
      Error{Errc::timed_out, topic + "-" + std::to_string(partition.value()) + ": not delivered in time", 0}};
}

}  // namespace

Producer::Lane::Lane(std::shared_ptr<Shared> shared, std::string topic, PartitionIndex partition)
    : shared_(std::move(shared)),
      topic_(std::move(topic)),
      partition_(partition),
      backoff_(shared_->cluster.backoff()) {}

// ---- taking records in ----

bool Producer::Lane::has_room_for(std::size_t size) const {
  if (queue_.empty() || queue_.back()->is_sealed) return false;
  return queue_.back()->builder.plain_size() + size <= shared_->settings.batch_bytes;
}

void Producer::Lane::add(const OutgoingRecord& record, WallTime timestamp, std::size_t size, ReportTo done) {
  if (!has_room_for(size)) {
    if (!queue_.empty()) queue_.back()->is_sealed = true;
    record::BatchSettings settings;
    settings.codec = shared_->settings.codec;
    settings.level = shared_->settings.level;
    queue_.push_back(std::make_shared<Batch>(settings));
    queue_.back()->born = now();
  }
  Batch& batch = *queue_.back();
  batch.builder.add(timestamp, record.key, record.value, record.headers);
  batch.reports.push_back(std::move(done));
  batch.charged_bytes += size;
  if (batch.builder.plain_size() >= shared_->settings.batch_bytes) batch.is_sealed = true;
  ring();
}

// ---- the fiber ----

void Producer::Lane::begin(const std::shared_ptr<Lane>& lane) {
  /// Goes with the fiber's entry, whether that ever runs or not.
  struct Ticket {
    explicit Ticket(std::shared_ptr<Lane> l) : lane(std::move(l)) {}
    Ticket(Ticket&&) = default;
    ~Ticket() {
      if (lane) lane->fiber_ = nullptr;
    }
    std::shared_ptr<Lane> lane;
  };
  lane->me_ = lane;
  env::FiberScheduler& fibers = lane->shared_->cluster.shard().fibers;
  lane->fiber_ = &fibers.spawn("client.lane", [ticket = Ticket(lane)](env::Fiber& self) { ticket.lane->serve(self); });
}

void Producer::Lane::serve(env::Fiber& self) {
  while (!shared_->is_closed) {
    give_up_expired();
    if (has_hole_ && in_flight_.empty()) begin_anew();
    if (!in_flight_.empty() && in_flight_.front()->is_answered()) {
      settle_front(self);
    } else if (may_send()) {
      send_front(self);
    } else {
      bell_.wait_until(self, shared_->cluster.shard().clock, next_due());
    }
  }
}

bool Producer::Lane::has_free_place() const {
  std::size_t most = shared_->settings.in_flight_max;
  if (is_idempotent()) most = is_id_known_ ? std::min(most, kIdempotentInFlightMax) : 1;
  return in_flight_.size() < std::max<std::size_t>(most, 1) && !has_hole_;
}

bool Producer::Lane::may_send() const {
  if (queue_.empty() || !has_free_place()) return false;
  const Batch& front = *queue_.front();
  return front.is_sealed || shared_->flushing > 0 || now() >= front.born + shared_->settings.linger;
}

MonotonicTime Producer::Lane::expiry_of(const Batch& batch) const {
  return batch.born + shared_->settings.delivery_timeout;
}

MonotonicTime Producer::Lane::next_due() const {
  if (queue_.empty()) return kForever;
  const Batch& front = *queue_.front();
  if (!has_free_place()) return expiry_of(front);
  return std::min(expiry_of(front), front.born + shared_->settings.linger);
}

void Producer::Lane::give_up_front(Failure failure) {
  const std::shared_ptr<Batch> batch = queue_.front();
  queue_.pop_front();
  has_hole_ = has_hole_ || batch->base_sequence;
  report_failure(*batch, std::move(failure));
}

/// Batches that wait too long to be sent. Those under way end with their request's timeout.
void Producer::Lane::give_up_expired() {
  while (!queue_.empty() && expiry_of(*queue_.front()) <= now()) give_up_front(timed_out(topic_, partition_));
}

// ---- sending ----

void Producer::Lane::send_front(env::Fiber& self) {
  const std::shared_ptr<Batch> batch = queue_.front();
  batch->is_sealed = true;
  Cluster::Leader leader;
  if (!ready_to_send(self, *batch, leader) || shared_->is_closed) return;
  if (!in_flight_.empty() && in_flight_.back()->link != leader.link) {
    settle_all(self, take_answer(self, *in_flight_.front()));  // another link would not keep the order
    return;
  }
  if (!encode(*batch)) return;
  queue_.pop_front();
  in_flight_.push_back(batch);
  start(self, batch, leader);
}

/// Finds the leader and, for an idempotent producer, an id. False: look again.
bool Producer::Lane::ready_to_send(env::Fiber& self, const Batch& batch, Cluster::Leader& leader) {
  if (is_idempotent() && producer_id_ == kNoProducerId && !obtain_producer_id(self)) {
    shared_->cluster.back_off(self, backoff_, expiry_of(batch));
    return false;
  }
  auto found =
      shared_->cluster.leader_of(self, topic_, partition_, expiry_of(batch), shared_->settings.auto_create_topics);
  if (shared_->is_closed) return false;
  if (found) {
    leader = std::move(*found);
    return true;
  }
  // What may be retried was, until the batch expired, which the next round sees.
  if (!is_retriable(found.error())) give_up_front(std::move(found.error()));
  return false;
}

bool Producer::Lane::obtain_producer_id(env::Fiber& self) {
  wire::InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  request.transaction_timeout_ms = INT32_MAX;
  auto link = shared_->cluster.any_link(self);
  if (!link || shared_->is_closed) return false;
  const auto reply = (*link)->ask<wire::InitProducerIdRequest, wire::InitProducerIdResponse>(self, request);
  if (!reply || reply->body.error_code != 0) return false;
  producer_id_ = ProducerId{reply->body.producer_id};
  producer_epoch_ = ProducerEpoch{reply->body.producer_epoch};
  next_sequence_ = Sequence{0};
  is_id_known_ = false;
  return true;
}

/// Fills batch.encoded. False: it cannot be, and was reported.
bool Producer::Lane::encode(Batch& batch) {
  if (is_idempotent() && !batch.base_sequence) {
    batch.base_sequence = next_sequence_;
    next_sequence_ = record::advance_sequence(next_sequence_, batch.builder.record_count());
    batch.builder.set_producer(producer_id_, producer_epoch_, *batch.base_sequence);
    batch.encoded.clear();
  }
  if (!batch.encoded.empty()) return true;
  auto encoded = batch.builder.encode(shared_->scratch);
  if (encoded) {
    batch.encoded = std::move(*encoded);
    return true;
  }
  give_up_front(Failure{Fate::failed, wire::ErrorCode::none, std::move(encoded.error())});
  return false;
}

void Producer::Lane::start(env::Fiber& self, const std::shared_ptr<Batch>& batch, const Cluster::Leader& leader) {
  batch->link = leader.link;
  batch->call = nullptr;
  batch->not_sent.reset();
  const auto version = leader.link->version_of(wire::ApiKey::produce, wire::ProduceRequest::kVersionMin,
                                               wire::ProduceRequest::kVersionMax);
  if (!version) {
    batch->not_sent = version.error();
    return;
  }
  batch->version = *version;
  wire::ProduceRequest request;
  request.acks = shared_->settings.acks;
  request.timeout_ms = static_cast<std::int32_t>(shared_->settings.request_timeout.count());
  request.topic_data.push_back({.name = topic_, .topic_id = leader.topic_id, .partition_data = {}});
  request.topic_data[0].partition_data.push_back({.index = partition_.value(), .records = Bytes(batch->encoded)});
  // Until start() returns the batch counts as unanswered: nobody but this fiber looks.
  auto call = leader.link->start(
      self, request, *version,
      [lane = me_] {
        if (const auto alive = lane.lock()) alive->ring();
      },
      shared_->settings.acks != 0);
  if (call) {
    batch->call = std::move(*call);
  } else {
    batch->not_sent = std::move(call.error());
  }
}

// ---- answers ----

/// Suspends until the batch's try is answered.
Delivery Producer::Lane::take_answer(env::Fiber& self, Batch& batch) {
  const auto judged = [&](Failure failure) {
    batch.may_have_landed = batch.may_have_landed || failure.fate == Fate::unknown;
    return passed_on(std::move(failure));
  };
  if (batch.not_sent) return judged(*batch.not_sent);
  auto frame = batch.call->await(self);
  if (!frame) return judged(std::move(frame.error()));
  if (shared_->settings.acks == 0) return Delivered{.partition = partition_};
  auto reply = Connection::decode_reply<wire::ProduceResponse>(std::move(*frame), batch.version);
  if (!reply) return judged(std::move(reply.error()));
  if (reply->body.responses.empty() || reply->body.responses[0].partition_responses.empty()) {
    return judged(Failure{Fate::unknown, wire::ErrorCode::none, Error{Errc::malformed, "Produce: an empty answer", 0}});
  }
  const auto& answer = reply->body.responses[0].partition_responses[0];
  const wire::ErrorCode code = wire::error_code_of(answer.error_code);
  if (code == wire::ErrorCode::duplicate_sequence_number) return Delivered{.partition = partition_};
  if (code != wire::ErrorCode::none) {
    return judged(answered(code, std::string(answer.error_message.value_or(""))).value());
  }
  return Delivered{partition_, Offset{answer.base_offset}, WallTime{answer.log_append_time_ms}};
}

void Producer::Lane::settle_front(env::Fiber& self) {
  const std::shared_ptr<Batch> batch = in_flight_.front();
  Delivery delivery = take_answer(self, *batch);
  if (shared_->is_closed) return;
  if (!delivery) return settle_all(self, std::move(delivery));
  in_flight_.pop_front();
  is_id_known_ = true;
  backoff_ = shared_->cluster.backoff();
  report(*batch, delivery);
}

/// The oldest try failed, or the link changed: waits for all that are under way and sorts them into done, given up, and
/// again.
void Producer::Lane::settle_all(env::Fiber& self, Delivery first) {
  std::vector<Delivery> outcomes;
  outcomes.push_back(std::move(first));
  while (outcomes.size() < in_flight_.size()) {
    const std::shared_ptr<Batch> batch = in_flight_[outcomes.size()];
    outcomes.push_back(take_answer(self, *batch));
    if (shared_->is_closed) return;
  }
  BatchList again;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::shared_ptr<Batch> batch = in_flight_[i];
    if (outcomes[i]) {
      is_id_known_ = true;
      report(*batch, outcomes[i]);
      continue;
    }
    Failure& failure = outcomes[i].error();
    // Out of order is only what follows from an earlier batch's failure, where there was one.
    const bool follows = failure.code == wire::ErrorCode::out_of_order_sequence_number && (has_hole_ || !again.empty());
    if ((is_retriable(failure) || follows) && expiry_of(*batch) > now()) {
      again.push_back(batch);
    } else {
      has_hole_ = has_hole_ || batch->base_sequence;
      report_failure(*batch, std::move(failure));
    }
  }
  in_flight_.clear();
  queue_.insert(queue_.begin(), again.begin(), again.end());
  if (again.empty()) return;
  shared_->cluster.forget(topic_);
  shared_->cluster.back_off(self, backoff_, expiry_of(*again.front()));
}

/// After a hole in the sequences: all that had one begins again under a new id, but for what may stand in the log under
/// the old.
void Producer::Lane::begin_anew() {
  has_hole_ = false;
  producer_id_ = kNoProducerId;
  for (const std::shared_ptr<Batch>& batch : std::exchange(queue_, {})) {
    if (batch->may_have_landed) {
      report_failure(*batch, timed_out(topic_, partition_));
      continue;
    }
    batch->base_sequence.reset();
    queue_.push_back(batch);
  }
}

// ---- reports ----

void Producer::Lane::report(Batch& batch, const Delivery& delivery) {
  shared_->buffered_bytes -= std::exchange(batch.charged_bytes, 0);
  std::vector<ReportTo> reports = std::exchange(batch.reports, {});
  shared_->unreported -= reports.size();
  std::int64_t index = 0;
  for (ReportTo& done : reports) {
    Delivery mine = delivery;
    if (mine && mine->offset != kNoOffset) mine->offset = mine->offset + index;
    ++index;
    done(mine);
  }
  shared_->room.wake_all();
  if (shared_->unreported == 0) shared_->drained.wake_all();
}

void Producer::Lane::report_failure(Batch& batch, Failure failure) {
  failure.fate = batch.may_have_landed ? Fate::unknown : failure.fate;
  report(batch, passed_on(std::move(failure)));
}

void Producer::Lane::abandon() {
  if (env::Fiber* fiber = std::exchange(fiber_, nullptr)) fiber->cancel();
  for (const std::shared_ptr<Batch>& batch : std::exchange(in_flight_, {})) {
    batch->may_have_landed = batch->may_have_landed || !batch->not_sent || batch->not_sent->fate == Fate::unknown;
    report_failure(*batch,
                   Failure{Fate::unknown, wire::ErrorCode::none, Error{Errc::closed, "the producer was closed", 0}});
  }
  for (const std::shared_ptr<Batch>& batch : std::exchange(queue_, {})) {
    report_failure(*batch,
                   Failure{Fate::failed, wire::ErrorCode::none, Error{Errc::closed, "the producer was closed", 0}});
  }
}

}  // namespace gregor::client
