// What a leader learns from fetches, and how long it believes it.
#include "replica/follower_book.h"

#include <gtest/gtest.h>

namespace gregor::replica {
namespace {

constexpr NodeId kF{1};
constexpr NodeId kG{2};
constexpr Nanoseconds kLag = Milliseconds(100);

MonotonicTime at(int ms) {
  return MonotonicTime(Milliseconds(ms));
}
FollowerFetch fetch(std::int64_t offset, std::int64_t broker_epoch = 7) {
  return {.replica = kF, .broker_epoch = BrokerEpoch{broker_epoch}, .offset = Offset{offset}};
}
FollowerBook book_at(MonotonicTime now) {
  FollowerBook book;
  const NodeId followers[] = {kF, kG};
  book.begin_epoch(followers, {{kF}}, now);
  return book;
}

TEST(FollowerBook, ANewEpochKnowsNobodysOffset) {
  FollowerBook book = book_at(at(0));
  ASSERT_TRUE(book.note(fetch(10), Offset{10}, at(1)));
  const NodeId followers[] = {kF, kG};
  book.begin_epoch(followers, {{kF}}, at(2));
  EXPECT_EQ(book.end_offset(kF), kNoOffset);
}

TEST(FollowerBook, MembersOfTheIsrHaveTheLagTimeToFetchFirst) {
  const FollowerBook book = book_at(at(0));
  EXPECT_TRUE(book.is_caught_up(kF, Offset{10}, at(100), kLag));
  EXPECT_FALSE(book.is_caught_up(kF, Offset{10}, at(101), kLag));
  EXPECT_FALSE(book.is_caught_up(kG, Offset{10}, at(0), kLag));
}

TEST(FollowerBook, WhoReachesTheEndOfTheLastFetchWasCaughtUpThen) {
  FollowerBook book = book_at(at(0));
  book.note(fetch(5), Offset{10}, at(50));
  book.note(fetch(10), Offset{20}, at(90));
  EXPECT_TRUE(book.is_caught_up(kF, Offset{20}, at(150), kLag));
  EXPECT_FALSE(book.is_caught_up(kF, Offset{20}, at(151), kLag));
}

TEST(FollowerBook, AnOlderRegistrationSaysNothingAnyMore) {
  FollowerBook book = book_at(at(0));
  ASSERT_TRUE(book.note(fetch(10, 8), Offset{10}, at(1)));
  EXPECT_FALSE(book.note(fetch(12, 7), Offset{12}, at(2)));
  EXPECT_EQ(book.end_offset(kF), Offset{10});
}

TEST(FollowerBook, WhoLeavesAndReturnsIsNew) {
  FollowerBook book = book_at(at(0));
  book.note(fetch(10), Offset{10}, at(1));
  book.set_followers({{kG}});
  EXPECT_FALSE(book.note(fetch(10), Offset{10}, at(2)));
  const NodeId followers[] = {kF, kG};
  book.set_followers(followers);
  EXPECT_EQ(book.end_offset(kF), kNoOffset);
}

}  // namespace
}  // namespace gregor::replica
