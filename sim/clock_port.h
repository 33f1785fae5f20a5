// One shard's env::Clock: its node's clocks and the timers that the shard armed.
#pragma once

#include <cstdint>
#include <vector>

#include "env/clock.h"
#include "sim/engine.h"
#include "sim/node_clock.h"

namespace gregor::sim {

class ClockPort final : public env::Clock {
 public:
  ClockPort(Engine& engine, Lane& lane, const NodeClock& clock);
  [[nodiscard]] MonotonicTime now() const override;
  [[nodiscard]] WallTime wall_now() const override;
  env::TimerId arm(MonotonicTime when, UniqueFunction<void()> due) override;
  bool disarm(env::TimerId timer) override;

  /// The life is over: destroys what is armed.
  void drop_all();

 private:
  struct Timer {
    UniqueFunction<void()> due;
    MonotonicTime when{};
    EventId event = 0;
    std::uint32_t generation = 1;
    bool armed = false;
  };
  [[nodiscard]] Timer* find(env::TimerId id);
  void schedule(env::TimerId id, Timer& timer);
  void expire(env::TimerId id);
  void call(env::TimerId id);
  UniqueFunction<void()> take(env::TimerId id, Timer& timer);

  Engine& engine_;
  Lane& lane_;
  const NodeClock& clock_;
  Nanoseconds life_offset_;  ///< a new life's monotonic clock has no relation to that of the former
  std::vector<Timer> timers_;
  std::vector<std::uint32_t> free_;
};

}  // namespace gregor::sim
