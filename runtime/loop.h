// One shard's event loop: epoll, timers, mail and the fibers that may run. All on the shard's thread but post().
//
// A round: wait for edges (not at all when something else is to be done), call the watchers, fire timers, deliver mail,
// run the fibers that are ready, in turns. A fiber that yields runs again after all others that were ready.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "env/clock.h"
#include "env/fiber.h"
#include "env/mailbox.h"
#include "runtime/descriptor.h"
#include "runtime/mail_queue.h"
#include "runtime/timer_heap.h"

namespace gregor::runtime {

/// Hears of the readiness of one descriptor. May destroy itself, or any other, in the call.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  virtual void on_events(std::uint32_t epoll_events) = 0;
};

/// A descriptor's place in the loop. Lives until the end of the round in which it was given up.
class Watch {
 public:
  /// Null once given up: what was told about it in this round finds nobody.
  [[nodiscard]] EventHandler* handler() const { return handler_; }

 private:
  friend class Loop;
  EventHandler* handler_ = nullptr;
  int descriptor_ = -1;
  std::uint32_t told_again_ = 0;  ///< events to be told next round beside what epoll says
};

class Loop final : public env::ReadySink, public env::Clock {
 public:
  /// `spin`: how long to poll before sleeping.
  explicit Loop(Nanoseconds spin = Nanoseconds(0));
  ~Loop() override;

  // env::ReadySink
  void on_ready(env::Fiber& fiber) override { ready_.push_back(&fiber); }

  // env::Clock
  /// As of the round's begin, or of the turn of fibers.
  [[nodiscard]] MonotonicTime now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override;
  env::TimerId arm(MonotonicTime when, UniqueFunction<void()> due) override;
  bool disarm(env::TimerId timer) override { return timers_.disarm(timer); }

  /// `epoll_events` with EPOLLET for edges, without for levels. Errors: no_space, io. Give it up before the descriptor
  /// closes.
  Result<Watch*> watch(int descriptor, std::uint32_t epoll_events, EventHandler& handler);
  void change(Watch& watch, std::uint32_t epoll_events);
  void give_up(Watch* watch);
  /// Tells the handler these events again, in the next round.
  void tell_again(Watch& watch, std::uint32_t epoll_events);

  /// From any thread: runs `mail` on the loop, after mail posted before by the same thread.
  void post(env::Mail mail);

  [[nodiscard]] env::FiberScheduler& fibers() { return fibers_; }
  /// One round; sleeps when there is nothing to do until something is.
  void round();
  /// Unwinds all fibers. Requires that no worker uses their buffers.
  void cancel_fibers();
  void drop_mail() { mail_.drop(); }

 private:
  void wait_for_events();
  int sleep_for_events(MonotonicTime until);
  bool has_work();
  void tell(const epoll_event* events, int count);
  void run_ready();
  void bury();

  static constexpr int kEventsPerRound = 256;
  static constexpr int kTurnsPerRound = 8;  ///< of the ready fibers, before edges are asked for again

  Descriptor epoll_;
  Descriptor bell_;  ///< eventfd: rung by post() when the loop may be asleep
  std::atomic<bool> asleep_{false};
  Nanoseconds spin_;
  MonotonicTime now_;
  bool precise_sleep_ = true;  ///< epoll_pwait2 works here
  TimerHeap timers_;
  MailQueue mail_;
  std::vector<Watch*> told_again_;
  std::vector<Watch*> given_up_;
  std::vector<env::Fiber*> ready_;
  std::vector<env::Fiber*> turn_;
  std::vector<epoll_event> events_;
  env::FiberScheduler fibers_;  ///< last: unwinds while the rest lives
};

}  // namespace gregor::runtime
