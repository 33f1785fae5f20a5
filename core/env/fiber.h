// Fibers: straight-line code that may wait. One thread runs all fibers of a shard, one at a time.
//
// A function that may suspend takes `Fiber& self` as its first parameter; a function without one never does. So every
// point where the world may change under one's feet can be seen in the source.
//
// Rules for code on a fiber:
//   - a park may end early (a spare wake, a cancel): wait in a loop on the condition, or use env/wait.h;
//   - `Cancelled` passes through: `catch (...)` without `throw;` is banned, so are suspensions in destructors and
//   noexcept functions;
//   - suspending inside `catch` is allowed: each fiber keeps its own exception state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/unique_function.h"

namespace gregor::env {

class Fiber;
class FiberScheduler;
class StackSlab;

/// Thrown by a suspension point of a fiber that was cancelled; unwinds it to its entry. Not a std::exception on
/// purpose.
struct Cancelled final {};

using FiberEntry = UniqueFunction<void(Fiber& self)>;

/// Stack sizes, in bytes before any sanitizer factor. A guard page lies below each.
enum class StackClass : unsigned char { small_64k, large_256k };

/// What the world does with a fiber that may run: the real one queues it, the simulator picks among all of them at
/// will.
class ReadySink {
 public:
  virtual ~ReadySink() = default;
  virtual void on_ready(Fiber& fiber) = 0;
};

/// The fibers of one shard. Not thread-safe: all calls come from the shard's own thread.
class FiberScheduler {
 public:
  /// `stacks` lets schedulers of one thread share warm stacks (a simulator's nodes); none: a slab of its own.
  explicit FiberScheduler(ReadySink& sink, std::shared_ptr<StackSlab> stacks = nullptr);
  /// Cancels and unwinds what still lives. Requires that no fiber of this scheduler is running.
  ~FiberScheduler();
  FiberScheduler(const FiberScheduler&) = delete;
  FiberScheduler& operator=(const FiberScheduler&) = delete;

  /// Makes a fiber that is ready at once; it runs when the world picks it, never before spawn() returns.
  /// The reference is good until the entry returns. `name` is for reports; it is copied, and cut at kFiberNameBytesMax.
  Fiber& spawn(std::string_view name, FiberEntry entry, StackClass stack = StackClass::small_64k);

  /// For the world's loop: runs a ready fiber until it parks or ends. Requires that it is ready and that no fiber runs.
  /// A fiber cancelled before its first run ends here without running: its entry is destroyed.
  void resume(Fiber& fiber);

  /// Cancels every fiber and runs each, youngest first, until it ended; park_uncancellable() ends too. Before it the
  /// world has dropped all I/O in flight (or waited for it); after it the world forgets the fibers it was told are
  /// ready. No on_ready() comes out of it. For the end of a shard and for simulated crashes. Never called on a fiber.
  void cancel_all();
  /// True inside cancel_all().
  [[nodiscard]] bool is_cancelling_all() const;

  [[nodiscard]] std::size_t live_count() const;
  /// The fiber that runs now, or null.
  [[nodiscard]] Fiber* running() const;
  /// Calls `visit(fiber)` for each live fiber in order of birth: for stuck reports.
  void for_each(UniqueFunction<void(Fiber&)> visit) const;

 private:
  friend class Fiber;
  struct State;
  std::unique_ptr<State> state_;
};

/// Longer names are cut.
inline constexpr std::size_t kFiberNameBytesMax = 39;

class Fiber {
 public:
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Suspends until wake() or cancel(); returns at once when a wake came since the last park. Throws Cancelled.
  void park();
  /// As park(), but a cancel does not end it: for waits whose buffers someone else still uses. The next park() throws.
  /// Throws Cancelled only inside cancel_all(), when nobody uses them any more.
  void park_uncancellable();
  /// Lets the others run. Throws Cancelled.
  void yield();
  /// Makes a parked fiber ready. For one that is not parked a wake is kept, one at most, and its next park() returns at
  /// once. From the shard's thread only.
  void wake();
  /// Asks the fiber to end: its next (or present) suspension point throws Cancelled. Idempotent.
  void cancel();

  [[nodiscard]] bool cancelled() const { return cancelled_; }
  [[nodiscard]] bool is_parked() const { return phase_ == Phase::parked || phase_ == Phase::parked_uncancellable; }
  /// Rises from 1 in order of birth within the scheduler, never reused.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] FiberScheduler& scheduler() const { return scheduler_; }

 private:
  friend class FiberScheduler;
  enum class Phase : unsigned char { ready, running, parked, parked_uncancellable, ended };
  struct Stack {
    std::byte* bottom;
    std::size_t bytes;
    StackClass size_class;
  };
  /// What the C++ runtime keeps per thread about exceptions in flight (the Itanium ABI's __cxa_eh_globals): ours per
  /// fiber.
  struct ExceptionState {
    void* caught = nullptr;
    std::uintptr_t uncaught = 0;
  };

  Fiber(FiberScheduler& scheduler, std::uint64_t id, std::string_view name, FiberEntry entry, Stack stack);
  ~Fiber() = default;
  void suspend(Phase phase);
  void become_ready();
  void run_entry();

  FiberScheduler& scheduler_;
  void* context_ = nullptr;  ///< where to jump to; null before the first run
  ExceptionState exceptions_;
  Phase phase_ = Phase::ready;
  bool cancelled_ = false;
  bool wake_pending_ = false;
  std::uint64_t id_;
  Fiber* older_ = nullptr;
  Fiber* younger_ = nullptr;
  FiberEntry entry_;
  Stack stack_;
  void* address_sanitizer_frames_ = nullptr;
  void* thread_sanitizer_fiber_ = nullptr;
  char name_[kFiberNameBytesMax + 1] = {};
};

}  // namespace gregor::env
