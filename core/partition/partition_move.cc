// A partition's move into another log directory (KIP-113): a fiber copies its log while it serves on; when little is
// left the worker, with no reader inside, copies the rest and lets the copy take the log's place.
#include "base/mutant.h"
#include "env/clock.h"
#include "partition/partition.h"
#include "partition/snapshot_entries.h"

namespace gregor::partition {
namespace {

constexpr std::size_t kCopyBytes = 1 << 20;
constexpr Milliseconds kPauseForQuota{100};
constexpr Milliseconds kPauseAfterError{1'000};
/// How long new readers are kept waiting for those that read on.
constexpr Milliseconds kReadersMayTake{200};

}  // namespace

PartitionError Partition::move_to(env::Fiber& self, std::size_t directory) {
  const auto keep = shared_from_this();
  if (const auto error = readiness(self); error != PartitionError::none) return error;
  const auto held = moving_.lock(self);
  if (move_ && move_->directory == directory && move_->is_running) return PartitionError::none;
  if (!give_up_move(self)) return PartitionError::storage_error;
  if (const auto error = unusable(); error != PartitionError::none) return error;
  if (placement_->directory == directory) return PartitionError::none;
  const auto begun = seat_.directories.begin_move(self, seat_.shard, id_, directory, name_of_move("future-folder"));
  if (!begun) return PartitionError::storage_error;
  if (const auto error = unusable(); error != PartitionError::none) return error;
  begin_copy(*begun);
  return PartitionError::none;
}

/// One that no folder of another move has.
Uuid Partition::name_of_move(std::string_view purpose) {
  return seat_.shard.entropy.stream(purpose, hash_name(id_.topic, id_.topic_id.low) + moves_++).uuid();
}

std::optional<MoveFigures> Partition::moving() const {
  if (!move_ || !move_->log || !move_->is_running) return std::nullopt;
  const storage::PartitionLog& copy = move_->log->log();
  return MoveFigures{.directory = move_->directory,
                     .size_bytes = copy.size_bytes(),
                     .offset_lag = std::max(log_->log_end() - copy.log_end(), std::int64_t{0})};
}

void Partition::begin_copy(const FuturePlacement& to) {
  move_ = std::make_shared<Move>();
  move_->directory = to.directory;
  move_->folder = to.folder;
  move_->is_running = true;
  ++movers_;
  seat_.shard.fibers.spawn("partition-move", [keep = shared_from_this(), move = move_](env::Fiber& self) {
    keep->run_move(self, *move);
    move->is_running = false;
    --keep->movers_;
    const bool has_nowhere_to_go = !keep->seat_.directories.is_online(move->directory);
    if (keep->move_ == move && has_nowhere_to_go) keep->move_.reset();
    keep->worked_.wake_all();
  });
}

/// The copy stays where it is. A swap that has begun comes to its end first: nothing is left to stop then.
void Partition::stop_copying(env::Fiber& self) {
  const auto move = move_;
  if (!move) return;
  move->is_abandoned = true;
  worked_.wake_all();
  while (move->is_running || is_swapping_) worked_.wait(self);
  if (move_ == move) move_.reset();
}

/// Stops the copying and removes the copy.
bool Partition::give_up_move(env::Fiber& self) {
  if (!placement_) return true;
  stop_copying(self);
  const auto removed = seat_.directories.abandon_move(self, seat_.shard, id_);
  if (!removed) seat_.log.warn("partition.move", {{"topic", id_.topic}, {"error", removed.error().text}});
  return removed.has_value();
}

bool Partition::may_copy(const Move& move) const {
  return !move.is_abandoned && !move.is_done && !closing_ && !retiring_ && stage_ == Stage::open &&
         unusable() == PartitionError::none && seat_.directories.is_online(move.directory);
}

/// Or less, when there is no reason to go on.
void Partition::rest_of_move(env::Fiber& self, const Move& move, Milliseconds wait) {
  const MonotonicTime until = seat_.shard.clock.now() + wait;
  while (may_copy(move) && worked_.wait_until(self, seat_.shard.clock, until)) {
  }
}

void Partition::run_move(env::Fiber& self, Move& move) {
  while (may_copy(move)) {
    const QuotaLimit limit = move_limit(seat_.settings);
    const bool is_throttled =
        seat_.quotas != nullptr && seat_.quotas->moves.is_exceeded(seat_.shard.clock.now(), limit);
    if (is_throttled) {
      rest_of_move(self, move, kPauseForQuota);
      continue;
    }
    const Offset end = log_->indexed_end();
    const auto copied = copy_some(self, move);
    if (!copied) {
      if (!bears(self, move, copied.error())) return;
      rest_of_move(self, move, kPauseAfterError);
      continue;
    }
    if (seat_.quotas != nullptr) seat_.quotas->moves.record(seat_.shard.clock.now(), *copied, limit);
    // What came meanwhile the worker copies.
    const bool has_caught_up = move.log && (move.log->log().log_end() >= end || MUTANT(copy_takes_the_place_early));
    if (!has_caught_up || !may_copy(move)) continue;
    swap_wanted_ = true;
    kick();
    while (swap_wanted_ && may_copy(move)) worked_.wait(self);
    if (!move.is_done) rest_of_move(self, move, kPauseForQuota);
  }
  while (is_swapping_) worked_.wait(self);  // given up too late, it comes to its end all the same
  if (move.is_done) remove_former_folder(self, move);
}

Result<std::size_t> Partition::copy_some(env::Fiber& self, Move& move) {
  if (!move.log) {
    TRY_ASSIGN(move.log, FutureLog::open(self,
                                         {.disk = seat_.shard.disk,
                                          .clock = seat_.shard.clock,
                                          .log = seat_.log,
                                          .partition = id_,
                                          .folder = move.folder},
                                         log_config()));
    if (!may_copy(move)) return std::size_t{0};
  }
  move.log->log().set_config(log_config());
  std::optional<env::FiberMutex::Held> held;
  if (seat_.copying != nullptr) held.emplace(seat_.copying->lock(self));
  const Use use(self, *this);
  if (!may_copy(move)) return std::size_t{0};
  return move.log->copy(self, *log_, kCopyBytes);
}

/// False: the move ends. An error of the copy's disk is that of its directory; one of the log's own is the log's.
bool Partition::bears(env::Fiber& self, Move& move, const Error& error) {
  seat_.log.warn("partition.move", {{"folder", move.folder}, {"error", error.text}});
  if (log_->failure()) {
    fail(self, *log_->failure());
    return false;
  }
  const bool is_of_copy = !move.log || move.log->log().failure();
  if (!is_of_copy) note_damage(error, move.log->log().log_end());
  if (is_of_copy && error.code == Errc::io) {
    seat_.directories.take_offline(self, seat_.shard, move.directory, error);
    return false;
  }
  if (is_of_copy) move.log.reset();
  return true;
}

void Partition::remove_former_folder(env::Fiber& self, const Move& move) {
  const auto removed = seat_.directories.remove_old_folder(self, seat_.shard, move.outcome);
  if (removed) return;
  seat_.log.warn("partition.not_removed", {{"folder", move.outcome.old_folder}, {"error", removed.error().text}});
}

/// On the worker: nothing is appended or cut meanwhile.
void Partition::swap(env::Fiber& self) {
  const auto move = move_;
  if (move && move->log && may_copy(*move)) {
    is_swapping_ = true;
    const MonotonicTime until = seat_.shard.clock.now() + kReadersMayTake;
    while (uses_ > 0 && worked_.wait_until(self, seat_.shard.clock, until)) {
    }
    if (uses_ == 0 && may_copy(*move)) swap_in(self, *move);
    is_swapping_ = false;
  }
  swap_wanted_ = false;
  worked_.wake_all();
}

/// What goes wrong with the copy alone is for its fiber to try again.
void Partition::swap_in(env::Fiber& self, Move& move) {
  const auto complete = complete_copy(self, move);
  if (!complete && !bears(self, move, complete.error())) return;
  move.log.reset();
  if (!complete) return;
  move.outcome = seat_.directories.finish_move(self, seat_.shard, line_in(move.directory, log_->log_end()),
                                               name_of_move("moved-folder"));
  if (move.outcome.end == MoveEnd::stays) {
    seat_.log.warn("partition.move", {{"folder", move.folder}, {"error", move.outcome.error->text}});
    return;
  }
  move_.reset();
  if (move.outcome.end == MoveEnd::old_failed) return fail(self, *move.outcome.error);
  move.is_done = true;
  placement_ = move.outcome.placement;
  if (move.outcome.end == MoveEnd::new_failed) return fail(self, *move.outcome.error);
  seat_.observer.on(observe::LogMoved{id_, placement_->folder});
  if (const auto opened = open_moved(self); !opened) return fail(self, opened.error());
  seat_.log.info("partition.moved",
                 {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"folder", placement_->folder}});
  if (seat_.places != nullptr) seat_.places->on_place_changed();
}

Result<void> Partition::complete_copy(env::Fiber& self, Move& move) {
  move.log->log().set_config(log_config());
  while (!MUTANT(copy_takes_the_place_early)) {
    TRY_ASSIGN(const std::size_t copied, move.log->copy(self, *log_, kCopyBytes));
    if (copied == 0) break;
  }
  if (!move.log->equals(*log_) && !MUTANT(copy_takes_the_place_early)) {
    return gregor::fail(Errc::stale, "the copy is not what the log is");
  }
  return move.log->close(self, *log_, replica_->high_watermark(), storage_entries(producers_.entries()));
}

/// The log is another object from here on; all that is known of it stays.
Result<void> Partition::open_moved(env::Fiber& self) {
  const storage::LogCheckpoints closed{
      .clean_shutdown = true, .recovery_point = log_->log_end(), .log_start_offset = log_->log_start()};
  TRY_ASSIGN(auto opened, storage::PartitionLog::open(self, log_seat(), log_config(), closed));
  if (opened->log_end() != log_->log_end() && !MUTANT(copy_takes_the_place_early)) {
    return gregor::fail(Errc::corrupt, "the copy ends before the log did");
  }
  log_ = std::move(opened);
  seat_.observer.on(observe::HighWatermarkMoved{id_, replica_->high_watermark()});
  if (log_->aborted_unknown_from()) TRY(rebuild_producers(self));
  if (replica_->on_flushed(log_->flushed_end())) publish();
  return {};
}

}  // namespace gregor::partition
