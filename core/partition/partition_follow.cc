// The follower: what a leader answered goes into the log as it stands, or cuts it. Decisions are replica/'s; here they
// are performed, one at a time, on the worker.
#include <algorithm>

#include "partition/partition.h"
#include "partition/producer_replay.h"

namespace gregor::partition {
namespace {

/// The batch's place and epoch fit behind what the group ends with.
Result<void> check_place(const record::BatchView& batch, Offset end, LeaderEpoch epoch) {
  if (batch.base_offset() < end) return fail(Errc::malformed, "a batch lies below the log's end");
  if (batch.leader_epoch() < epoch) return fail(Errc::malformed, "the leader's epochs fall");
  return {};
}

Offset first_offset_in(Bytes records) {
  const auto first = record::BatchView::parse_header(records);
  return first ? first->base_offset() : kNoOffset;
}

}  // namespace

NodeId Partition::following() const {
  const bool follows =
      stage_ == Stage::open && unusable() == PartitionError::none && replica_->role() == replica::Role::follower;
  return follows ? replica_->leader() : kNoNodeId;
}

replica::FollowerStep Partition::next_step() {
  if (following() == kNoNodeId || role_is_pending() || job_ || is_following_ || flush_wanted_) return {};
  if (is_held_back() || damage_) return {};
  const auto step = replica_->next_step(history());
  const bool awaits_flush = step.kind == replica::FollowerStep::Kind::none &&
                            durability() == replica::Durability::flushed &&
                            replica_->flushed_offset() < replica_->log_end_offset();
  if (awaits_flush) {
    flush_wanted_ = true;
    kick();
  }
  if (step.kind != replica::FollowerStep::Kind::truncate) return step;
  take_job({.work = step, .done = {}});
  return {};
}

bool Partition::is_held_back() const {
  if (seat_.quotas == nullptr || !lags_) return false;
  const auto limit = limit_on(id_.partition, config_.follower_replication_throttled_replicas, seat_.settings,
                              seat_.settings.follower_replication_throttled_rate);
  return limit && seat_.quotas->follower.is_exceeded(seat_.shard.clock.now(), *limit);
}

/// What was copied counts, in sync or not.
void Partition::note_copied(const LeaderAnswer& answer) {
  lags_ = answer.fetch.high_watermark > log_->log_end();
  if (seat_.quotas == nullptr || answer.records.empty()) return;
  const auto limit = limit_on(id_.partition, config_.follower_replication_throttled_replicas, seat_.settings,
                              seat_.settings.follower_replication_throttled_rate);
  if (limit) seat_.quotas->follower.record(seat_.shard.clock.now(), answer.records.size(), *limit);
}

void Partition::replicate(LeaderAnswer answer, AnswerDone done) {
  answer.fetch.base_offset = first_offset_in(answer.records);
  take_job({.work = std::move(answer), .done = std::move(done)});
}

void Partition::learn_range(const replica::RangeAnswer& answer, AnswerDone done) {
  take_job({.work = answer, .done = std::move(done)});
}

void Partition::take_job(Job job) {
  if (following() == kNoNodeId || job_ || is_following_) {
    if (job.done) job.done(Followed::refused);
    return;
  }
  job_ = std::move(job);
  kick();
}

void Partition::follow(env::Fiber& self) {
  Job job = std::move(*job_);
  job_.reset();
  is_following_ = true;
  const auto performed = std::visit([&](const auto& work) { return perform(self, work); }, job.work);
  is_following_ = false;
  if (!performed) {
    seat_.log.warn("partition.not_replicated",
                   {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"error", performed.error().text}});
    if (log_->failure()) fail(self, *log_->failure());
  }
  if (job.done) job.done(performed ? *performed : Followed::refused);
}

Result<Followed> Partition::perform(env::Fiber& self, const LeaderAnswer& answer) {
  const auto step = replica_->judge(answer.fetch, history());
  if (step.kind != replica::FollowerStep::Kind::append) return perform(self, step);
  if (!answer.records.empty()) TRY(take_batches(self, answer));
  note_copied(answer);
  if (replica_->on_replicated(answer.fetch)) publish();
  return follow_log_start(self, replica_->log_start_to_follow(answer.fetch));
}

/// Told to the leader with the next fetch, which may then promise that what was deleted stays so: durable first.
Result<Followed> Partition::follow_log_start(env::Fiber& self, Offset start) {
  if (start <= log_->log_start()) return Followed::done;
  TRY(keep_log_start(self, start));
  log_->advance_log_start(start);
  replica_->on_log_start(start);
  return Followed::done;
}

Result<Followed> Partition::perform(env::Fiber& self, const replica::RangeAnswer& answer) {
  const auto step = replica_->judge(answer);
  TRY(perform(self, step));
  return Followed::done;
}

Result<Followed> Partition::perform(env::Fiber& self, const replica::FollowerStep& step) {
  switch (step.kind) {
    case replica::FollowerStep::Kind::truncate:
      TRY(truncate(self, step.offset));
      return Followed::done;
    case replica::FollowerStep::Kind::start_over:
      TRY(start_over(self, step.offset));
      return Followed::done;
    case replica::FollowerStep::Kind::ask_range:
      return Followed::done;  // next_step() says it again
    default:
      return Followed::refused;
  }
}

/// An empty log takes the batch that spans its start.
Result<void> Partition::begin_below(env::Fiber& self, const LeaderAnswer& answer) {
  TRY_ASSIGN(const auto first, record::BatchView::parse_header(answer.records));
  const bool spans = log_->log_start() == log_->log_end() && first.next_offset() > log_->log_start();
  if (!spans) return gregor::fail(Errc::malformed, "a batch lies below the log's end");
  return start_over(self, first.base_offset());
}

/// Up to the first batch that is not whole, or of an epoch above the one that was asked in (its leader is another).
Result<void> Partition::take_batches(env::Fiber& self, const LeaderAnswer& answer) {
  Group group;
  if (answer.fetch.base_offset < log_->log_end()) TRY(begin_below(self, answer));
  group.end_before = group.end_after = log_->log_end();
  LeaderEpoch epoch = latest_epoch(history());
  for (Bytes rest = answer.records; !rest.empty();) {
    const auto header = record::BatchView::parse_header(rest);
    if (!header || header->size() > rest.size()) break;
    TRY_ASSIGN(const auto batch, record::BatchView::parse(rest.first(header->size())));
    if (!batch.crc_is_right()) return gregor::fail(Errc::corrupt, "a batch of the leader's fails its checksum");
    if (batch.leader_epoch() > answer.fetch.asked_in) break;
    TRY(check_place(batch, group.end_after, epoch));
    epoch = batch.leader_epoch();
    group.batches.push_back(batch.bytes());
    group.end_after = batch.next_offset();
    rest = rest.subspan(batch.size());
  }
  if (group.batches.empty()) return gregor::fail(Errc::malformed, "no whole batch in the leader's answer");
  TRY(admit_gaps(self, group));
  producers_.begin();
  for (const Bytes bytes : group.batches) {
    const auto ended = replay(producers_, *record::BatchView::parse(bytes));
    if (!ended) {
      producers_.rollback();
      return gregor::fail(ended.error());
    }
    if (*ended) group.aborted.push_back(**ended);
  }
  TRY(append(self, group));
  const bool must_flush =
      config_.flush_messages != config::kUnlimited && log_->log_end() - log_->flushed_end() >= config_.flush_messages;
  return must_flush ? make_durable(self) : Result<void>{};
}

/// Where the leader's log was compacted, recovery must not take a gap for the log's end in any later life.
Result<void> Partition::admit_gaps(env::Fiber& self, const Group& group) {
  if (cleaned_up_to_) return {};
  Offset end = group.end_before;
  bool has_gap = false;
  for (const Bytes bytes : group.batches) {
    const auto batch = record::BatchView::parse_header(bytes);
    has_gap = has_gap || batch->base_offset() > end;
    end = batch->next_offset();
  }
  if (!has_gap) return {};
  const Offset from = log_->log_start();
  TRY(seat_.directories.begin_cleaning(self, seat_.shard, placement_->directory, id_, from));
  if (!cleaned_up_to_) cleaned_up_to_ = from;
  log_->set_config(log_config());
  return {};
}

Result<void> Partition::truncate(env::Fiber& self, Offset to) {
  TRY_ASSIGN(const Offset end, log_->truncate_to(self, to));
  replica_->on_truncated(end);
  return rebuild_after_cut(self);
}

/// The checkpoint of the log's start goes back with it, before and after: who wrote it in between said what was so
/// then.
Result<void> Partition::start_over(env::Fiber& self, Offset at) {
  log_start_wanted_ = std::min(log_start_wanted_, at);
  const auto lower = [&] {
    return seat_.directories.restart_log_at(self, seat_.shard, placement_->directory, id_, at);
  };
  TRY(lower());
  TRY(log_->truncate_fully_and_start_at(self, at));
  replica_->on_started_over(at);
  TRY(lower());
  return rebuild_after_cut(self);
}

/// What was cut off is no part of what is known of producers and transactions: as if the log were opened anew.
Result<void> Partition::rebuild_after_cut(env::Fiber& self) {
  const Offset end = log_->log_end();
  visibility_.on_cut(end);
  if (cleaned_up_to_ && *cleaned_up_to_ > end) cleaned_up_to_ = end;
  replica::ProducerTable rebuilt;
  TRY_ASSIGN(const Offset from, load_producers(self, end, rebuilt));
  TRY(walk_producers(self, from, rebuilt, nullptr));
  producers_ = std::move(rebuilt);
  return {};
}

}  // namespace gregor::partition
