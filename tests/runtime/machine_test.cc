#include "runtime/machine.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "env/clock.h"
#include "env/wait.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

TEST(Machine, RunsTheBodyOnceOnEachShard) {
  std::array<std::atomic<int>, 3> runs{};
  on_machine(3, [&](env::Fiber&, env::Shard& shard) {
    EXPECT_EQ(shard.mailbox.shard_count(), 3U);
    ++runs[shard.mailbox.self().value()];
  });
  for (const auto& count : runs) EXPECT_EQ(count, 1);
}

TEST(Machine, AShardWhoseBodyReturnedStillServesItsMailbox) {
  std::atomic<int> answers = 0;
  on_machine(2, [&](env::Fiber& self, env::Shard& shard) {
    if (shard.mailbox.self() == ShardId(1)) return;
    for (int i = 0; i < 100; ++i) {
      bool answered = false;
      shard.mailbox.post(ShardId(1), [&] {
        shard.mailbox.post(ShardId(0), [&] {
          answered = true;
          ++answers;
          self.wake();
        });
      });
      while (!answered) self.park();
    }
  });
  EXPECT_EQ(answers, 100);
}

TEST(Machine, MailBetweenTwoShardsKeepsItsOrder) {
  constexpr int kMails = 1000;
  std::array<int, 2> next{};
  on_machine(2, [&](env::Fiber& self, env::Shard& shard) {
    const std::uint32_t me = shard.mailbox.self().value();
    const std::uint32_t other = 1 - me;
    for (int i = 0; i < kMails; ++i) {
      shard.mailbox.post(ShardId(other), [&next, other, i] {
        EXPECT_EQ(next[other], i);
        ++next[other];
      });
    }
    while (next[me] < kMails) self.yield();
  });
}

TEST(Machine, FibersLeftOverAreUnwoundWhenAllBodiesReturned) {
  std::atomic<int> unwound = 0;
  on_machine(2, [&](env::Fiber& self, env::Shard& shard) {
    shard.fibers.spawn("left over", [&](env::Fiber& fiber) {
      struct Counts {
        std::atomic<int>& count;
        ~Counts() { ++count; }
      } counts{unwound};
      for (;;) fiber.park();
    });
    self.yield();
  });
  EXPECT_EQ(unwound, 2);
}

TEST(Machine, AStopWithoutACallbackCancelsTheBodies) {
  RememberingLog log;
  Machine machine({.shard_count = 2}, log);
  std::thread stopper([&] { machine.request_stop(); });
  machine.run([](env::Fiber& self, env::Shard&) {
    for (;;) self.park();
  });
  stopper.join();
}

TEST(Machine, AStopBeforeTheRunIsNotForgotten) {
  RememberingLog log;
  Machine machine({.shard_count = 1}, log);
  machine.request_stop();
  bool ran_past_its_park = false;
  machine.run([&](env::Fiber& self, env::Shard&) {
    self.park();
    ran_past_its_park = true;
  });
  EXPECT_FALSE(ran_past_its_park) << "and run() came back";
}

}  // namespace
}  // namespace gregor::runtime
