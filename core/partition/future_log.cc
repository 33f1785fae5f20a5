#include "partition/future_log.h"

#include <algorithm>

#include "replica/epoch_rule.h"

namespace gregor::partition {
namespace {

replica::LogView view_of(const storage::PartitionLog& log) {
  return {log.log_start(), log.log_end(), log.leader_epochs().entries()};
}

}  // namespace

Result<std::unique_ptr<FutureLog>> FutureLog::open(env::Fiber& self, const Seat& seat,
                                                   const storage::LogConfig& config) {
  std::unique_ptr<FutureLog> future(new FutureLog());
  storage::LogSeat of_log{.disk = seat.disk,
                          .clock = seat.clock,
                          .observer = future->nobody_,
                          .log = seat.log,
                          .partition = seat.partition,
                          .folder = seat.folder};
  TRY_ASSIGN(future->log_, storage::PartitionLog::open(self, std::move(of_log), config, {}));
  // Where gaps are no damage nobody sees what a power loss took from the middle of a copy that was not flushed.
  storage::PartitionLog& log = *future->log_;
  const bool may_lack_some = !config.dense_offsets && log.log_end() > log.log_start();
  if (may_lack_some) TRY(log.truncate_fully_and_start_at(self, log.log_start()));
  return future;
}

/// The same question as between a leader and its follower: how far do the two agree?
Result<void> FutureLog::align(env::Fiber& self, const storage::PartitionLog& from) {
  for (;;) {
    const replica::LogView own = view_of(*log_);
    const replica::LogView theirs = view_of(from);
    const auto ruling = replica::judge_position(theirs, {own.log_end, latest_epoch(own.history)});
    const bool begins_too_late = own.log_start > theirs.log_start && own.log_end > own.log_start;
    if (ruling.agrees() && !begins_too_late) return {};
    if (begins_too_late) {
      TRY(log_->truncate_fully_and_start_at(self, theirs.log_start));
      continue;
    }
    const Offset to = ruling.diverging ? replica::truncation_offset(own, *ruling.diverging) : own.log_start;
    const bool can_be_cut = to > own.log_start && to > theirs.log_start && to < own.log_end;
    if (can_be_cut) {
      TRY(log_->truncate_to(self, to));
      continue;
    }
    if (own.log_end == theirs.log_start && own.log_start == own.log_end && own.history.empty()) return {};
    TRY(log_->truncate_fully_and_start_at(self, theirs.log_start));
  }
}

Result<void> FutureLog::append(env::Fiber& self, const storage::LogRead& read) {
  std::vector<Bytes> groups;
  Bytes rest = read.batches.bytes();
  const Offset begin = record::BatchView::parse_header(rest)->base_offset();
  if (begin < log_->log_end()) {
    // The log's start lies within its first batch.
    if (log_->log_start() != log_->log_end()) return fail(Errc::stale, "a batch lies below the copy's end");
    TRY(log_->truncate_fully_and_start_at(self, begin));
  }
  while (!rest.empty()) {
    TRY_ASSIGN(const auto header, record::BatchView::parse_header(rest));
    groups.push_back(rest.first(header.size()));
    rest = rest.subspan(header.size());
  }
  std::vector<storage::AbortedTransaction> aborted;
  for (const auto& one : read.aborted) {
    if (one.last_offset >= begin && one.last_offset < read.next_offset) aborted.push_back(one);
  }
  TRY(log_->append(self, groups, aborted));
  return {};
}

Result<void> FutureLog::follow_start(env::Fiber& self, const storage::PartitionLog& from) {
  const Offset start = from.log_start();
  if (start <= log_->log_start() || start > log_->log_end()) return {};
  log_->advance_log_start(start);
  TRY(log_->delete_old_segments(self));
  return {};
}

Result<std::size_t> FutureLog::copy(env::Fiber& self, storage::PartitionLog& from, std::size_t bytes_max) {
  TRY(align(self, from));
  TRY(follow_start(self, from));
  if (log_->log_end() >= from.indexed_end()) return std::size_t{0};
  TRY_ASSIGN(const auto read, from.read(self, log_->log_end(), {.bytes_max = bytes_max, .with_aborted = true}));
  if (read.batches.bytes().empty()) return std::size_t{0};
  TRY(append(self, read));
  TRY(follow_start(self, from));
  return read.batches.bytes().size();
}

bool FutureLog::equals(const storage::PartitionLog& from) const {
  return log_->log_end() == from.log_end() && log_->log_start() == from.log_start() &&
         latest_epoch(view_of(*log_).history) <= latest_epoch(view_of(from).history);
}

/// Down to the first at or below `committed`.
Result<void> FutureLog::take_snapshots(env::Fiber& self, storage::PartitionLog& from, Offset committed) {
  std::vector<storage::FoundSnapshot> found;
  Offset at_most = from.log_end() - 1;
  while (at_most >= from.log_start()) {
    TRY_ASSIGN(auto snapshot, from.newest_producer_snapshot(self, at_most));
    if (!snapshot || snapshot->offset < from.log_start()) break;
    at_most = snapshot->offset - 1;
    found.push_back(std::move(*snapshot));
    if (found.back().offset <= committed) break;
  }
  for (auto at = found.rbegin(); at != found.rend(); ++at) {
    TRY(log_->write_producer_snapshot(self, at->offset, at->producers, true));
  }
  return {};
}

Result<void> FutureLog::close(env::Fiber& self, storage::PartitionLog& from, Offset committed,
                              const std::vector<storage::ProducerEntry>& producers) {
  TRY(log_->take_leader_epochs(self, from.leader_epochs()));
  TRY(take_snapshots(self, from, committed));
  if (log_->log_end() > log_->log_start()) TRY(log_->write_producer_snapshot(self, log_->log_end(), producers, true));
  return log_->close(self);
}

}  // namespace gregor::partition
