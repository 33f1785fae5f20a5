#include "quorum/metadata_log.h"

#include <algorithm>

#include "quorum/log_damage.h"
#include "quorum/metadata_batch.h"
#include "quorum/snapshot_file.h"

namespace gregor::quorum {

namespace {

constexpr std::size_t kRecentBytesMax = std::size_t{32} << 20;
/// How much of the log is told in one piece, so that other work of the disk gets its turn.
constexpr std::int64_t kToldAtOnceMax = 10'000;

storage::LogConfig log_config_of(const config::BrokerConfig& config) {
  storage::LogConfig log;
  log.segment_bytes = config.internal_metadata_log_segment_bytes > 0 ? config.internal_metadata_log_segment_bytes
                                                                     : config.metadata_log_segment_bytes;
  log.segment_ms = config.metadata_log_segment_ms;
  return log;
}

}  // namespace

TopicPartition metadata_partition() {
  return {std::string(storage::kClusterMetadataTopic), kMetadataTopicId, PartitionIndex{0}};
}

Result<std::unique_ptr<MetadataLog>> MetadataLog::open(env::Fiber& self, const Node::Seat& seat) {
  std::unique_ptr<MetadataLog> opened(new MetadataLog);
  MetadataLog& log = *opened;
  env::Disk& disk = seat.shard.disk;
  TRY_ASSIGN(log.folder_, seat.metadata_directory.create_folder(self, metadata_partition()));
  TRY_ASSIGN(log.shelf_, SnapshotShelf::open(self, disk, log.folder_));
  const auto snapshot_id = log.shelf_->newest();
  TRY_ASSIGN(LogSurvey survey, survey_log(self, disk, log.folder_, seat.metadata_directory.was_clean_shutdown()));
  storage::LogCheckpoints from_the_start;
  if (snapshot_id && survey.is_empty) from_the_start.log_start_offset = snapshot_id->end_offset;
  storage::LogSeat log_seat{disk,        seat.shard.clock, seat.observer, seat.log, metadata_partition(),
                            log.folder_, nullptr};
  TRY_ASSIGN(log.log_, storage::PartitionLog::open(self, log_seat, log_config_of(seat.config), from_the_start));
  if (log.log_->recovered_bytes_truncated() > 0) {
    seat.log.warn("quorum.torn_end", {{"folder", log.folder_}, {"bytes", log.log_->recovered_bytes_truncated()}});
  }
  TRY(log.fit_log_to_snapshots(self));
  if (snapshot_id) TRY(log.read_newest_snapshot(self, disk));
  log.logged_voters_ = std::move(survey.voters);
  return opened;
}

Result<void> MetadataLog::read_newest_snapshot(env::Fiber& self, env::Disk& disk) {
  const SnapshotId id = *shelf_->newest();
  TRY_ASSIGN(Snapshot snapshot, read_snapshot(self, disk, shelf_->path_of(id)));
  snapshot_voters_ = std::move(snapshot.voters);
  // The initial snapshot of a dynamic quorum ends at 0 and holds control records alone.
  if (id.end_offset > Offset{0}) snapshot_ = {std::move(snapshot.values), id.end_offset - 1, id.epoch};
  return {};
}

Result<void> MetadataLog::fit_log_to_snapshots(env::Fiber& self) {
  const auto newest = shelf_->newest();
  const std::string where = folder_ + " begins at offset " + std::to_string(log_->log_start().value());
  if (!newest && log_->log_start() > Offset{0}) {
    return fail(Errc::corrupt, where + " and has no snapshot of what was before");
  }
  if (!newest) return {};
  const auto last = log_->leader_epochs().latest();
  const bool is_behind = newest->end_offset > log_->log_end() || newest->epoch > (last ? last->epoch : newest->epoch);
  if (is_behind) {
    // A snapshot of the leader's was kept, and the log not yet begun anew behind it.
    TRY(log_->truncate_fully_and_start_at(self, newest->end_offset));
  }
  if (newest->end_offset < log_->log_start()) {
    return fail(Errc::corrupt, where + ", its newest snapshot ends at " + std::to_string(newest->end_offset.value()));
  }
  TRY(shelf_->remove_below(self, log_->log_start()));
  if (log_->log_start() > Offset{0}) log_->advance_log_start(shelf_->oldest()->end_offset);
  return {};
}

std::optional<raft::OffsetAndEpoch> MetadataLog::snapshot_id() const {
  const auto newest = shelf_->newest();
  if (!newest || newest->end_offset == Offset{0}) return std::nullopt;
  return raft::OffsetAndEpoch{newest->end_offset, newest->epoch};
}

/// Where the log begins, and the epoch before.
raft::OffsetAndEpoch MetadataLog::log_start() const {
  const auto oldest = shelf_->oldest();
  if (!oldest || oldest->end_offset != start()) return {start(), LeaderEpoch{0}};
  return {oldest->end_offset, oldest->epoch};
}

Result<void> MetadataLog::begin_behind(env::Fiber& self, const SnapshotId& id, Snapshot snapshot) {
  recent_.clear();
  recent_bytes_ = 0;
  TRY(log_->truncate_fully_and_start_at(self, id.end_offset));
  snapshot_ = {std::move(snapshot.values), id.end_offset - 1, id.epoch};
  return {};
}

raft::EpochList MetadataLog::epochs() const {
  raft::EpochList epochs(log_start());
  const auto& entries = log_->leader_epochs().entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Offset end = i + 1 < entries.size() ? entries[i + 1].start_offset : log_->log_end();
    epochs.append(entries[i].epoch, end);
  }
  return epochs;
}

raft::VoterHistory MetadataLog::voters(raft::VoterSet otherwise) const {
  raft::VoterHistory history(std::move(otherwise));
  if (snapshot_voters_ && snapshot_id()) {
    history.reset(snapshot_id()->offset, *snapshot_voters_);
  } else if (snapshot_voters_) {
    history = raft::VoterHistory(*snapshot_voters_);
  }
  for (const auto& [offset, voters] : logged_voters_) {
    if (offset > history.latest_offset()) history.append(offset, voters);
  }
  return history;
}

Result<void> MetadataLog::append(env::Fiber& self, Bytes batch, CommittedBatch described) {
  const Offset base = log_->log_end();
  TRY(log_->append(self, batch));
  if (!recent_.empty() && recent_.back().batch.last_offset + 1 != base) {
    recent_.clear();
    recent_bytes_ = 0;
  }
  recent_bytes_ += batch.size();
  recent_.push_back({base, batch.size(), std::move(described)});
  while (recent_bytes_ > kRecentBytesMax) forget_oldest();
  return {};
}

Result<Offset> MetadataLog::truncate(env::Fiber& self, Offset to) {
  while (!recent_.empty() && recent_.back().batch.last_offset >= to) {
    recent_bytes_ -= recent_.back().bytes;
    recent_.pop_back();
  }
  return log_->truncate_to(self, to);
}

Result<bool> MetadataLog::tell(env::Fiber& self, Offset committed, Told& told) {
  if (!has_to_tell(committed)) return false;
  if (snapshot_) {
    const CommittedBatch snapshot = std::move(*snapshot_);
    snapshot_.reset();
    told_end_ = std::max(told_end_, snapshot.last_offset + 1);
    TRY(told.snapshot(snapshot));
    return true;
  }
  while (!recent_.empty() && recent_.front().base < told_end_) forget_oldest();
  if (recent_.empty() || recent_.front().base > told_end_) return tell_stored(self, committed, told.batch);
  if (recent_.front().batch.last_offset >= committed) return false;
  const CommittedBatch batch = std::move(recent_.front().batch);
  forget_oldest();
  told_end_ = batch.last_offset + 1;
  TRY(told.batch(batch));
  return true;
}

Result<bool> MetadataLog::tell_stored(env::Fiber& self, Offset committed, Visit& visit) {
  const Offset from = told_end_;
  const Offset until = std::min(committed, recent_.empty() ? committed : recent_.front().base);
  if (from >= until) return false;
  record::CodecScratch scratch;
  const auto see = [&](const record::BatchView& batch) -> Result<void> {
    if (batch.next_offset() > until || batch.last_offset() < told_end_) return {};
    TRY_ASSIGN(auto values, values_of(batch, scratch));
    told_end_ = batch.next_offset();
    return visit({std::move(values), batch.last_offset(), batch.leader_epoch()});
  };
  TRY(log_->scan(self, from, std::min(until, from + kToldAtOnceMax), see));
  return told_end_ > from;
}

void MetadataLog::forget_oldest() {
  recent_bytes_ -= recent_.front().bytes;
  recent_.pop_front();
}

}  // namespace gregor::quorum
