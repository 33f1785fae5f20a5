// EpochList: which epoch wrote which part of the log, and where the log begins and ends. All that an election, a fetch
// and a truncation need to know of it (KIP-101, KIP-595).
//
// Invariants:
//   E1  epochs and their start offsets rise strictly;
//   E2  every start offset lies in [start().offset, end());
//   E3  an empty list stands for a log whose last epoch is that of its start.
#pragma once

#include <compare>
#include <vector>

#include "base/ids.h"

namespace gregor::raft {

/// A place in the log and the epoch of the record before it: a log's end, a snapshot's id, an answer to "where does
/// that epoch end".
struct OffsetAndEpoch {
  Offset offset{0};
  LeaderEpoch epoch{0};
  bool operator==(const OffsetAndEpoch&) const = default;
};

/// Raft's "at least as up to date": by epoch, then by offset (Raft §5.4.1).
constexpr bool is_up_to_date(const OffsetAndEpoch& candidate, const OffsetAndEpoch& own) {
  if (candidate.epoch != own.epoch) return candidate.epoch > own.epoch;
  return candidate.offset >= own.offset;
}

class EpochList {
 public:
  struct Entry {
    LeaderEpoch epoch;
    Offset start_offset;
    bool operator==(const Entry&) const = default;
  };

  /// An empty log that begins at `start`, where a snapshot ends (0, 0 where there is none).
  explicit EpochList(OffsetAndEpoch start = {}) : start_(start), end_(start.offset) {}

  /// Records of `epoch` now fill the log up to `end`. Requires that neither falls.
  void append(LeaderEpoch epoch, Offset end);
  /// Requires `end` within the log.
  void truncate(Offset end);
  /// The log begins at `start` from now on. Requires that it does not fall; beyond the end it empties the log.
  void trim(OffsetAndEpoch start);

  [[nodiscard]] const OffsetAndEpoch& start() const { return start_; }
  [[nodiscard]] Offset end() const { return end_; }
  [[nodiscard]] LeaderEpoch last_epoch() const { return entries_.empty() ? start_.epoch : entries_.back().epoch; }
  [[nodiscard]] OffsetAndEpoch end_and_epoch() const { return {end_, last_epoch()}; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

  /// Where the greatest epoch at or below `asked` ends. Below all that is known: the start of the log.
  [[nodiscard]] OffsetAndEpoch end_of(LeaderEpoch asked) const;
  /// Epoch of the record before `offset`. Requires start().offset <= offset <= end().
  [[nodiscard]] LeaderEpoch epoch_before(Offset offset) const;

 private:
  OffsetAndEpoch start_;
  Offset end_;
  std::vector<Entry> entries_;
};

}  // namespace gregor::raft
