// The clocks and timers of one node, as its shards see them.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "base/unique_function.h"
#include "env/fiber.h"

namespace gregor::env {

using TimerId = std::uint64_t;  ///< 0 is never given out

class Clock {
 public:
  virtual ~Clock() = default;
  /// Never falls. Costs little: the real world reads it once a loop round.
  [[nodiscard]] virtual MonotonicTime now() const = 0;
  /// May jump either way.
  [[nodiscard]] virtual WallTime wall_now() const = 0;
  /// Calls `due` on the shard's loop (not on a fiber; it must not block) at or after `when`.
  virtual TimerId arm(MonotonicTime when, UniqueFunction<void()> due) = 0;
  /// False when it was due already or never armed.
  virtual bool disarm(TimerId timer) = 0;
};

/// Suspends for at least `wait`. Throws Cancelled.
void sleep_for(Fiber& self, Clock& clock, Nanoseconds wait);

}  // namespace gregor::env
