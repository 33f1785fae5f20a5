// The engine of a world: virtual time, what is due when, what may run now, who runs next, and the trace of it all.
// One thread, one event at a time, in an order that the seed alone decides. Knows fibers and lanes (one a shard),
// nothing of nodes, networks or disks.
//
// Two kinds of event: *timed* ones, ordered by (time, sequence), belong to the machine under the nodes (a packet
// arrives, a disk is done); *ready* ones belong to a lane (a fiber may go on, a timer, an edge or mail wants its
// callback) and are picked by the policy.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/random.h"
#include "base/unique_function.h"
#include "env/fiber.h"
#include "sim/event_queue.h"
#include "sim/faults.h"
#include "sim/ready_pool.h"
#include "sim/streams.h"
#include "sim/time.h"
#include "sim/trace.h"

namespace gregor::sim {

struct SchedulerLaw {
  Policy policy = Policy::random;
  /// PCT: how often in a run the running lane or fiber falls to the lowest priority, within the first `pct_steps`
  /// steps.
  std::uint32_t pct_changes = 3;
  std::uint64_t pct_steps = 100'000;
  /// What one ready event costs in virtual time.
  Nanoseconds cost_min{50};
  Nanoseconds cost_max{2'000};
};

class Engine {
 public:
  Engine(std::uint64_t seed, const SchedulerLaw& law);

  [[nodiscard]] SimTime now() const { return now_; }
  /// When the next event would happen: now, if something is ready; kNever when nothing ever is.
  [[nodiscard]] SimTime next_time() { return ready_.empty() ? timed_.next_time() : now_; }
  /// Lets time pass without an event. Requires that nothing is due before.
  void advance_to(SimTime when) { now_ = std::max(now_, when); }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] RandomStream stream(const StreamName& name) const { return open_stream(seed_, name); }
  [[nodiscard]] Trace& trace() { return trace_; }
  [[nodiscard]] Faults& faults() { return faults_; }

  /// Puts a line into the trace: part of the current event, or an event of its own.
  void record(std::uint32_t node, std::uint32_t shard, EventKind kind, std::uint64_t payload) {
    trace_.record(now_, node, shard, kind, payload);
  }

  /// `action` runs at `when` (now, if that has passed) on no lane. It records what it did.
  EventId at(SimTime when, UniqueFunction<void()> action);
  EventId after(Nanoseconds wait, UniqueFunction<void()> action) { return at(now_ + wait, std::move(action)); }
  /// False when it ran already.
  bool cancel(EventId event) { return timed_.cancel(event); }

  /// The lane's fiber may go on.
  void ready(Lane& lane, env::Fiber& fiber);
  /// `task` will run on the lane's loop. Dropped when the lane is dead.
  void post(Lane& lane, EventKind kind, std::uint64_t payload, UniqueFunction<void()> task);

  /// What is ready waits until thaw().
  void freeze(Lane& lane);
  void thaw(Lane& lane);
  /// Nothing of this lane runs any more; what was ready is dropped.
  void kill(Lane& lane);

  /// True while code of a lane runs: its objects must not be destroyed now.
  [[nodiscard]] bool is_on_lane() const { return on_lane_; }
  /// Runs `action` once no lane's code is on the stack: now, or right after the current event.
  void when_off_lane(UniqueFunction<void()> action);

  /// One event. False when nothing is ready and nothing is due, ever.
  bool step();

 private:
  void run_timed();
  void run_ready();
  void run_deferred();

  std::uint64_t seed_;
  SchedulerLaw law_;
  SimTime now_{};
  EventQueue timed_;
  ReadyPool ready_;
  Trace trace_;
  Faults faults_;
  RandomStream cost_stream_;
  bool on_lane_ = false;
  bool running_deferred_ = false;
  std::vector<UniqueFunction<void()>> deferred_;
};

}  // namespace gregor::sim
