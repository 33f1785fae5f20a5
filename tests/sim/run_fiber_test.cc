#include "sim/run_fiber.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "env/clock.h"
#include "env/disk.h"

namespace gregor::sim {
namespace {

TEST(RunFiber, ReturnsWhatTheBodyReturns) {
  EXPECT_EQ(run_fiber([](env::Fiber&) { return std::string("done"); }), "done");
}

TEST(RunFiber, SleepingCostsNoRealTime) {
  const Nanoseconds slept = run_fiber([](env::Fiber& self, env::Shard& shard) {
    const MonotonicTime before = shard.clock.now();
    env::sleep_for(self, shard.clock, std::chrono::hours(1000));
    return shard.clock.now() - before;
  });
  EXPECT_GE(slept, std::chrono::hours(1000));
  EXPECT_LT(slept, std::chrono::hours(1001));
}

TEST(RunFiber, ADiskThatIsKeptHoldsItsFilesForTheNextRun) {
  const auto disk = std::make_shared<DiskImage>();
  run_fiber({.disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(env::replace_file(self, shard.disk, "kept", bytes_of("some words")));
  });
  const ByteBuffer found = run_fiber({.disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    return env::read_file(self, shard.disk, "kept", 100).value();
  });
  EXPECT_EQ(text_of(found), "some words");
}

TEST(RunFiber, AnExceptionOfATestLibrarySurfacesAtTheCall) {
  EXPECT_THROW(run_fiber([](env::Fiber&) { throw std::runtime_error("a failed property"); }), std::runtime_error);
}

TEST(RunFiber, FibersThatTheBodyLeftBehindAreUnwound) {
  int unwound = 0;
  run_fiber([&](env::Fiber& self, env::Shard& shard) {
    shard.fibers.spawn("left behind", [&](env::Fiber& child) {
      struct Count {
        int& unwound;
        ~Count() { ++unwound; }
      } count{unwound};
      while (true) child.park();
    });
    self.yield();
  });
  EXPECT_EQ(unwound, 1);
}

TEST(RunFiberDeathTest, ABodyThatCanNeverEndIsNamed) {
  EXPECT_DEATH(run_fiber([](env::Fiber& self) {
                 while (true) self.park();
               }),
               "node/0 fiber 1 root, parked");
}

}  // namespace
}  // namespace gregor::sim
