// How batches leave a partition: never beyond what a reader may see, and only as the disk proves them right.
#include <algorithm>

#include "base/mutant.h"
#include "partition/partition.h"

namespace gregor::partition {
namespace {

/// What is not told but seen by looking: a replica that left the ISR, a leadership that ended.
constexpr Milliseconds kLookAgain{100};

PartitionError error_of(replica::ReplicaVerdict verdict) {
  return static_cast<PartitionError>(verdict);
}

PartitionError error_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid:
      return PartitionError::offset_out_of_range;
    case Errc::corrupt:
      return PartitionError::corrupt_message;
    case Errc::closed:
      return PartitionError::not_leader_or_follower;
    default:
      return PartitionError::storage_error;
  }
}

}  // namespace

/// What this replica says to the reader before anything is read.
replica::FetchRuling Partition::judge_read(const ReadAsk& ask) {
  const replica::ReaderPosition reader{ask.offset, ask.last_fetched_epoch};
  if (!ask.follower) return replica_->judge_read(reader, ask.current_leader_epoch, ask.answered_by, history());
  if (ask.follower->is_repeat) {
    return replica_->judge_read(reader, ask.current_leader_epoch, replica::AnsweredBy::leader, history());
  }
  const auto ruling = replica_->on_follower_fetch({.replica = ask.follower->replica,
                                                   .broker_epoch = ask.follower->broker_epoch,
                                                   .current_leader_epoch = ask.current_leader_epoch,
                                                   .offset = ask.offset,
                                                   .last_fetched_epoch = ask.last_fetched_epoch,
                                                   .log_start = ask.follower->log_start},
                                                  history(), seat_.shard.clock.now());
  if (ruling.high_watermark_moved) publish();
  tend_isr();
  followed_.wake_all();
  return ruling;
}

/// Where the records end that this reader may have.
Offset Partition::end_for(const ReadAsk& ask, const ReadOutcome& outcome) const {
  if (ask.follower) return replica_->log_end_offset();
  if (MUTANT(read_beyond_high_watermark)) return log_->log_end();
  if (ask.isolation == Isolation::read_committed) return outcome.last_stable_offset;
  return replica_->readable_end();
}

/// A reader at a follower that knows neither epochs nor whom it reads from may be right where we lag: it waits.
bool Partition::is_ahead_of_follower(const ReadAsk& ask, const replica::FetchRuling& ruling) const {
  return ruling.verdict == replica::ReplicaVerdict::offset_out_of_range && !ask.follower && !leads() &&
         ask.current_leader_epoch == kNoLeaderEpoch && ask.offset > replica_->log_end_offset();
}

ReadOutcome Partition::read(env::Fiber& self, const ReadAsk& ask) {
  const Use use(self, *this);
  ReadOutcome outcome;
  outcome.error = readiness(self);
  if (replica_) outcome.leader_epoch = replica_->leader_epoch();
  if (outcome.error != PartitionError::none) return outcome;

  const auto ruling = judge_read(ask);
  outcome.error = is_ahead_of_follower(ask, ruling) ? PartitionError::none : error_of(ruling.verdict);
  if (outcome.error != PartitionError::none) return outcome;
  if (ruling.diverging)
    outcome.diverging = ReadOutcome::Diverging{ruling.diverging->epoch, ruling.diverging->end_offset};
  outcome.high_watermark = replica_->high_watermark();
  outcome.last_stable_offset = replica_->last_stable_offset(producers_);
  outcome.log_start_offset = log_->log_start();
  outcome.visible_bytes = ask.follower ? visibility_.appended_bytes() : visibility_.visible_bytes();
  if (ask.wants_candidates) outcome.candidates = replica_->read_candidates(ask.offset, seat_.shard.clock.now());
  const Offset limit = end_for(ask, outcome);
  const bool may_hold = ask.bytes_max > 0 || ask.whole_first_batch;
  if (outcome.diverging || !may_hold || ask.offset >= limit) return outcome;
  if (ask.follower && holds_back(*ask.follower)) return outcome;

  auto read = log_->read(self, ask.offset,
                         {.bytes_max = ask.bytes_max,
                          .below = limit,
                          .whole_first_batch = ask.whole_first_batch,
                          .with_aborted = ask.isolation == Isolation::read_committed});
  if (!read) {
    note_damage(read.error(), ask.offset);
    return ReadOutcome{.error = error_of(read.error()), .leader_epoch = outcome.leader_epoch};
  }
  if (!read->batches.empty()) hand_out(ask, std::move(*read), outcome);
  return outcome;
}

/// A throttled copy goes out only while leader.replication.throttled.rate has room; who is in sync is never throttled.
bool Partition::holds_back(const FollowerAsk& follower) const {
  if (seat_.quotas == nullptr || replica_->leadership().isr().has_committed(follower.replica)) return false;
  const auto limit = limit_on(id_.partition, config_.leader_replication_throttled_replicas, seat_.settings,
                              seat_.settings.leader_replication_throttled_rate);
  return limit && seat_.quotas->leader.is_exceeded(seat_.shard.clock.now(), *limit);
}

void Partition::hand_out(const ReadAsk& ask, storage::LogRead read, ReadOutcome& outcome) {
  for (const auto& aborted : read.aborted) outcome.aborted.push_back({aborted.producer_id, aborted.first_offset});
  const auto owner = std::make_shared<storage::LogRead>(std::move(read));
  outcome.records = owner->batches.bytes();
  outcome.owner = owner;
  if (ask.follower) {  // copies are no traffic of clients
    if (seat_.quotas == nullptr) return;
    const auto limit = limit_on(id_.partition, config_.leader_replication_throttled_replicas, seat_.settings,
                                seat_.settings.leader_replication_throttled_rate);
    if (limit) seat_.quotas->leader.record(seat_.shard.clock.now(), outcome.records.size(), *limit);
    return;
  }
  ++traffic_.fetches;
  traffic_.bytes_out += outcome.records.size();
  seat_.observer.on(observe::FetchAnswered{id_, ask.offset, owner->next_offset, outcome.high_watermark});
}

WatchList::Watch Partition::watch(std::uint64_t seen, ProgressCallback callback, Reader reader,
                                  Offset seen_high_watermark) {
  const bool is_follower = reader == Reader::follower;
  const std::uint64_t now = is_follower ? visibility_.appended_bytes() : visibility_.visible_bytes();
  if (unusable() != PartitionError::none) {
    callback(kGone);
  } else if (now > seen) {
    callback(now - seen);
  } else if (is_follower && replica_->high_watermark() > seen_high_watermark) {
    callback(kMoved);
  }
  return (is_follower ? follower_watchers_ : watchers_)->add(std::move(callback));
}

OffsetAnswer Partition::find_offset(env::Fiber& self, std::int64_t timestamp_ms, Isolation isolation,
                                    LeaderEpoch current_leader_epoch, Reader reader) {
  const Use use(self, *this);
  OffsetAnswer answer;
  answer.error = refusal(self, current_leader_epoch);
  if (answer.error != PartitionError::none) return answer;

  if (reader == Reader::follower && timestamp_ms == kLatestTimestamp) {
    answer.offset = replica_->log_end_offset();
    answer.leader_epoch = replica_->leader_epoch();
    return answer;
  }
  const Offset end =
      isolation == Isolation::read_committed ? replica_->last_stable_offset(producers_) : replica_->high_watermark();
  record::CodecScratch scratch;  // its own: others may use the shard's while this fiber is suspended
  Result<std::optional<storage::TimestampedOffset>> found = std::optional<storage::TimestampedOffset>{};
  switch (timestamp_ms) {
    case kLatestTimestamp:
      answer.error = error_of(replica_->latest_offset().verdict);
      if (answer.error != PartitionError::none) return answer;
      answer.offset = end;
      answer.leader_epoch = replica_->leader_epoch();
      return answer;
    case kEarliestTimestamp:
    case kEarliestLocalTimestamp:
      answer.offset = log_->log_start();
      answer.leader_epoch = log_->leader_epochs().epoch_at(answer.offset).value_or(kNoLeaderEpoch);
      return answer;
    case kLatestTieredTimestamp:
    case kEarliestPendingUploadTimestamp:
      return answer;
    case kMaxTimestamp:
      found = log_->find_max_timestamp(self, end, scratch);
      break;
    default:
      found = log_->find_by_timestamp(self, timestamp_ms, end, scratch);
      break;
  }
  if (!found) {
    note_damage(found.error(), log_->log_start());
    answer.error = error_of(found.error());
  } else if (*found) {
    answer.timestamp_ms = (*found)->timestamp_ms;
    answer.offset = (*found)->offset;
    answer.leader_epoch = (*found)->leader_epoch;
  }
  return answer;
}

EpochAnswer Partition::end_of_epoch(env::Fiber& self, LeaderEpoch asked, LeaderEpoch current_leader_epoch) {
  const Use use(self, *this);
  EpochAnswer answer;
  answer.error = refusal(self, current_leader_epoch);
  if (answer.error != PartitionError::none) return answer;
  const EpochEnd end = replica_->end_of_epoch(asked, log_->leader_epochs().entries());
  if (!end.is_known()) return answer;
  answer.leader_epoch = end.epoch;
  answer.end_offset = end.end_offset;
  return answer;
}

ProducersAnswer Partition::active_producers(env::Fiber& self) {
  const Use use(self, *this);
  ProducersAnswer answer;
  answer.error = refusal(self, kNoLeaderEpoch);
  if (answer.error == PartitionError::none) answer.producers = producers_.entries();
  return answer;
}

DeletionAnswer Partition::delete_records(env::Fiber& self, Offset before, MonotonicTime deadline) {
  const auto keep = shared_from_this();
  const DeletionAnswer deleted = delete_here(self, before);
  return deleted.error == PartitionError::none ? await_low_watermark(self, deleted.before, deadline) : deleted;
}

/// Below `before` on this replica.
DeletionAnswer Partition::delete_here(env::Fiber& self, Offset before) {
  const Use use(self, *this);
  if (const auto error = refusal(self, kNoLeaderEpoch); error != PartitionError::none) return {.error = error};
  if (!config_.cleanup_policy_delete) return {.error = PartitionError::policy_violation};
  const Offset to = before == kDeleteToHighWatermark ? replica_->high_watermark() : before;
  if (to < Offset{0} || to > replica_->high_watermark()) return {.error = PartitionError::offset_out_of_range};
  if (to > log_->log_start()) {
    // The checkpoint comes first: what a reader was told of the log's start must hold after any crash.
    if (!keep_log_start(self, to)) return {.error = PartitionError::storage_error};
    if (const auto error = unusable(); error != PartitionError::none) return {.error = error};
    if (!leads()) return {.error = PartitionError::not_leader_or_follower};
    log_->advance_log_start(to);
    replica_->on_log_start(log_->log_start());
    follower_watchers_->tell(kGone);  // they hear of it with their next answer
    if (const auto deleted = log_->delete_old_segments(self); !deleted) upkeep_failed(self, deleted.error());
  }
  return {.before = to};
}

Result<void> Partition::keep_log_start(env::Fiber& self, Offset start) {
  log_start_wanted_ = std::max(log_start_wanted_, start);
  auto kept = seat_.directories.raise_log_start(self, seat_.shard, placement_->directory, id_, start);
  if (!kept && kept.error().code == Errc::io) fail(self, kept.error());
  return kept;
}

/// Who leads next must not show again what was deleted.
DeletionAnswer Partition::await_low_watermark(env::Fiber& self, Offset to, MonotonicTime deadline) {
  while (!closing_ && !retiring_ && leads()) {
    if (const auto error = unusable(); error != PartitionError::none) return {.error = error};
    const Offset low = replica_->low_watermark();
    if (low >= to) return {.log_start_offset = low, .before = to};
    const MonotonicTime now = seat_.shard.clock.now();
    if (now >= deadline) {
      const bool has_enough = replica_->has_min_isr();
      return {.error = has_enough ? PartitionError::request_timed_out : PartitionError::not_enough_replicas,
              .before = to};
    }
    followed_.wait_until(self, seat_.shard.clock, std::min(deadline, now + kLookAgain));
  }
  return {.error = PartitionError::not_leader_or_follower};
}

/// What keeps a request from being served that names `current` as the leader's epoch. Suspends until the log is open.
PartitionError Partition::refusal(env::Fiber& self, LeaderEpoch current) {
  const auto error = readiness(self);
  return error == PartitionError::none ? error_of(replica_->fence(current)) : error;
}

/// The same, but for the replica's role.
PartitionError Partition::readiness(env::Fiber& self) {
  if (!settled(self)) return PartitionError::storage_error;
  return unusable();
}

Result<void> Partition::walk(env::Fiber& self, storage::BatchVisitor visit) {
  const Use use(self, *this);
  TRY(settled(self));
  if (unusable() != PartitionError::none || !leads()) {
    return gregor::fail(Errc::closed, "this node does not lead the partition");
  }
  auto walked = log_->scan(self, log_->log_start(), log_->log_end(), std::move(visit));
  if (!walked) note_damage(walked.error(), log_->log_start());
  return walked;
}

}  // namespace gregor::partition
