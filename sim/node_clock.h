// One node's clocks, derived from the world's: a monotonic one that may run fast or slow, and a wall clock that may
// also be wrong and jump. Integer arithmetic alone. Survives restarts of the node, as a machine's clock does.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "sim/time.h"

namespace gregor::sim {

/// 2026-01-01T00:00:00Z: what an honest wall clock shows when a world begins.
inline constexpr std::int64_t kWorldBeginsMs = 1'767'225'600'000;

class NodeClock {
 public:
  [[nodiscard]] MonotonicTime monotonic(SimTime now) const;
  [[nodiscard]] WallTime wall(SimTime now) const;
  /// The earliest world time at which monotonic() shows `when` or more; kNever when it lies beyond the world's time.
  [[nodiscard]] SimTime world_time_of(MonotonicTime when) const;

  /// From `now` on both clocks gain this many nanoseconds each millisecond (negative: they lose). Requires |drift| <=
  /// 500,000.
  void set_drift(SimTime now, std::int64_t nanoseconds_per_millisecond);
  /// Moves the wall clock, either way.
  void jump_wall(Milliseconds by) { wall_offset_ms_ += by.count(); }

 private:
  SimTime anchor_{};
  std::int64_t shown_at_anchor_ns_ = 0;
  std::int64_t drift_ = 0;  ///< ns per ms
  std::int64_t wall_offset_ms_ = 0;
};

}  // namespace gregor::sim
