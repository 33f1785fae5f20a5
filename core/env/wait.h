// What fibers of one shard wait on. All of it is single-threaded: across shards there is only the mailbox.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "base/time.h"
#include "env/clock.h"
#include "env/fiber.h"

namespace gregor::env {

/// Fibers in line, woken oldest first. Cancellation takes a waiter out of the line.
class WaitQueue {
 public:
  WaitQueue() = default;
  ~WaitQueue();
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  /// Suspends until woken through this queue. Throws Cancelled, but never after it was woken: a wake is not lost, the
  /// next suspension throws. May not be destroyed while anyone waits who was not cancelled.
  void wait(Fiber& self);
  /// As wait(), or until `deadline`; false when the deadline came first. At a deadline in the past it does not suspend.
  bool wait_until(Fiber& self, Clock& clock, MonotonicTime deadline);
  void wake_one();
  /// Wakes those who wait now; one that waits again right away is not woken twice.
  void wake_all();
  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  struct Waiter {
    Fiber& fiber;
    WaitQueue* queue = nullptr;  ///< null once out of the line
    Waiter* ahead = nullptr;
    Waiter* behind = nullptr;
    bool woken = false;
    bool due = false;  ///< its deadline came
  };
  void enter(Waiter& waiter);
  static void leave(Waiter& waiter);
  static void park_until_woken_or_due(Waiter& waiter);
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  std::size_t waiting_ = 0;
};

/// Mutual exclusion across suspension points, first come first served.
class FiberMutex {
 public:
  class Held {
   public:
    explicit Held(FiberMutex& mutex) : mutex_(&mutex) {}
    Held(Held&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (mutex_ != nullptr) mutex_->unlock();
    }

   private:
    FiberMutex* mutex_;
  };
  /// Suspends until it is free. Throws Cancelled.
  [[nodiscard]] Held lock(Fiber& self);
  [[nodiscard]] bool is_locked() const { return locked_; }

 private:
  void unlock();
  bool locked_ = false;
  WaitQueue line_;
};

/// A value that arrives once. The promise side may be set from the loop or any fiber of the shard; one fiber awaits it.
template <class T>
class Promise {
 public:
  void set(T value) {
    value_.emplace(std::move(value));
    arrived_.wake_all();
  }
  [[nodiscard]] bool is_set() const { return value_.has_value(); }
  /// Suspends until set. Throws Cancelled. The value is moved out: call once.
  T await(Fiber& self) {
    while (!value_) arrived_.wait(self);
    return std::move(*value_);
  }
  /// None when the deadline came first.
  std::optional<T> await_until(Fiber& self, Clock& clock, MonotonicTime deadline) {
    while (!value_) {
      if (!arrived_.wait_until(self, clock, deadline)) break;
    }
    return std::move(value_);
  }

 private:
  std::optional<T> value_;
  WaitQueue arrived_;
};

}  // namespace gregor::env
