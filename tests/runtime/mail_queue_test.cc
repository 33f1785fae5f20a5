#include "runtime/mail_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/loop.h"

namespace gregor::runtime {
namespace {

TEST(MailQueue, DeliversInOrderAndLeavesWhatIsPostedMeanwhile) {
  MailQueue queue;
  std::vector<int> seen;
  queue.post([&] {
    seen.push_back(1);
    queue.post([&] { seen.push_back(3); });
  });
  queue.post([&] { seen.push_back(2); });
  EXPECT_EQ(queue.deliver(), 2U);
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
  EXPECT_EQ(queue.deliver(), 1U);
  EXPECT_EQ(seen.back(), 3);
  EXPECT_TRUE(queue.is_empty());
}

TEST(MailQueue, DropsUnreadMailWithWhatItOwns) {
  const auto owned = std::make_shared<int>(0);
  {
    MailQueue queue;
    queue.post([owned] {});
    queue.drop();
    EXPECT_EQ(owned.use_count(), 1);
    queue.post([owned] {});
  }
  EXPECT_EQ(owned.use_count(), 1);
}

// Two writers against one sleeping loop: nothing is lost, each writer's mail keeps its order, and the loop never sleeps
// on mail. A lost wake would hang here; ThreadSanitizer builds look for races in the same run.
TEST(MailQueue, TwoThreadsLoseNoMailAndNoWake) {
  constexpr int kMails = 50'000;
  constexpr int kPause = 64;  // let the loop fall asleep often
  Loop loop;
  std::array<int, 2> next{};
  std::array<int, 2> disorders{};
  std::vector<std::thread> writers;
  for (std::size_t writer = 0; writer < 2; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kMails; ++i) {
        loop.post([&, writer, i] {
          if (next[writer] != i) ++disorders[writer];
          ++next[writer];
        });
        if (i % kPause == 0) std::this_thread::yield();
      }
    });
  }
  while (next[0] < kMails || next[1] < kMails) loop.round();
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(disorders[0], 0);
  EXPECT_EQ(disorders[1], 0);
}

// One letter at a time, each sent only after the last was read: the loop is asleep, or about to be, at every post.
TEST(MailQueue, EveryLetterToASleeperWakesIt) {
  constexpr int kLetters = 5'000;
  Loop here;
  Loop there;
  int answered = 0;
  bool over = false;
  std::thread thread([&] {
    while (!over) there.round();
  });
  UniqueFunction<void()> ask = [&] {
    there.post([&] {
      here.post([&] {
        ++answered;
        if (answered < kLetters) ask();
      });
    });
  };
  ask();
  while (answered < kLetters) here.round();
  there.post([&] { over = true; });
  thread.join();
  EXPECT_EQ(answered, kLetters);
}

}  // namespace
}  // namespace gregor::runtime
