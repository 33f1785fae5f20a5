#include "env/clock.h"

namespace gregor::env {

void sleep_for(Fiber& self, Clock& clock, Nanoseconds wait) {
  if (wait <= Nanoseconds::zero()) {
    self.yield();
    return;
  }
  struct Alarm {
    Clock& clock;
    TimerId timer = 0;
    bool due = false;
    ~Alarm() {
      if (!due) clock.disarm(timer);
    }
  } alarm{.clock = clock};
  const MonotonicTime now = clock.now();
  const MonotonicTime when = wait < kForever - now ? now + wait : kForever;
  alarm.timer = clock.arm(when, [&alarm, &self] {
    alarm.due = true;
    self.wake();
  });
  while (!alarm.due) self.park();
}

}  // namespace gregor::env
