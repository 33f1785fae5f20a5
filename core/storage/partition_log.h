// PartitionLog: the batches of one partition in one folder, in Kafka's file formats.
//
// It trusts its caller for offsets, epochs and content (all were checked and assigned), and the disk for nothing: every
// byte read back is checked against its batch's CRC before it is handed out.
//
// Promises:
//   P1  after any crash the log is a prefix of what was appended, at least up to flushed_end();
//   P2  flushed_end() moves only over bytes (and file names) whose flush returned without error;
//   P3  after a failed flush, or a failed write that could not be cut off again, nothing more is appended: every call
//       returns that error until the log is opened anew;
//   P4  log_start() <= log_end() and flushed_end() <= log_end(), and both ends lie on batch boundaries.
//
// One fiber may append while others read and flush; appends, truncations and deletions exclude each other inside.
// Emits LogOpened, BatchAppended, LogTruncated, LogBegunAnew, LogFlushed and LogStartMoved; nobody above needs to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "env/clock.h"
#include "env/disk.h"
#include "observe/event.h"
#include "observe/log.h"
#include "record/batch_view.h"
#include "record/codec.h"
#include "storage/aborted_transaction.h"
#include "storage/clean_batch.h"
#include "storage/key_offsets.h"
#include "storage/leader_epoch_cache.h"
#include "storage/log_bytes.h"
#include "storage/log_config.h"
#include "storage/producer_snapshot.h"

namespace gregor::storage {

/// Hears that a log was cut below what the recovery-point checkpoint says of it, before anything is appended again:
/// else a crash would trust bytes that were never flushed. LogDirectory is one.
class RecoveryPoints {
 public:
  virtual ~RecoveryPoints() = default;
  /// Durable when it returns without error.
  virtual Result<void> lower(env::Fiber& self, const TopicPartition& partition, Offset to) = 0;
};

/// Where a log lives and who hears of it. All references must outlive the log.
struct LogSeat {
  env::Disk& disk;
  env::Clock& clock;
  observe::Observer& observer;
  observe::Log& log;
  TopicPartition partition;
  std::string folder;                         ///< exists already
  RecoveryPoints* recovery_points = nullptr;  ///< none: nobody checkpoints this log
};

/// What the directory's checkpoints say of this log.
struct LogCheckpoints {
  bool clean_shutdown = false;
  Offset recovery_point{0};    ///< everything below was flushed
  Offset log_start_offset{0};  ///< nothing below is served
};

struct AppendResult {
  Offset base_offset;  ///< of the first batch
  Offset last_offset;  ///< of the last batch
  /// Flush up to the last of them in the background, so that recovery has little to read; a producer snapshot belongs
  /// at each that equals the offset of the owner's state.
  std::vector<Offset> rolled_at;  ///< base offsets of the segments begun on the way, mostly none
};

struct ReadLimits {
  std::size_t bytes_max = 1 << 20;
  Offset below = Offset{INT64_MAX};  ///< only batches that end below (high watermark, last stable offset)
  bool whole_first_batch = true;     ///< the first batch comes even when it is larger than bytes_max
  bool with_aborted = false;         ///< what a reader of committed records must leave out comes along; no batch at or
                                     ///< above indexed_end() comes then
};

struct LogRead {
  LogBytes batches;    ///< whole batches, the first one holding the asked offset or the next one there is
  Offset next_offset;  ///< after the last of them; the asked offset when there is none
  /// Where it was asked for: every aborted transaction that may have records among them, in the order of the markers.
  std::vector<AbortedTransaction> aborted = {};
};

struct TimestampedOffset {
  std::int64_t timestamp_ms = -1;
  Offset offset;
  LeaderEpoch leader_epoch;
  bool operator==(const TimestampedOffset&) const = default;
};

struct SegmentSummary {
  Offset base_offset;
  Offset end_offset;             ///< base offset of the next segment, or the log's end
  std::uint64_t size_bytes = 0;  ///< of the .log
  std::int64_t max_timestamp_ms = -1;
  std::int64_t first_timestamp_ms = -1;  ///< the greatest of its first batch; -1 where that is not known
};

/// What a round of compaction is told. It reads everything below `end` and may take long.
struct CleanAsk {
  Offset first_dirty;  ///< below it every key was looked at by an earlier round
  Offset end;          ///< nothing at or above is touched: see find_work()
  WallTime now;
  std::int64_t delete_retention_ms = 0;  ///< delete.retention.ms
  HashSeed seed;                         ///< fresh for each round
  KeyOffsets::Limits memory = {};
  /// What a producer's state hangs on, as of now; none for one that is not known.
  UniqueFunction<std::optional<LastOfProducer>(ProducerId)> last_of;
  /// Called after each piece of work, with the bytes read since the last call; may suspend. False: give up.
  UniqueFunction<bool(env::Fiber&, std::uint64_t)> pace;
};

struct CleanOutcome {
  Offset cleaned_up_to;  ///< the next round's first_dirty
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  bool map_was_full = false;  ///< the memory did not hold all keys: another round is due
};

/// A producer snapshot that survived, and the offset up to which it holds.
struct FoundSnapshot {
  Offset offset;
  std::vector<ProducerEntry> producers;
};

/// Sees each batch in order. Returns an error to stop the walk with it.
using BatchVisitor = UniqueFunction<Result<void>(const record::BatchView&)>;

class PartitionLog {
 public:
  /// Opens what the folder holds, or begins an empty log at checkpoints.log_start_offset. After an unclean end every
  /// segment from the recovery point on is read, checked and cut at the first bad batch. The log is flushed up to its
  /// end when this returns. Errors: io, no_space; corrupt only where repair itself fails.
  static Result<std::unique_ptr<PartitionLog>> open(env::Fiber& self, LogSeat seat, const LogConfig& config,
                                                    const LogCheckpoints& checkpoints);
  ~PartitionLog();
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  /// Appends groups of whole, checked batches in one write where no roll falls between them. Each group is what Kafka
  /// appends at once (one request's records, or one fetched range): the roll rule is asked before each. Base offsets
  /// rise and the first is >= log_end(); epochs stand in the headers and enter leader_epochs(). All or nothing: after
  /// an error the log ends where it did. Bytes must stay unchanged until it returns. Errors: limit (a group larger than
  /// segment_bytes: split it), no_space, io (P3).
  /// `aborted` names the transactions that markers among the batches abort, in the order of the markers: they enter the
  /// transaction index before this returns, and are as durable as the markers themselves.
  Result<AppendResult> append(env::Fiber& self, std::span<const Bytes> groups,
                              std::span<const AbortedTransaction> aborted = {});
  Result<AppendResult> append(env::Fiber& self, Bytes group);

  /// Makes everything below `up_to` (at most log_end()) durable. Callers that come while a flush runs share the next
  /// one. Errors: io (P3).
  Result<void> flush(env::Fiber& self, Offset up_to);
  Result<void> flush(env::Fiber& self) { return flush(self, log_end()); }

  /// Whole batches from the one that holds `from`, at most to the end of a segment. Nothing when `from` is log_end().
  /// Errors: invalid (`from` outside [log_start, log_end]), corrupt (a batch on disk fails its CRC), io.
  Result<LogRead> read(env::Fiber& self, Offset from, const ReadLimits& limits);

  /// Every batch that ends at or above `from` and begins below `end`, checked. For rebuilding what is derived from the
  /// log. Errors: corrupt, io; stale, when the log is truncated meanwhile.
  Result<void> scan(env::Fiber& self, Offset from, Offset end, BatchVisitor visit);

  /// The first record at or above log_start and below `below` whose timestamp is >= `timestamp_ms`; none where there is
  /// no such record. Errors: as scan().
  Result<std::optional<TimestampedOffset>> find_by_timestamp(env::Fiber& self, std::int64_t timestamp_ms, Offset below,
                                                             record::CodecScratch& scratch);
  /// The first record with the greatest timestamp below `below`; none in an empty log.
  Result<std::optional<TimestampedOffset>> find_max_timestamp(env::Fiber& self, Offset below,
                                                              record::CodecScratch& scratch);

  /// Cuts everything at or above `to`; a batch that straddles it goes wholly. Returns the new log_end(). The cut is
  /// durable when it returns. Requires to >= log_start(). Errors: io (P3).
  Result<Offset> truncate_to(env::Fiber& self, Offset to);
  /// Drops everything and goes on, empty, at `offset`. Errors: io (P3).
  Result<void> truncate_fully_and_start_at(env::Fiber& self, Offset offset);
  /// Nothing below `to` is served any more; never moves back. Requires to <= log_end(). Writes nothing: the checkpoint
  /// is the directory's, and delete_old_segments() frees the space.
  void advance_log_start(Offset to);
  /// Deletes segments, but never the last, that end at or below `to`, and moves the log start with them. For retention
  /// and snapshots. Returns how many. Requires to <= log_end().
  Result<std::size_t> delete_segments_below(env::Fiber& self, Offset to);
  /// The same up to the log start.
  Result<std::size_t> delete_old_segments(env::Fiber& self) { return delete_segments_below(self, log_start()); }
  /// One round of compaction: keeps of each key the last record, rewrites the segments that this shortens, small
  /// neighbours into one, and puts each in place of the old ones at once. Appends, flushes and reads go on. Log start
  /// and log end stay. Emits SegmentsCompacted. Errors: closed (pace() gave up), stale (the log was cut meanwhile),
  /// no_space and corrupt (nothing more was changed), io (P3).
  Result<CleanOutcome> clean(env::Fiber& self, CleanAsk ask);
  /// The greatest timestamp of the first batch of each segment becomes known (SegmentSummary). Errors: corrupt, io.
  Result<void> learn_first_timestamps(env::Fiber& self);
  /// Frees the files of deleted segments whose file_delete_delay_ms has passed; the next start frees what is left.
  /// Errors: io.
  Result<void> free_deleted(env::Fiber& self);

  /// Seals the last segment, unless it is empty, and begins one at log_end().
  Result<void> roll(env::Fiber& self);

  /// Notes an epoch that began here, without records so far (a new leader's), durably.
  Result<void> assign_leader_epoch(env::Fiber& self, LeaderEpoch epoch, Offset start);
  /// Of a log that holds the same as this one from one end to the other: epochs that left no record here, or none any
  /// more, are known as there. Durable when it returns. Errors: io, no_space.
  Result<void> take_leader_epochs(env::Fiber& self, const LeaderEpochCache& epochs);
  [[nodiscard]] const LeaderEpochCache& leader_epochs() const;

  /// Writes NNN.snapshot for the state at `offset`, at a roll or a clean end; only the newest few are kept.
  /// `make_durable` is for the end; losing one costs a longer walk, never state: see keep_producers().
  Result<void> write_producer_snapshot(env::Fiber& self, Offset offset, const std::vector<ProducerEntry>& producers,
                                       bool make_durable);
  /// Makes durable what lies below the segment that is written, and the snapshot at that segment's base: no crash can
  /// then bring about that a walk meets only what a cleaner left below it. False: there is no such snapshot.
  Result<bool> keep_producers(env::Fiber& self);
  /// The newest valid one at or below `at_most`; none means: walk from log_start(). Invalid ones on the way are
  /// deleted.
  Result<std::optional<FoundSnapshot>> newest_producer_snapshot(env::Fiber& self, Offset at_most);
  Result<std::optional<FoundSnapshot>> newest_producer_snapshot(env::Fiber& self) {
    return newest_producer_snapshot(self, log_end());
  }

  /// The log's end, or where an append began whose markers' transactions are not in the index yet.
  [[nodiscard]] Offset indexed_end() const;
  /// Where the transaction indexes may lack entries or hold wrong ones: a segment's base offset. Set when open() had to
  /// recover, or found an index damaged; the owner of the producer state then walks the log from a snapshot at or below
  /// and calls rewrite_aborted(). None: the indexes are right.
  [[nodiscard]] std::optional<Offset> aborted_unknown_from() const;
  /// Replaces the transaction indexes from aborted_unknown_from() on by `aborted`, all whose markers lie there, in the
  /// order of the markers. Durable when it returns. Errors: io, no_space.
  Result<void> rewrite_aborted(env::Fiber& self, std::span<const AbortedTransaction> aborted);

  /// Flushes all and writes the indexes; afterwards the log is closed and every call fails with `closed`. Without
  /// error, recovery may trust the folder whole. A log that is destroyed without close() is as after a crash.
  Result<void> close(env::Fiber& self);

  [[nodiscard]] Offset log_start() const;
  [[nodiscard]] Offset log_end() const;
  /// Everything below survives power loss: the recovery point.
  [[nodiscard]] Offset flushed_end() const;
  [[nodiscard]] std::uint64_t size_bytes() const;
  /// Oldest first; never empty.
  [[nodiscard]] std::vector<SegmentSummary> segments() const;
  [[nodiscard]] std::size_t segment_count() const;
  /// Cut off by open(), in bytes.
  [[nodiscard]] std::uint64_t recovered_bytes_truncated() const;
  [[nodiscard]] const TopicPartition& partition() const;
  [[nodiscard]] const std::string& folder() const;
  [[nodiscard]] const LogConfig& config() const;
  /// Takes effect with the next append.
  void set_config(const LogConfig& config);
  /// Set after P3.
  [[nodiscard]] const std::optional<Error>& failure() const;

 private:
  friend class PoisonOnUnwind;
  struct State;
  struct CleanRound;
  explicit PartitionLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gregor::storage
