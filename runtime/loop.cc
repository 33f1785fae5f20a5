#include "runtime/loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/check.h"
#include "runtime/os_error.h"

namespace gregor::runtime {
namespace {

MonotonicTime read_clock() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return MonotonicTime(std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec));
}

}  // namespace

Loop::Loop(Nanoseconds spin)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      bell_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      spin_(spin),
      now_(read_clock()),
      events_(kEventsPerRound),
      fibers_(*this) {
  CHECK(epoll_.is_open());
  CHECK(bell_.is_open());
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // never read: each ring is an edge
  event.data.ptr = nullptr;
  CHECK(epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, bell_.number(), &event) == 0);
}

Loop::~Loop() {
  cancel_fibers();
  timers_.clear();
  mail_.drop();
  told_again_.clear();
  bury();
}

WallTime Loop::wall_now() const {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return {static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000};
}

env::TimerId Loop::arm(MonotonicTime when, UniqueFunction<void()> due) {
  return timers_.arm(when, std::move(due));
}

Result<Watch*> Loop::watch(int descriptor, std::uint32_t epoll_events, EventHandler& handler) {
  auto watch = std::make_unique<Watch>();
  watch->handler_ = &handler;
  watch->descriptor_ = descriptor;
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = watch.get();
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) return os_failure("epoll", errno);
  return watch.release();
}

void Loop::change(Watch& watch, std::uint32_t epoll_events) {
  epoll_event event{};
  event.events = epoll_events;
  event.data.ptr = &watch;
  CHECK(epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, watch.descriptor_, &event) == 0);
}

void Loop::give_up(Watch* watch) {
  if (watch == nullptr) return;
  epoll_event unused{};
  epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, watch->descriptor_, &unused);
  watch->handler_ = nullptr;
  given_up_.push_back(watch);
}

void Loop::tell_again(Watch& watch, std::uint32_t epoll_events) {
  if (watch.told_again_ == 0) told_again_.push_back(&watch);
  watch.told_again_ |= epoll_events;
}

void Loop::post(env::Mail mail) {
  mail_.post(std::move(mail));
  if (asleep_.exchange(false, std::memory_order_seq_cst)) {
    const std::uint64_t ring = 1;
    [[maybe_unused]] const ssize_t written = ::write(bell_.number(), &ring, sizeof ring);
  }
}

bool Loop::has_work() {
  return !ready_.empty() || !told_again_.empty() || !mail_.is_empty();
}

void Loop::round() {
  wait_for_events();
  std::vector<Watch*> again;
  again.swap(told_again_);
  for (Watch* watch : again) {
    const std::uint32_t events = std::exchange(watch->told_again_, 0);
    if (watch->handler_ != nullptr) watch->handler_->on_events(events);
  }
  timers_.fire(now_);
  mail_.deliver();
  for (int turn = 0; turn < kTurnsPerRound && !ready_.empty(); ++turn) run_ready();
  bury();
}

void Loop::wait_for_events() {
  int count = 0;
  if (has_work()) {
    count = epoll_wait(epoll_.number(), events_.data(), kEventsPerRound, 0);
  } else {
    const MonotonicTime next_timer = timers_.next();
    const MonotonicTime spin_until = spin_ > Nanoseconds(0) ? std::min(read_clock() + spin_, next_timer) : now_;
    while (count == 0 && read_clock() < spin_until && mail_.is_empty()) {
      count = epoll_wait(epoll_.number(), events_.data(), kEventsPerRound, 0);
    }
    if (count == 0) {
      asleep_.store(true, std::memory_order_seq_cst);
      // Mail that came before the store rang no bell.
      count = sleep_for_events(mail_.is_empty() ? next_timer : MonotonicTime::min());
      asleep_.store(false, std::memory_order_seq_cst);
    }
  }
  CHECK(count >= 0 || errno == EINTR);
  now_ = read_clock();
  tell(events_.data(), count);
}

int Loop::sleep_for_events(MonotonicTime until) {
  if (until == kForever) return epoll_wait(epoll_.number(), events_.data(), kEventsPerRound, -1);
  const Nanoseconds left =
      std::max(Nanoseconds(0), until == MonotonicTime::min() ? Nanoseconds(0) : until - read_clock());
  if (precise_sleep_) {
    const timespec wait{static_cast<std::time_t>(left.count() / 1'000'000'000),
                        static_cast<long>(left.count() % 1'000'000'000)};
    const int count = epoll_pwait2(epoll_.number(), events_.data(), kEventsPerRound, &wait, nullptr);
    if (count >= 0 || errno == EINTR) return count;
    precise_sleep_ = false;  // an old kernel, or a sandbox that does not know the call
  }
  const auto left_ms = std::chrono::ceil<Milliseconds>(left).count();
  constexpr std::int64_t kSleepMsMax = 60'000;
  return epoll_wait(epoll_.number(), events_.data(), kEventsPerRound, static_cast<int>(std::min(left_ms, kSleepMsMax)));
}

void Loop::tell(const epoll_event* events, int count) {
  for (int i = 0; i < count; ++i) {
    auto* watch = static_cast<Watch*>(events[i].data.ptr);
    if (watch != nullptr && watch->handler_ != nullptr) watch->handler_->on_events(events[i].events);
  }
}

void Loop::run_ready() {
  turn_.swap(ready_);
  for (env::Fiber* fiber : turn_) fibers_.resume(*fiber);
  turn_.clear();
  now_ = read_clock();
}

void Loop::cancel_fibers() {
  fibers_.cancel_all();
  ready_.clear();
}

void Loop::bury() {
  // One that is still to be told something is kept a round more.
  const auto still_named =
      std::partition(given_up_.begin(), given_up_.end(), [](const Watch* w) { return w->told_again_ == 0; });
  std::for_each(given_up_.begin(), still_named, [](Watch* watch) { delete watch; });
  given_up_.erase(given_up_.begin(), still_named);
}

}  // namespace gregor::runtime
