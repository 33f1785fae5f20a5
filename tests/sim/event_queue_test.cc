#include "sim/event_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace gregor::sim {
namespace {

SimTime at(int ns) {
  return SimTime(Nanoseconds(ns));
}

TEST(EventQueue, GivesEventsByTimeAndThenByOrderOfTheirMaking) {
  EventQueue queue;
  std::vector<int> order;
  queue.add(at(20), [&] { order.push_back(3); });
  queue.add(at(10), [&] { order.push_back(1); });
  queue.add(at(20), [&] { order.push_back(4); });
  queue.add(at(10), [&] { order.push_back(2); });
  while (queue.next_time() != kNever) queue.take_next()();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
}

TEST(EventQueue, ACancelledEventIsDestroyedAndNeverDue) {
  EventQueue queue;
  auto owned = std::make_shared<int>(1);
  const EventId event = queue.add(at(10), [owned] {});
  EXPECT_EQ(owned.use_count(), 2);
  EXPECT_TRUE(queue.cancel(event));
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_FALSE(queue.cancel(event));
  EXPECT_EQ(queue.next_time(), kNever);
}

TEST(EventQueue, AnIdOfThePastNeverCancelsAnEventOfToday) {
  EventQueue queue;
  const EventId first = queue.add(at(10), [] {});
  queue.take_next();
  queue.add(at(20), [] {});
  EXPECT_FALSE(queue.cancel(first));
  EXPECT_EQ(queue.next_time(), at(20));
}

}  // namespace
}  // namespace gregor::sim
