#include "runtime/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "runtime/blocking_call.h"

namespace gregor::runtime {
namespace {

TEST(WorkerPool, FinishesWhatWasSubmittedBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool(3);
    for (int i = 0; i < 1000; ++i) pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

// Each of three jobs waits until all three run: with fewer threads, or with a thread too few started, this would hang.
TEST(WorkerPool, RunsAsManyJobsAtOnceAsItHasThreads) {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  {
    WorkerPool pool(3);
    for (int i = 0; i < 3; ++i) {
      pool.submit([&] {
        std::unique_lock lock(mutex);
        ++running;
        changed.notify_all();
        changed.wait(lock, [&] { return running == 3; });
      });
    }
  }
  EXPECT_EQ(running, 3);
}

TEST(ShardJobs, TheFiberGoesOnAfterItsJobAndTheLoopIsNotHeldUp) {
  WorkerPool pool(1);
  Loop loop;
  ShardJobs jobs(loop, pool);
  std::atomic<bool> released = false;
  int rounds_meanwhile = 0;
  bool went_on = false;
  loop.fibers().spawn("asks", [&](env::Fiber& self) {
    jobs.run(self, [&] {
      while (!released) std::this_thread::yield();
    });
    EXPECT_TRUE(released);
    went_on = true;
  });
  loop.fibers().spawn("works on", [&](env::Fiber& self) {
    for (; rounds_meanwhile < 10; ++rounds_meanwhile) self.yield();
    EXPECT_FALSE(went_on);
    released = true;
  });
  while (loop.fibers().live_count() > 0) loop.round();
  EXPECT_TRUE(went_on);
  EXPECT_EQ(jobs.in_flight(), 0U);
}

TEST(ShardJobs, ACancelInTheWaitForATurnMeansTheJobNeverBegins) {
  WorkerPool pool(1);
  Loop loop;
  ShardJobs jobs(loop, pool);
  std::atomic<bool> released = false;
  std::atomic<int> began = 0;
  constexpr int kFibers = 70;  // a few more than may be in flight
  std::vector<env::Fiber*> fibers;
  for (int i = 0; i < kFibers; ++i) {
    fibers.push_back(&loop.fibers().spawn("asks", [&](env::Fiber& self) {
      jobs.run(self, [&] {
        ++began;
        while (!released) std::this_thread::yield();
      });
    }));
  }
  loop.post([] {});
  loop.round();
  const auto in_flight = static_cast<int>(jobs.in_flight());
  EXPECT_LT(in_flight, kFibers);
  for (env::Fiber* fiber : fibers) fiber->cancel();
  loop.post([] {});
  loop.round();  // before a job ends, or its turn would go to a fiber that was cancelled and has not run since
  EXPECT_EQ(loop.fibers().live_count(), static_cast<std::size_t>(in_flight));
  released = true;
  while (loop.fibers().live_count() > 0) loop.round();
  EXPECT_EQ(began, in_flight);
}

TEST(BlockingCall, BeginsAnewAfterASignalAndKeepsTheErrorOfTheWorkersThread) {
  WorkerPool pool(1);
  Loop loop;
  ShardJobs jobs(loop, pool);
  loop.fibers().spawn("asks", [&](env::Fiber& self) {
    int calls = 0;
    const CallOutcome outcome = call_on_worker(self, jobs, [&calls]() -> int {
      errno = ++calls < 3 ? EINTR : ENOSPC;
      return -1;
    });
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(outcome.os_error, ENOSPC);
    EXPECT_EQ(succeed_on_worker(self, jobs, "test",
                                [] {
                                  errno = ENOSPC;
                                  return -1;
                                })
                  .error()
                  .code,
              Errc::no_space);
    EXPECT_TRUE(succeed_on_worker(self, jobs, "test", [] { return 0; }).has_value());
  });
  while (loop.fibers().live_count() > 0) loop.round();
}

}  // namespace
}  // namespace gregor::runtime
