// Node: this node's part in the metadata quorum, driven: it holds __cluster_metadata-0, gives the pure machine of raft/
// its disk and clock, and tells a listener every committed batch in order.
//
// Files, all Kafka's: segments and indexes, quorum-state, leader-epoch-checkpoint, partition.metadata (the fixed topic
// id), and snapshots, which are read but not yet written, so that nothing of the log is ever deleted.
//
// Promises:
//   Q1  quorum-state is durable before anything is done in the epoch that it names;
//   Q2  what the listener hears is flushed, in order of offsets, each batch once in each life;
//   Q3  each append is one batch and is flushed before the next is written, so that at most the last batch can be torn;
//   Q4  after a failed flush or an unfinished write the node halts: nobody knows what the disk holds (INVARIANTS 48).
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "config/broker_config.h"
#include "env/shard.h"
#include "env/wait.h"
#include "observe/event.h"
#include "observe/log.h"
#include "quorum/identity.h"
#include "quorum/quorum_state_file.h"
#include "raft/fsm.h"
#include "record/codec.h"
#include "storage/partition_log.h"

namespace gregor::quorum {

inline constexpr Uuid kMetadataTopicId{0, 1};  ///< AAAAAAAAAAAAAAAAAAAAAQ

/// A batch that is committed. A snapshot comes as one, the first, with the offset before its end.
struct CommittedBatch {
  std::vector<ByteBuffer> values;  ///< metadata records; empty for control batches
  Offset last_offset;
  LeaderEpoch epoch;
};

class CommitListener {
 public:
  virtual ~CommitListener() = default;
  /// Must not suspend. An error means that the node cannot follow its own log: it halts, or does not start.
  virtual Result<void> on_committed(const CommittedBatch& batch) = 0;
};

class Node {
 public:
  /// References outlive the node; `metadata_directory` is open and locked.
  struct Seat {
    env::Shard& shard;
    observe::Observer& observer;
    observe::Log& log;
    const config::BrokerConfig& config;
    storage::LogDirectory& metadata_directory;
    CommitListener& listener;
  };
  /// Opens the log, becomes leader of a new epoch, and tells the listener everything that is committed, which is all.
  /// Errors: unsupported (several voters, unknown records), invalid (not the voter), corrupt, io, no_space.
  static Result<std::unique_ptr<Node>> open(env::Fiber& self, Seat seat, const Identity& identity);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// No metadata record was ever committed: append bootstrap_values() before anything else.
  [[nodiscard]] bool is_blank() const { return is_blank_; }
  /// What bootstrap.checkpoint of the metadata directory says; `defaults` where there is none (Kafka's rule).
  Result<std::vector<ByteBuffer>> bootstrap_values(env::Fiber& self, std::vector<ByteBuffer> defaults);

  /// Appends the records, commits them, tells the listener, and returns the last offset. One batch, all or nothing, up
  /// to kBatchBytesMax; what is longer is split. One call at a time: others wait. Errors, after which nothing of the
  /// first batch stands in the log: no_space, limit, closed. Requires at least one value.
  Result<Offset> append(env::Fiber& self, std::span<const ByteBuffer> values);
  static constexpr std::size_t kBatchBytesMax = 8 << 20;

  /// Where the next record will stand.
  [[nodiscard]] Offset log_end() const;
  [[nodiscard]] Offset high_watermark() const { return fsm_->high_watermark(); }
  [[nodiscard]] LeaderEpoch epoch() const { return fsm_->epoch(); }
  /// 1 where the log says who votes and in which directory (KIP-853), 0 where the configuration does. Constant, and
  /// so for any shard to ask.
  [[nodiscard]] std::int16_t kraft_version() const { return logged_voters_ ? 1 : 0; }
  [[nodiscard]] const raft::Fsm& fsm() const { return *fsm_; }

  /// Flushes and closes the log; append() fails with `closed` from now on.
  Result<void> close(env::Fiber& self);

 private:
  Node(Seat seat, std::string folder);
  Result<void> open_log(env::Fiber& self);
  Result<void> make_fsm(env::Fiber& self, const Identity& identity);
  Result<void> elect(env::Fiber& self);
  /// Does what the machine wants done.
  Result<void> act(env::Fiber& self);
  Result<void> begin_epoch(env::Fiber& self, LeaderEpoch epoch);
  Result<void> write(env::Fiber& self, const ByteBuffer& batch, CommittedBatch described);
  Result<void> flush(env::Fiber& self);
  Result<void> tell_committed(env::Fiber& self);
  Result<void> tell_history(env::Fiber& self);
  Result<void> tell(const CommittedBatch& batch);
  Result<Offset> append_batch(env::Fiber& self, std::span<const ByteBuffer> values);

  Seat seat_;
  std::string folder_;
  std::unique_ptr<storage::PartitionLog> log_;
  QuorumState state_;  ///< as quorum-state holds it
  std::optional<raft::VoterSet> logged_voters_;
  std::optional<raft::Fsm> fsm_;
  std::optional<CommittedBatch> snapshot_;  ///< until it is told
  std::optional<Offset> history_end_;       ///< of what former lives left, until it is told
  std::deque<CommittedBatch> uncommitted_;  ///< at most one batch of the append in flight and the epoch's first
  bool is_blank_ = true;
  bool closed_ = false;
  env::FiberMutex appending_;
};

}  // namespace gregor::quorum
