// A world small enough to reason about: ready fibers run first come first served, time moves only when nothing else
// can.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "base/check.h"
#include "env/clock.h"
#include "env/fiber.h"

namespace gregor::env {

class ManualWorld final : public ReadySink, public Clock {
 public:
  ManualWorld() : fibers(*this) {}

  void on_ready(Fiber& fiber) override { ready_.push_back(&fiber); }

  [[nodiscard]] MonotonicTime now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override { return {now_.time_since_epoch().count() / 1'000'000}; }
  TimerId arm(MonotonicTime when, UniqueFunction<void()> due) override {
    const TimerId id = ++timers_armed_;
    timers_.emplace(std::pair(when, id), std::move(due));
    return id;
  }
  bool disarm(TimerId timer) override {
    for (auto at = timers_.begin(); at != timers_.end(); ++at) {
      if (at->first.second != timer) continue;
      timers_.erase(at);
      return true;
    }
    return false;
  }
  [[nodiscard]] std::size_t timers_armed() const { return timers_.size(); }

  /// Runs what is ready, without moving time.
  void run_ready() {
    while (!ready_.empty()) {
      Fiber* fiber = ready_.front();
      ready_.pop_front();
      fibers.resume(*fiber);
    }
  }
  /// Runs until nothing is ready and no timer is armed.
  void run() {
    for (run_ready(); !timers_.empty(); run_ready()) {
      auto first = timers_.extract(timers_.begin());
      now_ = std::max(now_, first.key().first);
      first.mapped()();
    }
  }
  void cancel_all() {
    fibers.cancel_all();
    ready_.clear();
  }

 private:
  MonotonicTime now_{};
  std::deque<Fiber*> ready_;
  std::map<std::pair<MonotonicTime, TimerId>, UniqueFunction<void()>> timers_;
  TimerId timers_armed_ = 0;

 public:
  FiberScheduler fibers;  ///< last, so that it unwinds while the rest still lives
};

}  // namespace gregor::env
