#include "runtime/loop.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "env/clock.h"

namespace gregor::runtime {
namespace {

struct Counting final : EventHandler {
  void on_events(std::uint32_t events) override {
    ++calls;
    last = events;
    if (also) also();
  }
  int calls = 0;
  std::uint32_t last = 0;
  UniqueFunction<void()> also;
};

void ring(const Descriptor& bell) {
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(bell.number(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
}

TEST(Loop, AFiberThatYieldsRunsAfterAllOthers) {
  Loop loop;
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    loop.fibers().spawn("turns", [&order, name](env::Fiber& self) {
      for (int i = 0; i < 3; ++i) {
        order += name;
        self.yield();
      }
    });
  }
  while (loop.fibers().live_count() > 0) loop.round();
  EXPECT_EQ(order, "abcabcabc");
}

TEST(Loop, SleepersWakeInOrderAndNotBeforeTheirTime) {
  Loop loop;
  std::string order;
  for (const int ms : {9, 3, 6}) {
    loop.fibers().spawn("sleeper", [&, ms](env::Fiber& self) {
      const MonotonicTime until = loop.now() + Milliseconds(ms);
      env::sleep_for(self, loop, Milliseconds(ms));
      EXPECT_GE(loop.now(), until);
      order += std::to_string(ms);
    });
  }
  while (loop.fibers().live_count() > 0) loop.round();
  EXPECT_EQ(order, "369");
}

TEST(Loop, ASpinningLoopStillServesTimersAndMail) {
  Loop loop(Milliseconds(50));
  const MonotonicTime begin = loop.now();
  bool due = false;
  loop.arm(begin + Milliseconds(1), [&] { due = true; });
  while (!due) loop.round();
  EXPECT_GE(loop.now(), begin + Milliseconds(1));
  bool read = false;
  loop.post([&] { read = true; });
  loop.round();
  EXPECT_TRUE(read);
}

TEST(Loop, TellsAnEdgeOnce) {
  Loop loop;
  const Descriptor bell(::eventfd(0, EFD_NONBLOCK));
  Counting handler;
  Watch* watch = loop.watch(bell.number(), EPOLLIN | EPOLLET, handler).value();
  ring(bell);
  loop.round();
  EXPECT_EQ(handler.calls, 1);
  loop.post([] {});
  loop.round();
  EXPECT_EQ(handler.calls, 1) << "it is still readable, but no new edge came";
  loop.tell_again(*watch, EPOLLIN);
  loop.round();
  EXPECT_EQ(handler.calls, 2);
  loop.give_up(watch);
}

TEST(Loop, AHandlerMayEndAnotherThatWasToBeToldInTheSameRound) {
  Loop loop;
  const Descriptor first_bell(::eventfd(0, EFD_NONBLOCK));
  const Descriptor second_bell(::eventfd(0, EFD_NONBLOCK));
  Counting first;
  Counting second;
  Watch* first_watch = loop.watch(first_bell.number(), EPOLLIN | EPOLLET, first).value();
  Watch* second_watch = loop.watch(second_bell.number(), EPOLLIN | EPOLLET, second).value();
  const auto end_the_other = [&loop](Watch*& other) {
    return [&loop, &other] { loop.give_up(std::exchange(other, nullptr)); };
  };
  first.also = end_the_other(second_watch);
  second.also = end_the_other(first_watch);
  ring(first_bell);
  ring(second_bell);
  loop.round();
  EXPECT_EQ(first.calls + second.calls, 1);
  loop.give_up(first_watch);
  loop.give_up(second_watch);
}

TEST(Loop, GivingUpForgetsWhatWasToBeToldAgain) {
  Loop loop;
  const Descriptor bell(::eventfd(0, EFD_NONBLOCK));
  Counting handler;
  Watch* watch = loop.watch(bell.number(), EPOLLIN | EPOLLET, handler).value();
  loop.tell_again(*watch, EPOLLIN);
  loop.give_up(watch);
  loop.round();
  loop.post([] {});
  loop.round();
  EXPECT_EQ(handler.calls, 0);
}

TEST(Loop, WatchingAFileThatCannotBeWatchedIsAnError) {
  Loop loop;
  Counting handler;
  EXPECT_FALSE(loop.watch(-1, EPOLLIN, handler).has_value());
}

}  // namespace
}  // namespace gregor::runtime
