// MetadataLog: the bytes of __cluster_metadata-0 and what is known of them: opened after a survey, appended a batch at
// a time, cut, and read back as committed batches.
//
// Promises: what the survey finds damaged is never silently cut (quorum/log_damage.h); a batch stands as it was handed
// in. Never decides what is committed. Appended to, cut and told by one fiber at a time; read, and trimmed at its
// beginning, by others meanwhile.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_function.h"
#include "quorum/node.h"
#include "quorum/snapshot_file.h"
#include "quorum/snapshot_shelf.h"
#include "raft/epoch_list.h"
#include "raft/voter_history.h"
#include "record/codec.h"
#include "storage/partition_log.h"

namespace gregor::quorum {

/// __cluster_metadata-0, under its fixed topic id.
TopicPartition metadata_partition();

class MetadataLog {
 public:
  /// Makes the folder where it is absent. Errors: corrupt, io, no_space.
  static Result<std::unique_ptr<MetadataLog>> open(env::Fiber& self, const Node::Seat& seat);

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] Offset start() const { return log_->log_start(); }
  [[nodiscard]] Offset end() const { return log_->log_end(); }
  [[nodiscard]] Offset flushed_end() const { return log_->flushed_end(); }
  [[nodiscard]] storage::PartitionLog& storage() { return *log_; }

  /// Which epochs wrote it, for the machine.
  [[nodiscard]] raft::EpochList epochs() const;
  /// Some record, of the log or of its snapshot, says who votes.
  [[nodiscard]] bool names_voters() const { return snapshot_voters_ || !logged_voters_.empty(); }
  /// Who votes and voted, as open() found it; `otherwise` where neither snapshot nor log say.
  [[nodiscard]] raft::VoterHistory voters(raft::VoterSet otherwise) const;
  [[nodiscard]] SnapshotShelf& shelf() { return *shelf_; }
  /// Of the newest snapshot; none where there is none but the initial one.
  [[nodiscard]] std::optional<raft::OffsetAndEpoch> snapshot_id() const;
  /// Drops everything for a snapshot that stands on the shelf, durably; it is told next, whole.
  Result<void> begin_behind(env::Fiber& self, const SnapshotId& id, Snapshot snapshot);

  /// One batch, not yet flushed. `described` is kept for the listener. Errors: as storage::PartitionLog::append();
  /// is_as_before() tells whether it may go on.
  Result<void> append(env::Fiber& self, Bytes batch, CommittedBatch described);
  /// After a failed append: the log ends at `end`, as before it, and may be appended to.
  [[nodiscard]] bool is_as_before(Offset end) const { return log_->log_end() == end && !log_->failure(); }
  Result<void> flush(env::Fiber& self) { return log_->flush(self); }
  /// Cuts at or below `to`; durable. Returns where the log ends now.
  Result<Offset> truncate(env::Fiber& self, Offset to);
  Result<void> close(env::Fiber& self) { return log_->close(self); }

  using Visit = UniqueFunction<Result<void>(const CommittedBatch&)>;
  /// Everything below told_end() was told.
  [[nodiscard]] Offset told_end() const { return told_end_; }
  /// Whether something that lies below `committed` was not told: a snapshot, or what follows it.
  [[nodiscard]] bool has_to_tell(Offset committed) const {
    return snapshot_ ? snapshot_->last_offset < committed : committed > told_end_;
  }
  /// Who is told: what lies in the log, batch by batch, and a snapshot before it.
  struct Told {
    Visit batch;
    Visit snapshot;
  };
  /// Tells some more of what lies below `committed`, from memory or from disk; a snapshot first. False where there is
  /// nothing more to tell.
  Result<bool> tell(env::Fiber& self, Offset committed, Told& told);

 private:
  MetadataLog() = default;
  Result<void> read_newest_snapshot(env::Fiber& self, env::Disk& disk);
  /// Makes log and snapshots fit each other, whatever a crash left: the log begins where the oldest snapshot ends, or
  /// at 0, and ends where the newest one ends or later.
  Result<void> fit_log_to_snapshots(env::Fiber& self);
  [[nodiscard]] raft::OffsetAndEpoch log_start() const;
  Result<bool> tell_stored(env::Fiber& self, Offset committed, Visit& visit);
  void forget_oldest();

  struct Recent {
    Offset base;
    std::size_t bytes;
    CommittedBatch batch;
  };
  std::string folder_;
  std::unique_ptr<storage::PartitionLog> log_;
  std::optional<SnapshotShelf> shelf_;
  std::optional<raft::VoterSet> snapshot_voters_;
  std::vector<std::pair<Offset, raft::VoterSet>> logged_voters_;  ///< as open() found it
  std::optional<CommittedBatch> snapshot_;                        ///< until it is told
  Offset told_end_{0};
  std::deque<Recent> recent_;  ///< the newest appended ones, without gaps; what is missing is read from disk
  std::size_t recent_bytes_ = 0;
};

}  // namespace gregor::quorum
