#include "partition/partition.h"

#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "env/clock.h"
#include "partition/retention.h"
#include "partition/snapshot_entries.h"
#include "record/record_view.h"

namespace gregor::partition {

namespace {

constexpr Milliseconds kPauseBeforeRetry{500};

}  // namespace

Partition::Partition(const PartitionSeat& seat, TopicPartition id, const config::TopicConfig& config)
    : seat_(seat), id_(std::move(id)), config_(config) {}

Partition::~Partition() = default;

Partition::Use::Use(env::Fiber& self, Partition& partition)
    : partition_(partition), keep_(partition.shared_from_this()) {
  while (partition_.is_swapping_) partition_.worked_.wait(self);
  ++partition_.uses_;
}

Partition::Use::~Use() {
  if (--partition_.uses_ == 0) partition_.worked_.wake_all();
}

void Partition::start() {
  if (std::exchange(started_, true)) return;
  kick();
}

void Partition::kick() {
  if (working_ || !started_) return;
  working_ = true;
  seat_.shard.fibers.spawn("partition", [keep = shared_from_this()](env::Fiber& self) { keep->work(self); });
}

void Partition::work(env::Fiber& self) {
  while (work_once(self)) worked_.wake_all();
  working_ = false;
  worked_.wake_all();
}

bool Partition::work_once(env::Fiber& self) {
  if (retiring_) {
    finish_retirement(self);
    return false;
  }
  if (std::exchange(opens_again_, false) && may_open_again()) {
    give_up_log(self);
    return true;
  }
  if (std::exchange(damage_is_news_, false)) {
    remember_damage(self);
    return true;
  }
  if (may_mend() && (stage_ == Stage::failed || !role_is_pending())) {
    mend(self);
    return true;
  }
  if (stage_ == Stage::fresh) {
    const auto opened = open(self);
    end_mending(opened);
    if (!opened && opened.error().code == Errc::no_space) {
      refuse_queue(PartitionError::storage_error);
      try_again_later();  // or when somebody asks
      return retiring_;
    }
    if (!opened && opened.error().code == Errc::closed) return retiring_;
    if (!opened) fail(self, opened.error());
    return true;
  }
  if (stage_ != Stage::open) {
    refuse_queue(unusable());
    return false;
  }
  if (role_is_pending()) {
    const auto applied = apply_role(self);
    if (!applied && applied.error().code == Errc::no_space && !log_->failure()) {
      refuse_queue(PartitionError::storage_error);
      try_again_later();
      return retiring_;
    }
    if (!applied) fail(self, applied.error());
    return true;
  }
  if (swap_wanted_) {
    swap(self);
    return true;
  }
  if (job_) {
    follow(self);
    return true;
  }
  if (std::exchange(flush_wanted_, false)) {
    if (const auto flushed = make_durable(self); !flushed) fail(self, flushed.error());
    return true;
  }
  if (queue_.empty()) return false;
  write_group(self);
  return true;
}

bool Partition::may_open_again() const {
  return stage_ == Stage::failed && failure_->code == Errc::no_space && !closing_ && !retiring_;
}

void Partition::try_again_later() {
  if (retry_ != 0 || closing_ || retiring_) return;
  retry_ = seat_.shard.clock.arm(seat_.shard.clock.now() + kPauseBeforeRetry, [weak = weak_from_this()] {
    const auto partition = weak.lock();
    if (!partition) return;
    partition->retry_ = 0;
    partition->opens_again_ = true;
    partition->kick();
  });
}

/// What the disk had no space to do or to undo is left to recovery, as by the next life. What was committed here is so
/// still, and so is what the metadata said.
void Partition::give_up_log(env::Fiber& self) {
  stop_copying(self);  // begun anew with the log
  while (uses_ > 0) worked_.wait(self);
  if (!may_open_again()) return;
  if (replica_) committed_before_ = replica_->high_watermark();
  forget_log();
}

/// As if it had never been opened. What the metadata says is applied again when it is.
void Partition::forget_log() {
  if (log_) log_start_wanted_ = std::max(log_start_wanted_, log_->log_start());
  state_wanted_ = state_known_;
  replica_.reset();
  log_.reset();
  failure_.reset();
  flush_wanted_ = false;
  stage_ = Stage::fresh;
}

Result<void> Partition::open(env::Fiber& self) {
  while (former_ && former_->is_retiring()) former_->worked_.wait(self);
  former_.reset();
  is_placing_ = true;
  auto place = seat_.directories.place(self, seat_.shard, id_);
  is_placing_ = false;
  if (!place) return gregor::fail(std::move(place.error()));
  placement_ = std::move(*place);
  if (is_mending_) {
    placement_->checkpoints.clean_shutdown = false;
    placement_->checkpoints.recovery_point = std::min(placement_->checkpoints.recovery_point, *damage_);
  }
  if (committed_before_) {
    placement_->checkpoints.clean_shutdown = false;
    placement_->checkpoints.log_start_offset = std::max(placement_->checkpoints.log_start_offset, log_start_wanted_);
    placement_->high_watermark = std::max(placement_->high_watermark.value_or(Offset{0}), *committed_before_);
  }
  cleaned_up_to_ = placement_->cleaned_up_to;
  TRY_ASSIGN(log_, storage::PartitionLog::open(self, log_seat(), log_config(), placement_->checkpoints));
  // What comes behind this end is not flushed, whatever stood there once.
  const Offset recovery_point = placement_->checkpoints.recovery_point;
  if (recovery_point > log_->log_end()) TRY(recovery_points_.lower(self, id_, log_->log_end()));
  TRY(rebuild_producers(self));
  replica_.emplace(log_->log_start(), log_->log_end(), placement_->high_watermark, durability(),
                   replica::ReplicaSeat{.self = seat_.settings.node_id,
                                        .lag_time_max = Milliseconds(seat_.settings.replica_lag_time_max_ms)});
  replica_->set_min_insync_replicas(config_.min_insync_replicas);
  visibility_.begin(replica_->last_stable_offset(producers_));
  seat_.observer.on(observe::HighWatermarkMoved{id_, replica_->high_watermark()});
  last_flush_ = seat_.shard.clock.now();
  // A checkpoint beyond the log is that of records that recovery cut off; what comes in their place is to be cleaned.
  if (cleaned_up_to_ && *cleaned_up_to_ > log_->log_end()) {
    cleaned_up_to_ = log_->log_start();
  }
  stage_ = Stage::open;
  if (placement_->future) begin_copy(*placement_->future);
  return {};
}

Result<void> Partition::apply_role(env::Fiber& self) {
  const replica::PartitionState wanted = *state_wanted_;
  if (replica_->would_lead(wanted)) {
    // The epoch's place is on disk before the first record of it is, and also when none follows (KAFKA-7415).
    const auto latest = log_->leader_epochs().latest();
    const bool is_new = !latest || latest->epoch < wanted.leader_epoch;
    if (is_new && !MUTANT(epoch_begins_with_its_first_record))
      TRY(log_->assign_leader_epoch(self, wanted.leader_epoch, log_->log_end()));
  }
  const Offset before = replica_->high_watermark();
  const auto change = replica_->apply(wanted, seat_.shard.clock.now());
  if (state_wanted_->partition_epoch == wanted.partition_epoch) state_wanted_.reset();
  if (replica_->high_watermark() != before) publish();
  tell_role(change);
  return {};
}

void Partition::tell_role(replica::RoleChange change) {
  using replica::RoleChange;
  if (change == RoleChange::follows || change == RoleChange::left) {
    watchers_->tell(kGone);
    follower_watchers_->tell(kGone);
  }
  if (change == RoleChange::leads) seat_.observer.on(observe::LeadershipBegan{id_, replica_->leader_epoch()});
  if (change != RoleChange::ignored) settle_waiting();
  if (change == RoleChange::follows && seat_.followers != nullptr) seat_.followers->on_following(*this);
  tend_isr();
}

void Partition::apply(const replica::PartitionState& state) {
  const bool is_news = !state_known_ || state_known_->partition_epoch < state.partition_epoch;
  if (is_news) state_known_ = state;
  if (is_news && damage_) follow_up_damage();
  const bool is_old = (state_wanted_ && state_wanted_->partition_epoch >= state.partition_epoch) ||
                      (replica_ && replica_->partition_epoch() >= state.partition_epoch);
  if (is_old) return;
  state_wanted_ = state;
  kick();
}

void Partition::configure(const config::TopicConfig& config) {
  config_ = config;
  if (log_) log_->set_config(log_config());
  if (!replica_) return;
  const Offset before = replica_->high_watermark();
  replica_->set_durability(durability());
  replica_->set_min_insync_replicas(config_.min_insync_replicas);
  if (replica_->high_watermark() != before) publish();
}

Result<void> Partition::settled(env::Fiber& self) {
  if (stage_ == Stage::fresh || (stage_ == Stage::open && role_is_pending())) kick();
  while ((working_ || !started_) && (stage_ == Stage::fresh || (stage_ == Stage::open && role_is_pending())) &&
         !retiring_) {
    worked_.wait(self);
  }
  if (failure_) return gregor::fail(*failure_);
  if (stage_ == Stage::fresh && !retiring_) return gregor::fail(Errc::no_space, "there was no space to open the log");
  return {};
}

PartitionError Partition::unusable() const {
  if (retiring_ || stage_ == Stage::retired) return retired_with_;
  if (stage_ == Stage::failed) return PartitionError::storage_error;
  if (placement_ && !seat_.directories.is_online(placement_->directory)) return PartitionError::storage_error;
  if (closing_ || stage_ == Stage::closed) return PartitionError::not_leader_or_follower;
  return PartitionError::none;
}

void Partition::fail(env::Fiber& self, const Error& error) {
  stage_ = Stage::failed;
  failure_ = error;
  seat_.log.error("partition.failed",
                  {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"error", error.text}});
  refuse_queue(PartitionError::storage_error);
  watchers_->tell(kGone);
  follower_watchers_->tell(kGone);
  note_damage(error, Offset{0});
  if (error.code == Errc::no_space) return try_again_later();
  if (placement_ && error.code == Errc::io) {
    seat_.directories.take_offline(self, seat_.shard, placement_->directory, error);
  }
}

void Partition::refuse_queue(PartitionError error) {
  auto refused = std::move(queue_);
  queue_.clear();
  for (Entry& entry : refused) entry.done(AppendOutcome{.error = static_cast<std::int16_t>(error)});
  refuse_waiting(error);
  if (auto job = std::exchange(job_, std::nullopt); job && job->done) job->done(Followed::refused);
}

PartitionFigures Partition::figures() const {
  PartitionFigures figures{.id = id_, .is_leader = leads(), .traffic = traffic_};
  figures.is_offline = unusable() == PartitionError::storage_error;
  if (!log_ || !replica_) return figures;
  figures.log_start = log_->log_start();
  figures.log_end = log_->log_end();
  figures.high_watermark = replica_->high_watermark();
  figures.size_bytes = log_->size_bytes();
  figures.segments = log_->segment_count();
  figures.producers = producers_.size();
  return figures;
}

std::optional<CheckpointLine> Partition::checkpoint_line() const {
  if (!log_ || !replica_ || retiring_ || damage_) return std::nullopt;
  return line_in(placement_->directory, log_->flushed_end());
}

CheckpointLine Partition::line_in(std::size_t directory, Offset recovery_point) const {
  return {.partition = id_,
          .directory = directory,
          .recovery_point = recovery_point,
          .log_start = std::max(log_->log_start(), log_start_wanted_),
          .high_watermark = replica_->high_watermark(),
          .cleaned_up_to = cleaned_up_to_};
}

void Partition::maintain(env::Fiber& self) {
  const Use use(self, *this);
  if (stage_ != Stage::open || unusable() != PartitionError::none) return;
  const WallTime now = seat_.shard.clock.wall_now();
  if (!producers_.is_tentative()) producers_.expire(now, seat_.settings.producer_id_expiration_ms);
  const bool flush_is_due = config_.flush_ms != config::kUnlimited &&
                            seat_.shard.clock.now() - last_flush_ >= Milliseconds(config_.flush_ms) &&
                            log_->flushed_end() < log_->log_end();
  if (flush_is_due) {
    if (const auto flushed = make_durable(self); !flushed) return upkeep_failed(self, flushed.error());
  }
  if (const auto kept = retain(self, now); !kept) return upkeep_failed(self, kept.error());
  if (const auto freed = log_->free_deleted(self); !freed) upkeep_failed(self, freed.error());
}

/// Deletes what the topic's rules let go, and what lies below the log start for another reason.
Result<void> Partition::retain(env::Fiber& self, WallTime now) {
  const Offset keep_from =
      retention_boundary(log_->segments(), RetentionRule::of(config_), now, replica_->high_watermark());
  if (keep_from > log_->log_start()) {
    const bool all_goes = keep_from == log_->log_end();
    if (all_goes) TRY(log_->roll(self));
    // A follower may have been cut meanwhile.
    const bool was_cut = keep_from > replica_->high_watermark() && !MUTANT(retention_past_high_watermark);
    if (stage_ != Stage::open || was_cut) return {};
    log_->advance_log_start(keep_from);
    // Who breaks the rule must not be stopped by its own check: others are to see it.
    if (!MUTANT(retention_past_high_watermark)) replica_->on_log_start(log_->log_start());
  }
  TRY(log_->delete_old_segments(self));
  return {};
}

/// A full disk is waited out: what could not be done is still due. Any other failure is the log's end.
void Partition::upkeep_failed(env::Fiber& self, const Error& error) {
  if (log_->failure() || error.code != Errc::no_space) return fail(self, log_->failure().value_or(error));
  seat_.log.warn("partition.upkeep",
                 {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"error", error.text}});
}

Result<void> Partition::close(env::Fiber& self) {
  const auto keep = shared_from_this();
  closing_ = true;
  watchers_->tell(kGone);
  follower_watchers_->tell(kGone);
  worked_.wake_all();
  wait_until_idle(self);
  refuse_waiting(PartitionError::not_leader_or_follower);
  if (failure_ && !is_bearable(*failure_)) return gregor::fail(*failure_);
  // What lies in a directory that is offline stays as its disk has it; the next life recovers it.
  if (stage_ != Stage::open || unusable() == PartitionError::storage_error) return {};
  if (log_->log_end() > log_->log_start()) {
    TRY(log_->write_producer_snapshot(self, log_->log_end(), storage_entries(producers_.entries()), true));
  }
  TRY(log_->close(self));
  stage_ = Stage::closed;
  return {};
}

void Partition::wait_until_idle(env::Fiber& self) {
  while (working_ || uses_ > 0 || movers_ > 0) worked_.wait(self);
}

void Partition::retire(PartitionError error) {
  retiring_ = true;
  retired_with_ = error;
  if (is_placing_) seat_.directories.withdraw(seat_.shard, id_);
  refuse_queue(retired_with_);
  watchers_->tell(kGone);
  follower_watchers_->tell(kGone);
  worked_.wake_all();
  start();
  kick();
}

void Partition::finish_retirement(env::Fiber& self) {
  give_up_move(self);  // the copy goes first: one that is left alone may be taken for whole
  while (uses_ > 0) worked_.wait(self);
  refuse_queue(retired_with_);
  if (log_ && stage_ == Stage::open) {
    // What becomes of the bytes is of no interest any more; the folder goes either way.
    if (const auto closed = log_->close(self); !closed) {
      seat_.log.warn("partition.close", {{"topic", id_.topic}, {"error", closed.error().text}});
    }
  }
  stage_ = Stage::retired;
  remove_folder(self);
  is_retired_ = true;
}

/// Where none was opened in this life too: one of a former process's may stand there, and a withdrawal must not be
/// left to the next life of the replica.
void Partition::remove_folder(env::Fiber& self) {
  seat_.observer.on(observe::LogBegunAnew{id_, Offset{0}});
  const auto life = static_cast<std::uint64_t>(state_known_ ? state_known_->partition_epoch.value() : 0);
  const Uuid unique =
      seat_.shard.entropy.stream("deleted-folder", hash_name(id_.topic, id_.topic_id.low) + life).uuid();
  for (;;) {
    const auto removed = seat_.directories.remove(self, seat_.shard, id_, unique);
    if (removed) return;
    seat_.log.warn("partition.not_removed",
                   {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"error", removed.error().text}});
    if (removed.error().code == Errc::io && placement_) {
      return seat_.directories.take_offline(self, seat_.shard, placement_->directory, removed.error());
    }
    // The name must become free: a topic of the same name may wait for it.
    if (removed.error().code != Errc::no_space || seat_.directories.is_closing()) return;
    env::sleep_for(self, seat_.shard.clock, kPauseBeforeRetry);
  }
}

storage::LogSeat Partition::log_seat() {
  return {.disk = seat_.shard.disk,
          .clock = seat_.shard.clock,
          .observer = seat_.observer,
          .log = seat_.log,
          .partition = id_,
          .folder = placement_->folder,
          .recovery_points = &recovery_points_};
}

storage::LogConfig Partition::log_config() const {
  // So that what is due for compaction does not stay in the segment that grows (KIP-354).
  const std::int64_t segment_ms =
      config_.cleanup_policy_compact ? std::min(config_.segment_ms, config_.max_compaction_lag_ms) : config_.segment_ms;
  return {.segment_bytes = config_.segment_bytes_in_force(),
          .segment_ms = segment_ms,
          .index_interval_bytes = config_.index_interval_bytes,
          .segment_index_bytes = config_.segment_index_bytes,
          .file_delete_delay_ms = config_.file_delete_delay_ms,
          .dense_offsets = !config_.cleanup_policy_compact && !cleaned_up_to_};
}

replica::Durability Partition::durability() const {
  return config_.flush_messages == 1 ? replica::Durability::flushed : replica::Durability::written;
}

Result<void> Partition::RecoveryPointLink::lower(env::Fiber& self, const TopicPartition& partition, Offset to) {
  return owner.seat_.directories.lower_recovery_point(self, owner.seat_.shard, owner.placement_->directory, partition,
                                                      to);
}

}  // namespace gregor::partition
