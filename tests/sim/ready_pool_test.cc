#include "sim/ready_pool.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace gregor::sim {
namespace {

Ready task_of(Lane& lane, std::uint64_t number) {
  return {.lane = &lane, .fiber = nullptr, .task = [] {}, .kind = EventKind::mail_delivered, .payload = number};
}

std::vector<std::uint64_t> drain(ReadyPool& pool) {
  std::vector<std::uint64_t> order;
  while (!pool.empty()) order.push_back(pool.take().payload);
  return order;
}

ReadyPool pool_of(Policy policy, std::uint64_t seed) {
  return ReadyPool(policy, RandomStream(seed), 3, 10);
}

TEST(ReadyPool, FifoServesInOrderOfArrival) {
  ReadyPool pool = pool_of(Policy::fifo, 1);
  Lane lane;
  for (std::uint64_t i = 0; i < 5; ++i) pool.add(task_of(lane, i));
  EXPECT_EQ(drain(pool), (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
}

TEST(ReadyPool, RandomReachesEveryOrderOfThree) {
  std::set<std::vector<std::uint64_t>> orders;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    ReadyPool pool = pool_of(Policy::random, seed);
    Lane lane;
    for (std::uint64_t i = 0; i < 3; ++i) pool.add(task_of(lane, i));
    orders.insert(drain(pool));
  }
  EXPECT_EQ(orders.size(), 6U);
}

TEST(ReadyPool, PctMostlyServesTheLaneOfHigherPriorityToItsEnd) {
  std::set<std::uint64_t> first_lanes;
  int lanes_served_whole = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    ReadyPool pool(Policy::pct, RandomStream(seed), 0, 1);
    Lane a{.node = 1};
    Lane b{.node = 2};
    for (std::uint64_t i = 0; i < 4; ++i) {
      pool.add(task_of(a, 10 + i));
      pool.add(task_of(b, 20 + i));
    }
    const std::vector<std::uint64_t> order = drain(pool);
    first_lanes.insert(order.front() / 10);
    if (order == std::vector<std::uint64_t>{10, 11, 12, 13, 20, 21, 22, 23} ||
        order == std::vector<std::uint64_t>{20, 21, 22, 23, 10, 11, 12, 13}) {
      ++lanes_served_whole;
    }
  }
  EXPECT_EQ(first_lanes.size(), 2U) << "priorities are drawn";
  EXPECT_GT(lanes_served_whole, 80);
}

TEST(ReadyPool, AFrozenLaneWaitsAndLosesNothing) {
  for (const Policy policy : {Policy::random, Policy::fifo, Policy::pct}) {
    ReadyPool pool = pool_of(policy, 7);
    Lane frozen{.node = 1};
    Lane other{.node = 2};
    pool.add(task_of(frozen, 1));
    pool.add(task_of(other, 2));
    pool.freeze(frozen);
    pool.add(task_of(frozen, 3));
    EXPECT_EQ(drain(pool), (std::vector<std::uint64_t>{2}));
    pool.thaw(frozen);
    EXPECT_EQ(drain(pool).size(), 2U);
  }
}

TEST(ReadyPool, DroppingALaneDestroysItsWorkAlone) {
  for (const Policy policy : {Policy::random, Policy::fifo, Policy::pct}) {
    ReadyPool pool = pool_of(policy, 7);
    Lane dead{.node = 1};
    Lane other{.node = 2};
    auto owned = std::make_shared<int>(0);
    pool.add({.lane = &dead, .fiber = nullptr, .task = [owned] {}, .kind = EventKind::timer_due, .payload = 1});
    pool.add(task_of(other, 2));
    pool.add(task_of(dead, 3));
    pool.drop(dead);
    EXPECT_EQ(owned.use_count(), 1);
    EXPECT_EQ(drain(pool), (std::vector<std::uint64_t>{2}));
  }
}

}  // namespace
}  // namespace gregor::sim
