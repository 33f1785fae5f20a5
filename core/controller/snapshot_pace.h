// SnapshotPace: when a node takes a snapshot of its image (KIP-630): after so many bytes of records, or so long after
// the last one, if there was a record since. A snapshot that failed is tried again, but not at once. Pure.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace gregor::controller {

class SnapshotPace {
 public:
  struct Limits {
    std::int64_t record_bytes_max = 20'971'520;  ///< metadata.log.max.record.bytes.between.snapshots
    std::int64_t interval_ms_max = 3'600'000;    ///< metadata.log.max.snapshot.interval.ms; 0: time alone is no reason
  };
  /// Between a failure and the next try.
  static constexpr Nanoseconds kRetryAfter = std::chrono::seconds(1);

  /// The first interval begins now.
  SnapshotPace(const Limits& limits, MonotonicTime now) : limits_(limits), last_(now) {}

  /// Records of so many bytes were committed, or read at the start.
  void committed(std::size_t record_bytes) { pending_bytes_ += static_cast<std::int64_t>(record_bytes); }
  /// A snapshot was loaded: it holds everything up to now.
  void loaded(MonotonicTime now);
  [[nodiscard]] bool is_due(MonotonicTime now) const;
  /// When time alone makes it due; kForever where only records can.
  [[nodiscard]] MonotonicTime next_look() const;

  /// One is being taken, of all that was committed so far.
  void begin();
  void succeeded(MonotonicTime now);
  void failed(MonotonicTime now);

 private:
  Limits limits_;
  std::int64_t pending_bytes_ = 0;    ///< behind the last snapshot, or the one that is being taken
  std::int64_t in_flight_bytes_ = 0;  ///< of the one that is being taken
  MonotonicTime last_;
  MonotonicTime not_before_ = MonotonicTime::min();
};

}  // namespace gregor::controller
