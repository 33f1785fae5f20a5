// From a scenario that violates a property to the simplest one found that still does: the fewest faults first, by delta
// debugging, then fewer clients, topics, nodes and settings, smaller amounts and rounder times. Each step is kept only
// where the scenario that came of it is judged to violate the same property; nothing here knows how that is judged.
//
// The same scenario, judge and limit give the same result. What comes out is 1-minimal in its faults (none of them can
// be left out) unless the limit ended it before.
#pragma once

#include <cstdint>

#include "base/unique_function.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {

/// How many scenarios may be judged where nobody says how many.
inline constexpr std::uint32_t kShrinkRunsDefault = 1000;
inline constexpr std::uint32_t kShrinkRunsMax = 1'000'000;

/// Whether a scenario still violates the property. Asked at most as often as the limit allows.
using StillViolates = UniqueFunction<bool(const Scenario&)>;

struct ShrinkProgress {
  std::uint32_t runs = 0;
  const Scenario& simplest;  ///< so far
};

struct ShrinkOptions {
  std::uint32_t runs_max = kShrinkRunsDefault;
  UniqueFunction<void(const ShrinkProgress&)> after_run = [](const ShrinkProgress&) {};
};

struct Shrunk {
  Scenario scenario;
  std::uint32_t runs = 0;   ///< scenarios judged
  std::uint32_t steps = 0;  ///< of them kept
  bool is_done = false;     ///< nothing more can be taken away one by one; false: the limit ended it
};

/// Requires that `from` violates the property: that is not judged again.
Shrunk shrink(const Scenario& from, StillViolates still_violates, ShrinkOptions options = {});

}  // namespace gregor::scenarios
