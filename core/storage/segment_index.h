// The two sparse indexes of a segment: offset to position (NNN.index, 8 bytes an entry) and timestamp to offset
// (NNN.timeindex, 12 bytes). Pure values; both are hints that a scan of the segment yields again.
//
// Invariants: offset entries rise strictly in offset and position, and each names the last offset of the batch at its
// position; time entries rise strictly in timestamp, and not at all fall in offset.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace gregor::storage {

inline constexpr std::size_t kOffsetEntryBytes = 8;
inline constexpr std::size_t kTimeEntryBytes = 12;

struct OffsetEntry {
  Offset offset;
  FilePosition position;
  bool operator==(const OffsetEntry&) const = default;
};

struct TimeEntry {
  std::int64_t timestamp_ms = -1;
  Offset offset;
  bool operator==(const TimeEntry&) const = default;
};

/// What the index rules need of a batch.
struct IndexedBatch {
  Offset last_offset;
  std::int64_t max_timestamp_ms = -1;
  FilePosition position;
  std::uint64_t size_bytes = 0;
};

/// Kafka's rule for when a batch gets entries: when more than index.interval.bytes stand since the last entry. Only
/// counters, so that an append can be planned on a copy.
struct IndexCursor {
  std::int64_t bytes_since_entry = 0;
  std::int64_t offset_entries = 0;
  std::int64_t time_entries = 0;
  std::int64_t last_time_entry_ms = -1;
  std::int64_t max_timestamp_ms = -1;
  Offset max_timestamp_offset = kNoOffset;

  struct Step {
    bool adds_offset_entry = false;
    bool adds_time_entry = false;
  };
  Step take(const IndexedBatch& batch, std::int64_t interval_bytes);
};

class SegmentIndex {
 public:
  explicit SegmentIndex(Offset base_offset) : base_offset_(base_offset) {}

  /// Requires batches in order.
  void add(const IndexedBatch& batch, std::int64_t interval_bytes);
  /// Kafka's last time entry, when a segment is sealed or closed: the greatest timestamp, where it has none yet.
  void seal();
  /// Drops the entries at or above `to`; what the cursor knows of timestamps becomes the last time entry. The caller
  /// adds the batches from last_offset_entry() on again with rescan().
  void truncate_to(Offset to);
  /// After truncate_to() or decode(): takes a batch behind the last offset entry for its timestamp alone. Its bytes do
  /// not count towards the next entry: Kafka counts from 0 in a segment that was opened or cut.
  void rescan(const IndexedBatch& batch);
  /// The same for a segment that was indexed anew and will grow.
  void restart_interval() { cursor_.bytes_since_entry = 0; }

  /// The greatest entry at or below `offset`; none: the segment's first byte.
  [[nodiscard]] std::optional<OffsetEntry> find(Offset offset) const;
  /// The greatest entry at or before the time; none: the segment's first record.
  [[nodiscard]] std::optional<TimeEntry> find_time(std::int64_t timestamp_ms) const;
  [[nodiscard]] std::optional<OffsetEntry> last_offset_entry() const;
  [[nodiscard]] const std::vector<OffsetEntry>& offset_entries() const { return offsets_; }
  [[nodiscard]] const std::vector<TimeEntry>& time_entries() const { return times_; }
  [[nodiscard]] const IndexCursor& cursor() const { return cursor_; }
  [[nodiscard]] Offset base_offset() const { return base_offset_; }

  [[nodiscard]] ByteBuffer encode_offsets() const;
  [[nodiscard]] ByteBuffer encode_times() const;
  /// From the two files of a segment whose batches lie in [base_offset, end_offset) and [0, log_bytes). Errors:
  /// corrupt, when an entry breaks an invariant or points beyond: then all is to be rebuilt.
  static Result<SegmentIndex> decode(Offset base_offset, Offset end_offset, std::uint64_t log_bytes, Bytes offsets,
                                     Bytes times);

 private:
  Offset base_offset_;
  IndexCursor cursor_;
  std::vector<OffsetEntry> offsets_;
  std::vector<TimeEntry> times_;
};

/// The entries as they stand, unchecked, up to the zeros of a file preallocated by Kafka: for dumps. Requires nothing.
std::vector<OffsetEntry> raw_offset_entries(Offset base_offset, Bytes content);
std::vector<TimeEntry> raw_time_entries(Offset base_offset, Bytes content);

}  // namespace gregor::storage
