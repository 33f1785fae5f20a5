// What happens inside a node, as typed values. The simulator's checkers, the metrics and the tests read the same
// events; the broker's behaviour never depends on who listens.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace gregor::observe {

/// A partition's log was opened and recovered; [log_start, log_end) is what it holds.
struct LogOpened {
  TopicPartition partition;
  Offset log_start;
  Offset log_end;
  std::uint64_t bytes_truncated;  ///< cut off by recovery
};
/// A batch stands in the log at [base, last]. Written to the file system, not necessarily flushed.
struct BatchAppended {
  TopicPartition partition;
  Offset base;
  Offset last;
  LeaderEpoch epoch;
  std::uint32_t crc;
  ProducerId producer;
  ProducerEpoch producer_epoch;
  Sequence first_sequence;
};
/// The log is cut: nothing at or above `to` is to remain. Told as the cut begins, and again where a batch spans `to`.
struct LogTruncated {
  TopicPartition partition;
  Offset to;
};
/// Nothing of the log is to remain, told as that begins; it goes on at `at`, which may lie below or above what it held.
struct LogBegunAnew {
  TopicPartition partition;
  Offset at;
};
/// The log lies in another of the node's directories from now on, and holds what it held (KIP-113); LogOpened follows.
struct LogMoved {
  TopicPartition partition;
  std::string folder;  ///< its path now
};
/// Everything below `offset` survives power loss.
struct LogFlushed {
  TopicPartition partition;
  Offset offset;
};
struct HighWatermarkMoved {
  TopicPartition partition;
  Offset to;
};
struct LogStartMoved {
  TopicPartition partition;
  Offset to;
};
/// Compaction puts one segment in the place of those that hold [begin, end): from now on some of their records are
/// gone, or will be after the next start.
struct SegmentsCompacted {
  TopicPartition partition;
  Offset begin;
  Offset end;
};
/// A produce was answered without error.
struct ProduceAcknowledged {
  TopicPartition partition;
  Offset base;
  Offset last;
  std::uint32_t crc;
  std::int16_t acks;
  bool duplicate;  ///< it stood in the log already
};
/// Bytes [base, end) of a partition were put into a fetch response.
struct FetchAnswered {
  TopicPartition partition;
  Offset from;
  Offset end;
  Offset high_watermark;
};
/// This node appends and acknowledges for the partition from now on, in this epoch.
struct LeadershipBegan {
  TopicPartition partition;
  LeaderEpoch epoch;
};
/// What the metadata says of a partition from now on. Told by each shard of each node, before anything there acts on
/// it.
struct PartitionChanged {
  TopicPartition partition;
  std::int32_t partition_epoch;
  NodeId leader;  ///< -1: nobody
  LeaderEpoch leader_epoch;
  std::span<const NodeId> replicas;  ///< good while the event is heard, as the others
  std::span<const NodeId> isr;
  std::span<const NodeId> eligible_leader_replicas;  ///< KIP-966
};
/// The metadata has the partition no more.
struct PartitionRemoved {
  TopicPartition partition;
};
/// This node leads the metadata quorum in this epoch, and will in no second life.
struct QuorumLeaderElected {
  NodeId node;
  LeaderEpoch epoch;
};
/// A voter is a node and its directory (KIP-853).
struct NamedVoter {
  NodeId node;
  Uuid directory;
  bool operator==(const NamedVoter&) const = default;
};
/// Of a quorum whose log names its voters: the newest record of this node's metadata log that does stands at `offset`,
/// committed or not, or a snapshot that does ends there; -1 where the log begins with them.
struct VotersNamed {
  Offset offset;
  std::vector<NamedVoter> voters;
};
/// The metadata image of this node now includes `offset`.
struct MetadataApplied {
  Offset offset;
};
/// Bytes on disk at or above `from` are not what was written there: the copy is given up where others have the records.
struct CopyDamaged {
  TopicPartition partition;
  Offset from;
};
/// A log directory failed and serves no more.
struct LogDirectoryFailed {
  std::string directory;
};
/// The node answers produce requests from now on.
struct NodeReady {
  NodeId node;
  std::uint16_t port;
};

using Event = std::variant<LogOpened, BatchAppended, LogTruncated, LogBegunAnew, LogFlushed, HighWatermarkMoved,
                           LogStartMoved, SegmentsCompacted, ProduceAcknowledged, FetchAnswered, LeadershipBegan,
                           PartitionChanged, PartitionRemoved, QuorumLeaderElected, MetadataApplied, LogDirectoryFailed,
                           NodeReady, LogMoved, CopyDamaged, VotersNamed>;

/// Called on the shard where it happened. Must not block, suspend or call back into the node.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(const Event& event) = 0;
};

/// Hears and forgets.
class NullObserver final : public Observer {
 public:
  void on(const Event&) override {}
};

}  // namespace gregor::observe
