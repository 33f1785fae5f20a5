// Wakefulness: a broker whose process stood still for longer than its session (SIGSTOP, a frozen machine, a long stall)
// does not answer clients by what it knew when it fell asleep. One for each shard.
//
// Promises:
//   W1  a request that is taken up more than a session after the shard's loop last turned waits, whatever the loop
//       finds first when it turns again: the clock is asked when the request is about to be answered, not when it
//       came (INVARIANTS 53a);
//   W2  it waits until the shard's image includes all that the active controller had committed when it was asked, after
//       the sleep: who leads now is known then;
//   W3  it waits no longer than a session: a broker that reaches no controller goes on by what it knows, as one that
//       was cut off from it does all the time, and as Kafka's do.
// A node that is alone has nobody to hear from, and never waits. What was taken up before the sleep is answered after
// it: epochs and ISRs judge it.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "env/fiber.h"
#include "env/wait.h"

namespace gregor::broker {

class BrokerShard;

class Wakefulness {
 public:
  explicit Wakefulness(BrokerShard& shard) : shard_(shard) {}
  Wakefulness(const Wakefulness&) = delete;
  Wakefulness& operator=(const Wakefulness&) = delete;

  /// Watches from now on, on a fiber in the shard's background. Once.
  void begin();
  /// Returns at once, but after a sleep: then it suspends as W1 to W3 say, or until the shard stops. Throws Cancelled.
  void await(env::Fiber& self);

 private:
  /// The loop turns. Notices a sleep.
  void turn();
  void watch(env::Fiber& self);
  void catch_up(env::Fiber& self);
  /// True when the image here includes what the active controller has committed by now; false when that could not be
  /// learned at once.
  bool hear(env::Fiber& self);

  BrokerShard& shard_;
  Milliseconds session_{0};  ///< 0: not begun
  MonotonicTime last_turn_;
  MonotonicTime goes_on_at_;  ///< after the newest sleep: heard or not
  std::uint64_t sleeps_ = 0;
  bool catching_up_ = false;
  env::WaitQueue caught_up_;
};

}  // namespace gregor::broker
