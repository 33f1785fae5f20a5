// The simulated world's own clock: nanoseconds since its beginning. No node can read it; each sees its own clocks
// (sim/node_clock.h).
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace gregor::sim {

struct WorldClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Nanoseconds;
  using time_point = std::chrono::time_point<WorldClock>;
  static constexpr bool is_steady = true;
};
using SimTime = WorldClock::time_point;
inline constexpr SimTime kNever = SimTime::max();

}  // namespace gregor::sim
