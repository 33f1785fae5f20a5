#include "storage/partition_log.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "storage/partition_log_state.h"

namespace gregor::storage {
namespace {

/// Producer snapshots kept beside those at the bases of segments.
constexpr std::size_t kLooseSnapshots = 2;

}  // namespace

std::size_t PartitionLog::State::segment_of(Offset offset) const {
  const auto begins_beyond = [](Offset wanted, const auto& segment) { return wanted < segment->base_offset; };
  const auto next = std::upper_bound(segments.begin(), segments.end(), offset, begins_beyond);
  return next == segments.begin() ? 0 : static_cast<std::size_t>(next - segments.begin()) - 1;
}

Result<void> PartitionLog::State::usable() const {
  if (failure) return fail(*failure);
  if (is_closed) return fail(Errc::closed, seat.folder + " is closed");
  return {};
}

tl::unexpected<Error> PartitionLog::State::poison(Error error) {
  if (!failure) {
    seat.log.error("log.failed", {{"folder", seat.folder}, {"error", error.text}});
    failure = error;
  }
  return fail(std::move(error));
}

Result<std::unique_ptr<PartitionLog>> PartitionLog::open(env::Fiber& self, LogSeat seat, const LogConfig& config,
                                                         const LogCheckpoints& checkpoints) {
  auto state = std::make_unique<State>(std::move(seat), config);
  LogOpening opening(state->seat, state->config, checkpoints);
  TRY_ASSIGN(OpenedLog opened, opening.run(self));
  state->segments = std::move(opened.segments);
  state->epochs = std::move(opened.epochs);
  state->snapshots = std::move(opened.snapshots);
  state->log_start = opened.log_start;
  state->flushed_end = state->log_end();
  state->bytes_truncated = opened.bytes_truncated;
  state->aborted_unknown_from = opened.aborted_unknown_from;
  state->seat.observer.on(observe::LogOpened{.partition = state->seat.partition,
                                             .log_start = state->log_start,
                                             .log_end = state->log_end(),
                                             .bytes_truncated = opened.bytes_truncated});
  return std::unique_ptr<PartitionLog>(new PartitionLog(std::move(state)));
}

PartitionLog::PartitionLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
PartitionLog::~PartitionLog() = default;

Result<AppendResult> PartitionLog::append(env::Fiber& self, std::span<const Bytes> groups,
                                          std::span<const AbortedTransaction> aborted) {
  const auto held = state_->writing.lock(self);
  return state_->append(self, groups, aborted);
}
Result<AppendResult> PartitionLog::append(env::Fiber& self, Bytes group) {
  return append(self, std::span<const Bytes>(&group, 1));
}
Result<void> PartitionLog::flush(env::Fiber& self, Offset up_to) {
  return state_->flush(self, up_to);
}
Result<LogRead> PartitionLog::read(env::Fiber& self, Offset from, const ReadLimits& limits) {
  return state_->read(self, from, limits);
}
Result<void> PartitionLog::scan(env::Fiber& self, Offset from, Offset end, BatchVisitor visit) {
  return state_->scan(self, from, end, visit);
}
Result<std::optional<TimestampedOffset>> PartitionLog::find_by_timestamp(env::Fiber& self, std::int64_t timestamp_ms,
                                                                         Offset below, record::CodecScratch& scratch) {
  return state_->find_by_timestamp(self, timestamp_ms, state_->log_start, below, scratch);
}
Result<std::optional<TimestampedOffset>> PartitionLog::find_max_timestamp(env::Fiber& self, Offset below,
                                                                          record::CodecScratch& scratch) {
  return state_->find_max_timestamp(self, below, scratch);
}

Result<Offset> PartitionLog::truncate_to(env::Fiber& self, Offset to) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  CHECK(to >= state_->log_start);
  if (to < state_->log_end()) return state_->cut_to(self, to);
  // An epoch that began at the end has no record: it goes all the same.
  if (to == state_->log_end() && state_->epochs.truncate_from_end(to)) {
    state_->epochs_are_written = false;
    TRY(state_->write_epochs(self));
  }
  return state_->log_end();
}
Result<void> PartitionLog::truncate_fully_and_start_at(env::Fiber& self, Offset offset) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  return state_->start_anew_at(self, offset);
}
void PartitionLog::advance_log_start(Offset to) {
  CHECK(to <= log_end());
  state_->raise_log_start(to);
}
Result<std::size_t> PartitionLog::delete_segments_below(env::Fiber& self, Offset to) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  return state_->delete_segments_below(self, to);
}
Result<void> PartitionLog::roll(env::Fiber& self) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  if (state_->active().size_bytes == 0) return {};
  return state_->roll(self, state_->log_end());
}

Result<void> PartitionLog::assign_leader_epoch(env::Fiber& self, LeaderEpoch epoch, Offset start) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  if (!state_->epochs.assign(epoch, start)) return {};
  state_->epochs_are_written = false;
  return state_->write_epochs(self);
}

Result<void> PartitionLog::take_leader_epochs(env::Fiber& self, const LeaderEpochCache& epochs) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  if (state_->epochs_are_written && state_->epochs.entries() == epochs.entries()) return {};
  state_->epochs = epochs;
  state_->epochs_are_written = false;
  return state_->write_epochs(self);
}

const LeaderEpochCache& PartitionLog::leader_epochs() const {
  return state_->epochs;
}

Result<void> PartitionLog::write_producer_snapshot(env::Fiber& self, Offset offset,
                                                   const std::vector<ProducerEntry>& producers, bool make_durable) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  const ByteBuffer content = format_producer_snapshot(producers);
  const std::string path = state_->files.path(offset, FileKind::producer_snapshot);
  if (make_durable) {
    TRY(env::replace_file(self, state_->seat.disk, path, content));
  } else {
    TRY_ASSIGN(const auto file, state_->seat.disk.open(self, path, env::OpenMode::create));
    TRY(file->truncate(self, FilePosition{content.size()}));
    TRY(env::write_all(self, *file, FilePosition{0}, Bytes(content)));
  }
  auto& snapshots = state_->snapshots;
  snapshots.insert(offset);
  std::vector<Offset> loose;
  for (const Offset at : snapshots) {
    if (state_->segments[state_->segment_of(at)]->base_offset != at) loose.push_back(at);
  }
  for (std::size_t i = 0; i + kLooseSnapshots < loose.size(); ++i) {
    TRY(state_->files.remove_file(self, state_->files.path(loose[i], FileKind::producer_snapshot)));
    snapshots.erase(loose[i]);
  }
  return {};
}

Result<bool> PartitionLog::keep_producers(env::Fiber& self) {
  const Offset base = state_->segments.back()->base_offset;
  TRY(flush(self, base));
  TRY_ASSIGN(const auto snapshot, newest_producer_snapshot(self, base));
  if (!snapshot || snapshot->offset != base) return false;
  const std::string path = state_->files.path(base, FileKind::producer_snapshot);
  TRY_ASSIGN(const auto file, state_->seat.disk.open(self, path, env::OpenMode::read_write));
  TRY(file->fdatasync(self));
  TRY(state_->files.sync_folder(self));
  return true;
}

Result<std::optional<FoundSnapshot>> PartitionLog::newest_producer_snapshot(env::Fiber& self, Offset at_most) {
  constexpr std::size_t kSnapshotBytesMax = std::size_t{1} << 30;
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  for (;;) {
    const auto above = state_->snapshots.upper_bound(at_most);
    if (above == state_->snapshots.begin()) return std::nullopt;
    const Offset offset = *std::prev(above);
    const std::string path = state_->files.path(offset, FileKind::producer_snapshot);
    auto content = env::read_file(self, state_->seat.disk, path, kSnapshotBytesMax);
    if (!content && content.error().code == Errc::io) return fail(std::move(content.error()));
    if (content) {
      auto producers = parse_producer_snapshot(*content);
      if (producers) return FoundSnapshot{offset, std::move(*producers)};
    }
    TRY(state_->files.remove_file(self, path));
    state_->snapshots.erase(offset);
  }
}

Offset PartitionLog::indexed_end() const {
  return state_->indexed_end();
}
std::optional<Offset> PartitionLog::aborted_unknown_from() const {
  return state_->aborted_unknown_from;
}
Result<void> PartitionLog::rewrite_aborted(env::Fiber& self, std::span<const AbortedTransaction> aborted) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  return state_->rewrite_aborted(self, aborted);
}

Result<void> PartitionLog::close(env::Fiber& self) {
  const auto held = state_->writing.lock(self);
  return state_->close(self);
}

Offset PartitionLog::log_start() const {
  return state_->log_start;
}
Offset PartitionLog::log_end() const {
  return state_->log_end();
}
Offset PartitionLog::flushed_end() const {
  return state_->flushed_end;
}
std::uint64_t PartitionLog::size_bytes() const {
  std::uint64_t size = 0;
  for (const auto& segment : state_->segments) size += segment->size_bytes;
  return size;
}
std::vector<SegmentSummary> PartitionLog::segments() const {
  return state_->summaries();
}
Result<void> PartitionLog::free_deleted(env::Fiber& self) {
  const auto held = state_->writing.lock(self);
  TRY(state_->usable());
  return state_->free_deleted(self);
}
std::size_t PartitionLog::segment_count() const {
  return state_->segments.size();
}
std::uint64_t PartitionLog::recovered_bytes_truncated() const {
  return state_->bytes_truncated;
}
const TopicPartition& PartitionLog::partition() const {
  return state_->seat.partition;
}
const std::string& PartitionLog::folder() const {
  return state_->seat.folder;
}
const LogConfig& PartitionLog::config() const {
  return state_->config;
}
void PartitionLog::set_config(const LogConfig& config) {
  state_->config = config;
}
const std::optional<Error>& PartitionLog::failure() const {
  return state_->failure;
}

}  // namespace gregor::storage
