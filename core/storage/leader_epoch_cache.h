// LeaderEpochCache: which leader epoch began at which offset (KIP-101). Pure; the file is leader-epoch-checkpoint.
//
// Invariant: epochs and start offsets both rise strictly; an epoch that begins where another began replaces it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/epoch_history.h"
#include "base/ids.h"
#include "base/result.h"

namespace gregor::storage {

using gregor::EpochEnd;
using gregor::EpochEntry;

class LeaderEpochCache {
 public:
  LeaderEpochCache() = default;

  /// Notes that `epoch` began at `start`. Entries that this contradicts (a greater epoch, or an equal or greater start)
  /// are dropped, as in Kafka. False when nothing changed.
  bool assign(LeaderEpoch epoch, Offset start);
  /// Drops what began at or beyond `end`. False when nothing changed.
  bool truncate_from_end(Offset end);
  /// Drops what ended at or before `start`; the epoch in force at `start` is kept and moved up to it. False when
  /// nothing changed.
  bool truncate_from_start(Offset start);
  void clear() { entries_.clear(); }

  [[nodiscard]] const std::vector<EpochEntry>& entries() const { return entries_; }
  [[nodiscard]] std::optional<EpochEntry> latest() const;
  [[nodiscard]] std::optional<EpochEntry> earliest() const;
  /// Of the record at `offset`; none below the first entry.
  [[nodiscard]] std::optional<LeaderEpoch> epoch_at(Offset offset) const;
  /// End of `asked`, or of the greatest epoch below it that has records here: what Kafka answers. `log_end` closes the
  /// latest epoch.
  [[nodiscard]] EpochEnd end_of(LeaderEpoch asked, Offset log_end) const;

 private:
  std::vector<EpochEntry> entries_;
};

/// The text of leader-epoch-checkpoint.
ByteBuffer format_leader_epochs(const LeaderEpochCache& cache);
/// Errors: malformed.
Result<LeaderEpochCache> parse_leader_epochs(Bytes content);

}  // namespace gregor::storage
