#include "sim/clock_port.h"

namespace gregor::sim {
namespace {

constexpr std::int64_t kLifeOffsetMaxNs = std::int64_t{86'400} * 1'000'000'000;

Nanoseconds draw_offset(const Engine& engine, const Lane& lane) {
  RandomStream stream = engine.stream({"monotonic-origin", lane.node, lane.incarnation, 0});
  return Nanoseconds(stream.between(1, kLifeOffsetMaxNs));
}

}  // namespace

ClockPort::ClockPort(Engine& engine, Lane& lane, const NodeClock& clock)
    : engine_(engine), lane_(lane), clock_(clock), life_offset_(draw_offset(engine, lane)) {}

MonotonicTime ClockPort::now() const {
  return clock_.monotonic(engine_.now()) + life_offset_;
}
WallTime ClockPort::wall_now() const {
  return clock_.wall(engine_.now());
}

ClockPort::Timer* ClockPort::find(env::TimerId id) {
  const auto slot = static_cast<std::uint32_t>(id);
  if (slot >= timers_.size()) return nullptr;
  Timer& timer = timers_[slot];
  return timer.armed && timer.generation == id >> 32 ? &timer : nullptr;
}

env::TimerId ClockPort::arm(MonotonicTime when, UniqueFunction<void()> due) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(timers_.size());
    timers_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Timer& timer = timers_[slot];
  timer.due = std::move(due);
  timer.when = when;
  timer.armed = true;
  const env::TimerId id = (static_cast<env::TimerId>(timer.generation) << 32) | slot;
  if (!lane_.dead) schedule(id, timer);
  return id;
}

void ClockPort::schedule(env::TimerId id, Timer& timer) {
  const SimTime when = timer.when == kForever ? kNever : clock_.world_time_of(timer.when - life_offset_);
  timer.event = when == kNever ? 0 : engine_.at(when, [this, id] { expire(id); });
}

void ClockPort::expire(env::TimerId id) {
  Timer* timer = find(id);
  if (timer == nullptr || lane_.dead) return;
  if (now() < timer->when) {
    schedule(id, *timer);  // the clock has slowed down since
    return;
  }
  engine_.record(lane_.node, lane_.shard, EventKind::timer_expired, id);
  engine_.post(lane_, EventKind::timer_due, id, [this, id] { call(id); });
}

UniqueFunction<void()> ClockPort::take(env::TimerId id, Timer& timer) {
  UniqueFunction<void()> due = std::move(timer.due);
  timer.due = UniqueFunction<void()>();
  timer.armed = false;
  ++timer.generation;
  free_.push_back(static_cast<std::uint32_t>(id));
  return due;
}

void ClockPort::call(env::TimerId id) {
  Timer* timer = find(id);
  if (timer == nullptr) return;  // disarmed while it waited for its turn
  UniqueFunction<void()> due = take(id, *timer);
  due();
}

bool ClockPort::disarm(env::TimerId id) {
  Timer* timer = find(id);
  if (timer == nullptr) return false;
  if (timer->event != 0) engine_.cancel(timer->event);
  const UniqueFunction<void()> dropped = take(id, *timer);
  return true;
}

void ClockPort::drop_all() {
  for (std::size_t slot = 0; slot < timers_.size(); ++slot) {
    if (timers_[slot].armed) disarm((static_cast<env::TimerId>(timers_[slot].generation) << 32) | slot);
  }
}

}  // namespace gregor::sim
