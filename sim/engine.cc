#include "sim/engine.h"

#include "base/check.h"

namespace gregor::sim {

Engine::Engine(std::uint64_t seed, const SchedulerLaw& law)
    : seed_(seed),
      law_(law),
      ready_(law.policy, open_stream(seed, {.purpose = "scheduler"}), law.pct_changes, law.pct_steps),
      cost_stream_(open_stream(seed, {.purpose = "event-cost"})) {
  CHECK(law.cost_min.count() >= 0 && law.cost_min <= law.cost_max);
}

EventId Engine::at(SimTime when, UniqueFunction<void()> action) {
  return timed_.add(std::max(when, now_), std::move(action));
}

void Engine::ready(Lane& lane, env::Fiber& fiber) {
  if (lane.dead) return;
  ready_.add({.lane = &lane, .fiber = &fiber, .task = {}, .kind = EventKind::fiber_ran, .payload = fiber.id()});
}

void Engine::post(Lane& lane, EventKind kind, std::uint64_t payload, UniqueFunction<void()> task) {
  if (lane.dead) return;
  ready_.add({.lane = &lane, .fiber = nullptr, .task = std::move(task), .kind = kind, .payload = payload});
}

void Engine::freeze(Lane& lane) {
  ready_.freeze(lane);
}
void Engine::thaw(Lane& lane) {
  ready_.thaw(lane);
}

void Engine::kill(Lane& lane) {
  lane.dead = true;
  ready_.drop(lane);
}

void Engine::when_off_lane(UniqueFunction<void()> action) {
  deferred_.push_back(std::move(action));
  if (!on_lane_ && !running_deferred_) run_deferred();
}

bool Engine::step() {
  const SimTime next = timed_.next_time();
  if (next <= now_) {
    run_timed();
  } else if (!ready_.empty()) {
    run_ready();
  } else if (next != kNever) {
    now_ = next;
    run_timed();
  } else {
    return false;
  }
  if (!deferred_.empty()) run_deferred();
  return true;
}

void Engine::run_timed() {
  UniqueFunction<void()> action = timed_.take_next();
  action();
}

void Engine::run_ready() {
  Ready next = ready_.take();
  record(next.lane->node, next.lane->shard, next.kind, next.payload);
  on_lane_ = true;
  if (next.fiber != nullptr) {
    next.lane->fibers->resume(*next.fiber);
  } else {
    next.task();
    next.task = UniqueFunction<void()>();
  }
  on_lane_ = false;
  const auto spread = static_cast<std::uint64_t>((law_.cost_max - law_.cost_min).count());
  now_ += law_.cost_min + Nanoseconds(static_cast<std::int64_t>(spread == 0 ? 0 : cost_stream_.below(spread + 1)));
}

void Engine::run_deferred() {
  running_deferred_ = true;
  for (std::size_t i = 0; i < deferred_.size(); ++i) {
    UniqueFunction<void()> action = std::move(deferred_[i]);
    action();
  }
  deferred_.clear();
  running_deferred_ = false;
}

}  // namespace gregor::sim
