// LogOpening: from whatever a crash left in a folder to segments that can be trusted. The recovery of PartitionLog.
//
// After a clean end it looks at the indexes and at the tail of the last segment. After any other end it reads every
// batch from the segment that holds the recovery point on, and cuts the log before the first one that is not whole,
// right and next in line; later segments go. Indexes, leader epochs and snapshots follow the batches.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "storage/batch_stream.h"
#include "storage/leader_epoch_cache.h"
#include "storage/partition_log.h"
#include "storage/segment.h"
#include "storage/segment_files.h"

namespace gregor::storage {

/// Ascending by base offset; the last one is the one that grows.
using Segments = std::vector<std::shared_ptr<Segment>>;

struct OpenedLog {
  Segments segments;
  LeaderEpochCache epochs;
  std::set<Offset> snapshots;  ///< offsets of the producer snapshots in the folder
  Offset log_start;
  std::uint64_t bytes_truncated = 0;
  std::optional<Offset> aborted_unknown_from;  ///< see PartitionLog::aborted_unknown_from()
};

class LogOpening {
 public:
  LogOpening(const LogSeat& seat, const LogConfig& config, const LogCheckpoints& checkpoints)
      : seat_(seat), config_(config), checkpoints_(checkpoints), files_(seat.disk, seat.folder) {}

  /// All is durable when it returns without error.
  Result<OpenedLog> run(env::Fiber& self);

 private:
  /// A stretch of batches of one epoch, as their headers say.
  struct EpochRun {
    LeaderEpoch epoch;
    Offset first;
    Offset end;
  };

  Result<void> find_segments(env::Fiber& self);
  Result<void> measure_segments(env::Fiber& self);
  Result<void> recover_from(env::Fiber& self, std::size_t index);
  Result<bool> recover(env::Fiber& self, Segment& segment);
  Result<void> cut(env::Fiber& self, std::size_t index, FilePosition to);
  Result<void> drop_after(env::Fiber& self, std::size_t index);
  [[nodiscard]] bool follows(const record::BatchView& batch, const Segment& segment) const;
  void note_epoch(const record::BatchView& batch);
  Result<void> check_sealed(env::Fiber& self, Segment& segment);
  Result<bool> resume_active(env::Fiber& self, Segment& segment);
  Result<void> start_empty(env::Fiber& self, Offset base);
  Result<void> check_transaction_indexes(env::Fiber& self);
  Result<bool> is_sound_transaction_index(env::Fiber& self, Segment& segment);
  Result<void> restore_epochs(env::Fiber& self);
  Result<void> scan_epochs(env::Fiber& self);
  void apply_epoch_runs();
  Result<void> drop_stale_snapshots(env::Fiber& self);
  [[nodiscard]] std::size_t first_to_recover() const;

  const LogSeat& seat_;
  const LogConfig& config_;
  const LogCheckpoints& checkpoints_;
  SegmentFiles files_;
  OpenedLog log_;
  std::vector<EpochRun> epoch_runs_;
  std::set<Offset> transaction_indexes_;  ///< base offsets of those in the folder
};

/// Scans a whole segment for its index, trusting the batches. For an index that was lost or does not fit.
Result<SegmentIndex> rebuild_index(env::Fiber& self, env::File& log_file, const Segment& segment,
                                   std::int64_t interval_bytes);

}  // namespace gregor::storage
