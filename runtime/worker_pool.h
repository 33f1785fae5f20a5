// A few threads for calls that may block: flushes, cold reads, name look-ups. Nothing of core runs there.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_function.h"
#include "env/fiber.h"
#include "env/wait.h"
#include "runtime/loop.h"

namespace gregor::runtime {

/// Threads start when work comes and none is idle, up to `threads_max`. ShardJobs bounds flushes and reads;
/// look-ups of names wait without a bound of their own.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads_max);
  /// Finishes what was submitted.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// From any thread.
  void submit(UniqueFunction<void()> job);

 private:
  void work();
  const std::size_t threads_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<UniqueFunction<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

/// One shard's way to the pool.
class ShardJobs {
 public:
  ShardJobs(Loop& loop, WorkerPool& pool) : loop_(loop), pool_(pool) {}
  /// Runs `job` on a worker and suspends until it is done; it may borrow from the fiber's stack. A cancel ends only the
  /// wait for a turn: either the job ran to its end when this returns, or Cancelled is thrown and it never begins.
  void run(env::Fiber& self, UniqueFunction<void()> job);
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

 private:
  static constexpr std::size_t kInFlightMax = 64;
  Loop& loop_;
  WorkerPool& pool_;
  std::size_t in_flight_ = 0;
  env::WaitQueue turn_;
};

}  // namespace gregor::runtime
