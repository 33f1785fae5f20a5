// Node: this node's part in the metadata quorum, driven: it holds __cluster_metadata-0, gives the pure machine of raft/
// its disk, clock and network, and tells a listener every committed batch in order. Voter or observer, of a static list
// or of a quorum whose log says who votes (KIP-853).
//
// Files, all Kafka's: segments and indexes, quorum-state, leader-epoch-checkpoint, partition.metadata (the fixed topic
// id), and snapshots.
//
// Promises:
//   Q1  quorum-state is durable before anything is said or done in the epoch that it names;
//   Q2  what the listener hears is committed and flushed here, in order of offsets, each batch once in each life;
//   Q3  each batch is flushed before the next is written, so that at most the last one can be torn;
//   Q4  after a failed flush or an unfinished write the node halts: nobody knows what the disk holds (INVARIANTS 48);
//   Q5  append() returns an offset only for a batch that this node committed as leader of one epoch;
//   Q6  all that the machine wants of the disk happens one after the other;
//   Q7  nothing of the log is deleted that a durable snapshot of what is committed does not cover (INVARIANTS 62).
//
// Alone (the only voter) it elects itself in open(), and nothing of it runs but within append() and close(). Else it
// lives on fibers of its shard: a worker that does the disk's work, and one for each link to a peer. The service
// (quorum/service.h) answers peers; whoever listens for them calls it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "config/broker_config.h"
#include "env/shard.h"
#include "observe/event.h"
#include "observe/log.h"
#include "quorum/address.h"
#include "quorum/identity.h"
#include "quorum/snapshot_shelf.h"
#include "raft/fsm.h"

namespace gregor::quorum {

class Service;

inline constexpr Uuid kMetadataTopicId{0, 1};  ///< AAAAAAAAAAAAAAAAAAAAAQ

/// A batch that is committed. A snapshot looks like one too, with the offset before its end.
struct CommittedBatch {
  std::vector<ByteBuffer> values;  ///< metadata records; empty for control batches
  Offset last_offset;
  LeaderEpoch epoch;
};

struct Leadership {
  LeaderEpoch epoch;
  std::optional<NodeId> leader;  ///< none: nobody known
  /// This node leads, a record of its epoch is committed, and the listener was told everything before: append() may
  /// be called. Ends with the next Leadership that is told, or a newer epoch.
  bool is_ours = false;
  bool operator==(const Leadership&) const = default;
};

/// Called on a fiber or on the loop of the node's shard. Must not suspend or call into the node.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  /// An error means that the node cannot follow its own log: it halts, or does not start.
  virtual Result<void> on_committed(const CommittedBatch& batch) = 0;
  /// All that was told before is replaced by `whole`: a snapshot of our own, which comes first in a life, or one that a
  /// leader sent in the middle. Errors: as on_committed().
  virtual Result<void> on_snapshot(const CommittedBatch& whole) { return on_committed(whole); }
  /// Told with each change, and at once: batches of the epoch before may still come. A leadership that is ours comes
  /// after all batches before its epoch.
  virtual void on_leadership(const Leadership&) {}
};

class Node {
 public:
  /// References outlive the node and its shard's fibers; `metadata_directory` is open and locked.
  struct Seat {
    env::Shard& shard;
    observe::Observer& observer;
    observe::Log& log;
    const config::BrokerConfig& config;
    storage::LogDirectory& metadata_directory;
    CommitListener& listener;
  };
  /// Opens the log. The only voter becomes leader of a new epoch and tells the listener everything that is committed,
  /// which is all; others return at once and hear of it as the quorum lets them. Errors: invalid (a controller that a
  /// static list does not name), unsupported (unknown records), corrupt, io, no_space.
  static Result<std::unique_ptr<Node>> open(env::Fiber& self, Seat seat, const Identity& identity);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// No metadata record was committed as far as the listener was told: who leads appends bootstrap_values() before
  /// anything else.
  [[nodiscard]] bool is_blank() const;
  /// What bootstrap.checkpoint of the metadata directory says; `defaults` where there is none (Kafka's rule).
  Result<std::vector<ByteBuffer>> bootstrap_values(env::Fiber& self, std::vector<ByteBuffer> defaults);

  /// Appends the records as leader of the present epoch, waits until they are committed and the listener was told, and
  /// returns the last offset. One batch, all or nothing, up to kBatchBytesMax; what is longer is split, and all of it
  /// is of one epoch. One call at a time: others wait. `self` must not be cancelled while the node lives. Errors, after
  /// which nothing of the first batch stands in the log: stale (this node does not lead, or not yet: see Leadership),
  /// no_space, limit, closed. Error timed_out: leadership was lost meanwhile, or a later batch failed; the records may
  /// be committed, in part too, or may be cut. Requires at least one value.
  Result<Offset> append(env::Fiber& self, std::span<const ByteBuffer> values);
  static constexpr std::size_t kBatchBytesMax = 8 << 20;

  /// Writes `values`, which make the image at the offset before `id.end_offset`, as a snapshot, and trims log and
  /// snapshots by metadata.max.retention.*. Nothing where there is one as new. Appends go on meanwhile. One call at a
  /// time: others wait. Errors: invalid (no committed batch ends there), no_space, io: without harm to the log, unless
  /// that has a failure() now; closed.
  Result<void> take_snapshot(env::Fiber& self, const SnapshotId& id, std::span<const ByteBuffer> values);
  /// Trims alone.
  Result<void> trim(env::Fiber& self);
  [[nodiscard]] const SnapshotShelf& snapshots() const;

  /// Where the next record will stand.
  [[nodiscard]] Offset log_end() const;
  [[nodiscard]] Offset high_watermark() const;
  [[nodiscard]] LeaderEpoch epoch() const;
  /// What the listener was told last.
  [[nodiscard]] const Leadership& leadership() const;
  /// 1 where the log says who votes and in which directory (KIP-853), 0 where the configuration does, or nobody has
  /// said it yet to a node that joins. For any shard to ask.
  [[nodiscard]] std::int16_t kraft_version() const;
  [[nodiscard]] const raft::Fsm& fsm() const;
  /// Where the controller of a voter or leader listens, as far as this node knows.
  [[nodiscard]] std::optional<Address> address_of(NodeId node) const;

  /// Answers peers. Lives as long as the node.
  [[nodiscard]] Service& service();

  /// Gives up leading and says so to the others, for as long as they answer in time; then flushes and closes the log.
  /// append() fails with `closed` from now on.
  Result<void> close(env::Fiber& self);

  struct State;

 private:
  explicit Node(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  ///< its fibers hold it too
};

}  // namespace gregor::quorum
