// VoterHistory: who votes, by the offset of the record that said so (KIP-853). The newest set is in force from the
// moment that its record is appended, committed or not; a truncated record takes its set with it.
//
// Invariant: offsets rise strictly; the first entry, of the configuration or of a snapshot, is never truncated.
#pragma once

#include <vector>

#include "raft/voters.h"

namespace gregor::raft {

class VoterHistory {
 public:
  VoterHistory() : VoterHistory(VoterSet{}) {}
  /// `voters` of the configuration, of the initial snapshot or of none.
  VoterHistory(VoterSet voters);

  /// The set in force.
  [[nodiscard]] const VoterSet& latest() const { return entries_.back().voters; }
  /// Of the record that set it; kNoOffset where no record of the log did.
  [[nodiscard]] Offset latest_offset() const { return entries_.back().offset; }

  /// The set that the records below `end` say. Requires that nothing at or beyond `end` was trimmed away.
  [[nodiscard]] const VoterSet& before(Offset end) const;

  /// Requires an offset beyond the latest.
  void append(Offset offset, VoterSet voters);
  /// Takes back what stood at or beyond `end`.
  void truncate(Offset end);
  /// Forgets the sets that a later one replaced before `start`; nothing below it will be truncated.
  void trim(Offset start);
  /// A snapshot that ends at `end` replaced the log: `voters` as it says, where it says it.
  void reset(Offset end, VoterSet voters);

 private:
  struct Entry {
    Offset offset;
    VoterSet voters;
  };
  std::vector<Entry> entries_;
};

}  // namespace gregor::raft
