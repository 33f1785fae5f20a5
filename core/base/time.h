// Two clocks that must not be mixed: the monotonic one that measures waits, and the wall clock that stamps records.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace gregor {

using Nanoseconds = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;

/// A node's monotonic clock. It has no relation to another node's, nor to that of the node's former life.
struct MonotonicClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Nanoseconds;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using MonotonicTime = MonotonicClock::time_point;
inline constexpr MonotonicTime kForever = MonotonicTime::max();

/// Milliseconds since 1970 UTC, as in records. May jump either way.
struct WallTime {
  std::int64_t ms = 0;
  auto operator<=>(const WallTime&) const = default;
};

}  // namespace gregor
