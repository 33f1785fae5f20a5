// Fibers over Boost's fcontext: only the jump itself is Boost's. What a jump must carry along beside the registers is
// here: the C++ runtime's exception state and the sanitizers' view of the stack. A fiber object lies at the top of its
// own stack.
#include "env/fiber.h"

#include <cxxabi.h>

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>
#include <cstring>
#include <new>

#include "base/check.h"
#include "env/sanitizer_notes.h"
#include "env/stack_slab.h"

namespace gregor::env {
namespace {

namespace fcontext = boost::context::detail;

constexpr std::size_t kCacheLineBytes = 64;

}  // namespace

struct FiberScheduler::State {
  State(ReadySink& ready_sink, std::shared_ptr<StackSlab> slab)
      : sink(ready_sink), stacks(slab != nullptr ? std::move(slab) : std::make_shared<StackSlab>()) {}

  ReadySink& sink;
  std::shared_ptr<StackSlab> stacks;
  Fiber* running = nullptr;
  Fiber* oldest = nullptr;
  Fiber* youngest = nullptr;
  std::size_t live = 0;
  std::uint64_t ids_given = 0;
  bool cancelling_all = false;
  void* loop_context = nullptr;  ///< where the loop stands while a fiber runs
  const void* loop_stack_bottom = nullptr;
  std::size_t loop_stack_bytes = 0;
  void* loop_thread_sanitizer_fiber = nullptr;

  void link(Fiber& fiber) {
    fiber.older_ = youngest;
    (youngest != nullptr ? youngest->younger_ : oldest) = &fiber;
    youngest = &fiber;
    ++live;
  }
  void unlink(Fiber& fiber) {
    (fiber.older_ != nullptr ? fiber.older_->younger_ : oldest) = fiber.younger_;
    (fiber.younger_ != nullptr ? fiber.younger_->older_ : youngest) = fiber.older_;
    --live;
  }

  static void first_frame(fcontext::transfer_t from) noexcept;
  void jump_in(Fiber& fiber);
  void bury(Fiber& fiber);
};

// The lowest frame of every fiber. It never returns: the last jump leaves its stack for good.
void FiberScheduler::State::first_frame(fcontext::transfer_t from) noexcept {
  Fiber& self = *static_cast<Fiber*>(from.data);
  State& state = *self.scheduler_.state_;
  notes::arrived(nullptr, &state.loop_stack_bottom, &state.loop_stack_bytes);
  state.loop_context = from.fctx;
  self.run_entry();
  self.phase_ = Fiber::Phase::ended;
  notes::leaving(nullptr, state.loop_stack_bottom, state.loop_stack_bytes);
  notes::thread_sanitizer_switch_to(state.loop_thread_sanitizer_fiber);
  fcontext::jump_fcontext(state.loop_context, nullptr);
  CHECK(false);
}

void FiberScheduler::State::jump_in(Fiber& fiber) {
  if (fiber.context_ == nullptr) {
    fiber.context_ = fcontext::make_fcontext(
        &fiber, static_cast<std::size_t>(reinterpret_cast<std::byte*>(&fiber) - fiber.stack_.bottom), &first_frame);
  }
  void* runtime_state = abi::__cxa_get_globals();
  Fiber::ExceptionState of_loop;
  std::memcpy(&of_loop, runtime_state, sizeof of_loop);
  std::memcpy(runtime_state, &fiber.exceptions_, sizeof of_loop);
  running = &fiber;
  fiber.phase_ = Fiber::Phase::running;

  void* loop_frames = nullptr;
  loop_thread_sanitizer_fiber = notes::thread_sanitizer_current();
  notes::leaving(&loop_frames, fiber.stack_.bottom, fiber.stack_.bytes);
  notes::thread_sanitizer_switch_to(fiber.thread_sanitizer_fiber_);
  fiber.context_ = fcontext::jump_fcontext(fiber.context_, &fiber).fctx;
  notes::arrived(loop_frames, nullptr, nullptr);

  running = nullptr;
  std::memcpy(&fiber.exceptions_, runtime_state, sizeof of_loop);
  std::memcpy(runtime_state, &of_loop, sizeof of_loop);
}

void FiberScheduler::State::bury(Fiber& fiber) {
  unlink(fiber);
  notes::thread_sanitizer_destroy(fiber.thread_sanitizer_fiber_);
  const Fiber::Stack stack = fiber.stack_;
  fiber.~Fiber();
  stacks->give_back(stack.bottom, stack.size_class);
}

FiberScheduler::FiberScheduler(ReadySink& sink, std::shared_ptr<StackSlab> stacks)
    : state_(std::make_unique<State>(sink, std::move(stacks))) {}

FiberScheduler::~FiberScheduler() {
  cancel_all();
}

Fiber& FiberScheduler::spawn(std::string_view name, FiberEntry entry, StackClass stack) {
  const std::size_t bytes = stack_bytes_of(stack);
  std::byte* bottom = state_->stacks->take(stack);
  constexpr std::size_t room = (sizeof(Fiber) + kCacheLineBytes - 1) / kCacheLineBytes * kCacheLineBytes;
  auto* fiber = new (bottom + bytes - room)
      Fiber(*this, ++state_->ids_given, name, std::move(entry), Fiber::Stack{bottom, bytes, stack});
  fiber->thread_sanitizer_fiber_ = notes::thread_sanitizer_create();
  fiber->cancelled_ = state_->cancelling_all;
  state_->link(*fiber);
  if (!state_->cancelling_all) state_->sink.on_ready(*fiber);
  return *fiber;
}

void FiberScheduler::resume(Fiber& fiber) {
  CHECK(state_->running == nullptr);
  CHECK(fiber.phase_ == Fiber::Phase::ready);
  const bool never_ran = fiber.context_ == nullptr;
  if (never_ran && fiber.cancelled_) {
    fiber.phase_ = Fiber::Phase::ended;
    fiber.entry_ = FiberEntry();
  } else {
    state_->jump_in(fiber);
  }
  if (fiber.phase_ == Fiber::Phase::ended) state_->bury(fiber);
}

void FiberScheduler::cancel_all() {
  CHECK(state_->running == nullptr);
  CHECK(!state_->cancelling_all);
  state_->cancelling_all = true;
  for (Fiber* fiber = state_->oldest; fiber != nullptr; fiber = fiber->younger_) fiber->cancelled_ = true;
  while (state_->youngest != nullptr) {
    Fiber& fiber = *state_->youngest;
    fiber.phase_ = Fiber::Phase::ready;
    resume(fiber);
  }
  state_->cancelling_all = false;
}

std::size_t FiberScheduler::live_count() const {
  return state_->live;
}
Fiber* FiberScheduler::running() const {
  return state_->running;
}
bool FiberScheduler::is_cancelling_all() const {
  return state_->cancelling_all;
}

void FiberScheduler::for_each(UniqueFunction<void(Fiber&)> visit) const {
  for (Fiber* fiber = state_->oldest; fiber != nullptr;) {
    Fiber* next = fiber->younger_;
    visit(*fiber);
    fiber = next;
  }
}

Fiber::Fiber(FiberScheduler& scheduler, std::uint64_t id, std::string_view name, FiberEntry entry, Stack stack)
    : scheduler_(scheduler), id_(id), entry_(std::move(entry)), stack_(stack) {
  std::memcpy(name_, name.data(), std::min(name.size(), kFiberNameBytesMax));
}

// Any exception but Cancelled ends the process, since first_frame() is noexcept. Not inlined into it: g++ would then
// forget which exception it was.
[[gnu::noinline]] void Fiber::run_entry() {
  try {
    entry_(*this);
  } catch (const Cancelled&) {
    // The fiber was asked to end, and did.
  }
  entry_ = FiberEntry();
}

void Fiber::suspend(Phase phase) {
  FiberScheduler::State& state = *scheduler_.state_;
  CHECK(state.running == this);
  // No suspension while an exception unwinds: that is in a destructor, where Cancelled could not be thrown.
  CHECK(std::uncaught_exceptions() == 0);
  phase_ = phase;
  notes::leaving(&address_sanitizer_frames_, state.loop_stack_bottom, state.loop_stack_bytes);
  notes::thread_sanitizer_switch_to(state.loop_thread_sanitizer_fiber);
  state.loop_context = fcontext::jump_fcontext(state.loop_context, nullptr).fctx;
  notes::arrived(address_sanitizer_frames_, &state.loop_stack_bottom, &state.loop_stack_bytes);
}

void Fiber::park() {
  if (cancelled_) throw Cancelled{};
  if (!wake_pending_) suspend(Phase::parked);
  wake_pending_ = false;
  if (cancelled_) throw Cancelled{};
}

void Fiber::park_uncancellable() {
  if (!wake_pending_) suspend(Phase::parked_uncancellable);
  wake_pending_ = false;
  if (scheduler_.is_cancelling_all()) throw Cancelled{};
}

void Fiber::yield() {
  if (cancelled_) throw Cancelled{};
  FiberScheduler::State& state = *scheduler_.state_;
  CHECK(state.running == this);
  state.sink.on_ready(*this);
  suspend(Phase::ready);
  if (cancelled_) throw Cancelled{};
}

void Fiber::become_ready() {
  phase_ = Phase::ready;
  FiberScheduler::State& state = *scheduler_.state_;
  if (!state.cancelling_all) state.sink.on_ready(*this);
}

void Fiber::wake() {
  wake_pending_ = true;
  if (is_parked()) become_ready();
}

void Fiber::cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  if (phase_ == Phase::parked) become_ready();
}

}  // namespace gregor::env
