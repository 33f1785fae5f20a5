// One partition's committed log, as the replicas' own accounts (GhostLog) first show it: a batch belongs to it from the
// moment somebody acted on its being committed. Replicas are compared with it batch by batch.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "properties/always/ghost_log.h"

namespace gregor::properties {

/// Null where the node has no such log.
const GhostLog::Partition* find_log(const GhostLog& ghost, const TopicPartition& name);

class CommittedLog {
 public:
  using Batch = GhostLog::Batch;

  [[nodiscard]] Offset end() const { return end_; }
  [[nodiscard]] const Batch* find(Offset base) const;
  /// Below it compaction may have taken records out, on one replica and not yet on another.
  void compacted_below(Offset end) { compacted_ = std::max(compacted_, end); }
  /// In words, where a replica's log differs below `end`; empty where it does not. `log` may be null. `matched` counts
  /// the batches that need no second look; the caller keeps it for the replica and sets it to 0 when its log may have
  /// lost something.
  [[nodiscard]] std::string difference(const GhostLog::Partition* log, Offset end, std::size_t& matched) const;
  /// Takes over what `log` holds from end() up to `to`; the batches that are new.
  std::vector<Batch> extend(const GhostLog::Partition& log, Offset to);

 private:
  std::vector<Batch> batches_;  ///< by offset
  Offset end_{0};
  Offset compacted_{0};
};

/// Whether a replica holds this very batch.
bool holds_batch(const GhostLog::Partition* log, const GhostLog::Batch& batch);

}  // namespace gregor::properties
