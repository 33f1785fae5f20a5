// Fibers: straight-line code that may wait. One thread runs all fibers of a shard, one at a time.
//
// A function that may suspend takes `Fiber& self` as its first parameter; a function without one never does. So every
// point where the world may change under one's feet can be seen in the source.
//
// Rules for code on a fiber:
//   - a park may end early (a spare wake, a cancel): wait in a loop on the condition, or use env/wait.h;
//   - `Cancelled` passes through: `catch (...)` without `throw;` is banned, so are suspensions in destructors and noexcept functions;
//   - suspending inside `catch` is allowed: each fiber keeps its own exception state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_function.h"

namespace gregor::env {

class Fiber;
class FiberScheduler;

/// Thrown by a suspension point of a fiber that was cancelled; unwinds it to its entry. Not a std::exception on purpose.
struct Cancelled final {};

using FiberEntry = UniqueFunction<void(Fiber& self)>;

/// Stack sizes, in bytes before any sanitizer factor. A guard page lies below each.
enum class StackClass : unsigned char { small_64k, large_256k };

/// What the world does with a fiber that may run: the real one queues it, the simulator picks among all of them at will.
class ReadySink {
 public:
  virtual ~ReadySink() = default;
  virtual void on_ready(Fiber& fiber) = 0;
};

/// The fibers of one shard. Not thread-safe: all calls come from the shard's own thread.
class FiberScheduler {
 public:
  explicit FiberScheduler(ReadySink& sink);
  /// Cancels and unwinds what still lives. Requires that no fiber of this scheduler is running.
  ~FiberScheduler();
  FiberScheduler(const FiberScheduler&) = delete;
  FiberScheduler& operator=(const FiberScheduler&) = delete;

  /// Makes a fiber that is ready at once; it runs when the world picks it, never before spawn() returns.
  /// The reference is good until the entry returns. `name` is for reports and must be static or short-lived text (it is copied).
  Fiber& spawn(std::string_view name, FiberEntry entry, StackClass stack = StackClass::small_64k);

  /// For the world's loop: runs a ready fiber until it parks or ends. Requires that it is ready and that no fiber runs.
  void resume(Fiber& fiber);

  /// Cancels every fiber and runs each until it ended. For the end of a shard and for simulated crashes. Never called on a fiber.
  void cancel_all();

  [[nodiscard]] std::size_t live_count() const;
  /// The fiber that runs now, or null.
  [[nodiscard]] Fiber* running() const;
  /// Calls `visit(fiber)` for each live fiber in order of birth: for stuck reports.
  void for_each(const UniqueFunction<void(Fiber&)>& visit) const;

 private:
  friend class Fiber;
  struct State;
  std::unique_ptr<State> state_;
};

class Fiber {
 public:
  /// Suspends until wake() or cancel(); returns at once when a wake came since the last park. Throws Cancelled.
  void park();
  /// As park(), but a cancel does not end it: for waits whose buffers someone else still uses. The next park() throws.
  void park_uncancellable();
  /// Lets the others run. Throws Cancelled.
  void yield();
  /// Makes a parked fiber ready; one pending wake is kept for a fiber that is not parked. From the shard's thread only.
  void wake();
  /// Asks the fiber to end: its next (or present) suspension point throws Cancelled. Idempotent.
  void cancel();

  [[nodiscard]] bool cancelled() const;
  /// Rises from 1 in order of birth within the scheduler, never reused.
  [[nodiscard]] std::uint64_t id() const;
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] FiberScheduler& scheduler() const;

 private:
  friend class FiberScheduler;
  struct State;
  explicit Fiber(std::unique_ptr<State> state);
  ~Fiber();
  std::unique_ptr<State> state_;
};

}  // namespace gregor::env
