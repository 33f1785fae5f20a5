// Folds the metadata log of one node as its disk shows it, batch by batch, and holds its snapshots against the fold.
// Takes bytes, knows no disk and no world.
//
//   K4   a log that begins beyond 0 has a durable snapshot that ends there or later; each snapshot ends where a batch
//        does, and holds what the log held up to there, no more and no less
#pragma once

#include <map>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/unique_function.h"
#include "metadata/replay.h"
#include "properties/violation.h"
#include "quorum/snapshot_file.h"
#include "record/batch_view.h"

namespace gregor::properties {

class MetadataFold {
 public:
  MetadataFold(Verdict& verdict, UniqueFunction<MonotonicTime()> now) : verdict_(verdict), now_(std::move(now)) {}

  /// A batch that is durable and was claimed to be. Those that were seen before are passed over.
  void saw_batch(const record::BatchView& batch);
  /// A durable snapshot; each is judged once.
  void saw_snapshot(const quorum::SnapshotId& id, Bytes content);
  /// The log begins here from now on, and the newest durable snapshot is this one.
  void saw_log_start(Offset start, const std::optional<quorum::SnapshotId>& newest);
  /// Durable bytes were lost or changed: nothing more is said.
  void forget() { is_sure_ = false; }
  [[nodiscard]] std::size_t snapshots_judged() const { return judged_.size(); }

 private:
  void violated(const std::string& text) { verdict_.violated("K4", text, now_()); }

  Verdict& verdict_;
  UniqueFunction<MonotonicTime()> now_;
  metadata::Replay replay_;
  std::map<Offset, Uuid> hashes_;  ///< of the image, by the end of the batch that it ends with
  std::set<quorum::SnapshotId> judged_;
  bool is_sure_ = true;
};

}  // namespace gregor::properties
