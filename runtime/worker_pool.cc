#include "runtime/worker_pool.h"

#include <algorithm>
#include <utility>

namespace gregor::runtime {

WorkerPool::WorkerPool(std::size_t threads_max) : threads_max_(std::max<std::size_t>(1, threads_max)) {}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard guard(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::submit(UniqueFunction<void()> job) {
  {
    const std::lock_guard guard(mutex_);
    queue_.push_back(std::move(job));
    if (queue_.size() > idle_ && threads_.size() < threads_max_) threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    UniqueFunction<void()> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    job = UniqueFunction<void()>();
    lock.lock();
  }
}

void ShardJobs::run(env::Fiber& self, UniqueFunction<void()> job) {
  while (in_flight_ >= kInFlightMax) turn_.wait(self);
  ++in_flight_;
  bool done = false;
  pool_.submit([this, &self, &done, job = std::move(job)]() mutable {
    job();
    loop_.post([this, &self, &done] {
      done = true;
      --in_flight_;
      turn_.wake_one();
      self.wake();
    });
  });
  while (!done) self.park_uncancellable();
}

}  // namespace gregor::runtime
