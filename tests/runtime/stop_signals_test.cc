#include "runtime/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

#include "env/clock.h"
#include "env/wait.h"
#include "runtime/line_log.h"
#include "runtime/machine.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

TEST(StopSignals, ASignalCallsTheStopCallbackOnEachShard) {
  RememberingLog log;
  Machine machine({.shard_count = 2}, log);
  std::array<env::WaitQueue, 2> stops;
  std::array<std::atomic<int>, 2> calls{};
  machine.run(
      [&](env::Fiber& self, env::Shard& shard) {
        const std::uint32_t me = shard.mailbox.self().value();
        if (me == 0) ::kill(::getpid(), SIGTERM);
        while (calls[me] == 0) stops[me].wait(self);
      },
      [&](ShardId shard) {
        ++calls[shard.value()];
        stops[shard.value()].wake_all();
      });
  EXPECT_EQ(calls[0], 1);
  EXPECT_EQ(calls[1], 1);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0) << "the caller's mask is as before";
}

TEST(StopSignalsDeathTest, ASecondSignalEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        LineLog log(2);
        Machine machine(MachineOptions{}, log);
        machine.run(
            [](env::Fiber& self, env::Shard& shard) {
              ::kill(::getpid(), SIGINT);
              env::sleep_for(self, shard.clock, Milliseconds(5));
              ::kill(::getpid(), SIGINT);
              for (;;) self.park();
            },
            [](ShardId) {});
      },
      ::testing::ExitedWithCode(128 + SIGINT), "");
}

}  // namespace
}  // namespace gregor::runtime
