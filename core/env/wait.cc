#include "env/wait.h"

#include "base/check.h"

namespace gregor::env {

WaitQueue::~WaitQueue() {
  while (first_ != nullptr) {
    CHECK(first_->fiber.cancelled());
    leave(*first_);
  }
}

void WaitQueue::enter(Waiter& waiter) {
  waiter.queue = this;
  waiter.ahead = last_;
  (last_ != nullptr ? last_->behind : first_) = &waiter;
  last_ = &waiter;
  ++waiting_;
}

void WaitQueue::leave(Waiter& waiter) {
  if (waiter.queue == nullptr) return;
  WaitQueue& queue = *waiter.queue;
  (waiter.ahead != nullptr ? waiter.ahead->behind : queue.first_) = waiter.behind;
  (waiter.behind != nullptr ? waiter.behind->ahead : queue.last_) = waiter.ahead;
  waiter.queue = nullptr;
  --queue.waiting_;
}

void WaitQueue::park_until_woken_or_due(Waiter& waiter) {
  try {
    while (!waiter.woken && !waiter.due) waiter.fiber.park();
  } catch (const Cancelled&) {
    leave(waiter);
    // Whoever woke this fiber gave it something (a mutex, a turn): it takes that and ends at its next suspension.
    if (waiter.woken && !waiter.fiber.scheduler().is_cancelling_all()) return;
    throw;
  }
  leave(waiter);
}

void WaitQueue::wait(Fiber& self) {
  Waiter waiter{.fiber = self};
  enter(waiter);
  park_until_woken_or_due(waiter);
}

bool WaitQueue::wait_until(Fiber& self, Clock& clock, MonotonicTime deadline) {
  if (deadline == kForever) {
    wait(self);
    return true;
  }
  if (clock.now() >= deadline) return false;
  struct Alarm {
    Clock& clock;
    TimerId timer;
    ~Alarm() { clock.disarm(timer); }
  };
  Waiter waiter{.fiber = self};
  const Alarm alarm{clock, clock.arm(deadline, [&waiter] {
                      waiter.due = true;
                      waiter.fiber.wake();
                    })};
  enter(waiter);
  park_until_woken_or_due(waiter);
  return waiter.woken;
}

void WaitQueue::wake_one() {
  if (first_ == nullptr) return;
  Waiter& waiter = *first_;
  leave(waiter);
  waiter.woken = true;
  waiter.fiber.wake();
}

void WaitQueue::wake_all() {
  for (std::size_t count = waiting_; count > 0 && first_ != nullptr; --count) wake_one();
}

FiberMutex::Held FiberMutex::lock(Fiber& self) {
  if (locked_) {
    line_.wait(self);  // unlock() leaves it locked, for us
  } else {
    locked_ = true;
  }
  return Held(*this);
}

void FiberMutex::unlock() {
  CHECK(locked_);
  if (line_.waiting() > 0) {
    line_.wake_one();
  } else {
    locked_ = false;
  }
}

}  // namespace gregor::env
