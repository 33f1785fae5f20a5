// Folds the metadata log of one node as its disk shows it, batch by batch, and holds its snapshots against the fold.
// Takes bytes, knows no disk and no world. The fold itself is the broker's own (metadata/replay.h): what that applies
// wrongly is seen by nobody here.
//
//   K4   a log that begins beyond 0 has a durable snapshot that ends there or later; each snapshot ends where a batch
//        does, and holds what the log held up to there, no more and no less
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/unique_function.h"
#include "metadata/replay.h"
#include "properties/violation.h"
#include "quorum/snapshot_file.h"
#include "record/batch_view.h"

namespace gregor::properties {

/// What the metadata log holds up to the end of each batch, by that end and the batch's epoch, which name one history
/// of all there are. Shared by the folds of a cluster's nodes: who was away takes over a snapshot of what it never saw.
using MetadataTruth = std::map<std::pair<Offset, LeaderEpoch>, metadata::Replay>;

class MetadataFold {
 public:
  MetadataFold(Verdict& verdict, UniqueFunction<MonotonicTime()> now, std::shared_ptr<MetadataTruth> truth)
      : verdict_(verdict), now_(std::move(now)), truth_(std::move(truth)) {}

  /// A batch that is durable and was claimed to be. Those that were seen before are passed over.
  void saw_batch(const record::BatchView& batch);
  /// A durable snapshot; each is judged once.
  void saw_snapshot(const quorum::SnapshotId& id, Bytes content);
  /// The log begins here from now on, and the newest durable snapshot is this one.
  void saw_log_start(Offset start, const std::optional<quorum::SnapshotId>& newest);
  /// The log ends here at most: what only a former leader had written is gone, or an interrupted beginning anew, and
  /// then what stood before it is there again.
  void saw_cut(Offset end);
  /// What the log held is on its way out; it begins behind a snapshot.
  void saw_beginning_anew();
  /// The disk is another one, and empty.
  void saw_empty_disk();
  /// Durable bytes were lost or changed: nothing more is said.
  void forget() { is_sure_ = false; }
  [[nodiscard]] std::size_t snapshots_judged() const { return judged_.size(); }

 private:
  using End = MetadataTruth::key_type;
  void violated(const std::string& text) { verdict_.violated("K4", text, now_()); }
  [[nodiscard]] Offset end() const { return path_.empty() ? Offset{0} : path_.back().first; }

  Verdict& verdict_;
  UniqueFunction<MonotonicTime()> now_;
  std::shared_ptr<MetadataTruth> truth_;
  std::vector<End> path_;    ///< the ends of this log's batches, the first one of a snapshot where it begins behind one
  std::vector<End> former_;  ///< before it began anew, as long as nothing came behind that
  std::set<quorum::SnapshotId> judged_;
  bool is_sure_ = true;
};

}  // namespace gregor::properties
