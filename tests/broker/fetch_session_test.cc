// KIP-227: a session names partitions once; answers name what is new. Method: the cache is pure, time is an argument.
#include "broker/fetch_session.h"

#include <gtest/gtest.h>

namespace gregor::broker {
namespace {

FetchAsk ask(std::int32_t partition, std::int64_t offset = 0) {
  FetchAsk asked;
  asked.target = {.topic = "t", .topic_id = {}, .partition = partition};
  asked.fetch_offset = offset;
  return asked;
}

FetchSessionRequest request(std::int32_t id, std::int32_t epoch, std::vector<FetchAsk> asked) {
  FetchSessionRequest made;
  made.session_id = id;
  made.session_epoch = epoch;
  made.asked = std::move(asked);
  return made;
}

struct FetchSessions : testing::Test {
  FetchSessionCache cache{2, RandomStream(1)};
  MonotonicTime now{};

  std::int32_t begin(std::vector<FetchAsk> asked) {
    const auto full = request(0, kInitialFetchEpoch, std::move(asked));
    EXPECT_TRUE(cache.plan(full, now).wants_session);
    const auto session = cache.remember(full, now);
    return session ? session->id() : kNoFetchSession;
  }
};

TEST_F(FetchSessions, LaterRequestsReadAllThatWasNamedBefore) {
  const auto id = begin({ask(0), ask(1)});
  const auto plan = cache.plan(request(id, 1, {ask(1, 5)}), now);
  EXPECT_TRUE(plan.incremental);
  ASSERT_EQ(plan.asks.size(), 2U);
  EXPECT_EQ(plan.asks[0].target.partition, 0);
  EXPECT_EQ(plan.asks[1].fetch_offset, 5) << "what is named again replaces what was said before";
}

TEST_F(FetchSessions, EpochsCountRequestsAndAWrongOneIsRefused) {
  const auto id = begin({ask(0)});
  EXPECT_EQ(cache.plan(request(id, 2, {}), now).error, FetchSessionError::invalid_epoch);
  EXPECT_EQ(cache.plan(request(id, 1, {}), now).error, FetchSessionError::none);
  EXPECT_EQ(cache.plan(request(id, 1, {}), now).error, FetchSessionError::invalid_epoch);
  EXPECT_EQ(cache.plan(request(id + 1, 2, {}), now).error, FetchSessionError::session_not_found);
}

TEST_F(FetchSessions, AnAnswerNamesOnlyWhatChanged) {
  const auto id = begin({ask(0)});
  const auto session = cache.plan(request(id, 1, {}), now).session;
  const FetchTarget target = ask(0).target;
  EXPECT_TRUE(session->tell(target, {10, 0}, true, false)) << "never told before";
  EXPECT_FALSE(session->tell(target, {10, 0}, false, false));
  EXPECT_TRUE(session->tell(target, {11, 0}, false, false)) << "the high watermark moved";
  EXPECT_TRUE(session->tell(target, {11, 3}, false, false)) << "the log start moved";
  EXPECT_TRUE(session->tell(target, {11, 3}, true, false)) << "records are always told";
  EXPECT_TRUE(session->tell(target, {11, 3}, false, true));
  EXPECT_TRUE(session->tell(target, {11, 3}, false, false)) << "an error is over: that is news";
  EXPECT_FALSE(session->tell(target, {11, 3}, false, false));
}

TEST_F(FetchSessions, WhoGaveRecordsGoesToTheEndOfTheLine) {
  const auto id = begin({ask(0), ask(1), ask(2)});
  auto plan = cache.plan(request(id, 1, {}), now);
  plan.session->tell(ask(0).target, {1, 0}, true, false);
  plan = cache.plan(request(id, 2, {}), now);
  EXPECT_EQ(plan.asks.front().target.partition, 1);
  EXPECT_EQ(plan.asks.back().target.partition, 0);
}

TEST_F(FetchSessions, ForgettingTheLastPartitionEndsTheSession) {
  const auto id = begin({ask(0)});
  auto forgets = request(id, 1, {});
  forgets.forgotten = {ask(0).target};
  const auto plan = cache.plan(forgets, now);
  EXPECT_EQ(plan.error, FetchSessionError::none);
  EXPECT_FALSE(plan.incremental);
  EXPECT_EQ(cache.size(), 0U);
}

TEST_F(FetchSessions, TheFinalEpochReadsOnceAndEndsTheSession) {
  const auto id = begin({ask(0)});
  const auto plan = cache.plan(request(id, kFinalFetchEpoch, {ask(3)}), now);
  EXPECT_FALSE(plan.wants_session);
  EXPECT_EQ(plan.asks.size(), 1U);
  EXPECT_EQ(cache.plan(request(id, 1, {}), now).error, FetchSessionError::session_not_found);
}

TEST_F(FetchSessions, NamesAndTopicIdsDoNotMixInOneSession) {
  const auto id = begin({ask(0)});
  auto by_id = request(id, 1, {});
  by_id.uses_topic_ids = true;
  EXPECT_EQ(cache.plan(by_id, now).error, FetchSessionError::topic_id_mismatch);
}

TEST_F(FetchSessions, AFollowersSessionTakesAConsumersSlotAndNeverTheOtherWayWithinTwoMinutes) {
  const auto mine = begin({ask(0), ask(1), ask(2)});
  begin({ask(0), ask(1)});
  auto followers = request(0, kInitialFetchEpoch, {ask(0)});
  followers.is_followers = true;
  ASSERT_TRUE(cache.remember(followers, now));
  EXPECT_EQ(cache.plan(request(mine, 1, {}), now).error, FetchSessionError::none) << "the smallest went";
  ASSERT_TRUE(cache.remember(followers, now));
  EXPECT_EQ(cache.plan(request(mine, 2, {}), now).error, FetchSessionError::session_not_found);
  EXPECT_EQ(begin({ask(0), ask(1), ask(2), ask(3)}), kNoFetchSession);
  EXPECT_FALSE(cache.remember(followers, now)) << "nor one follower's another's of its size";
}

TEST_F(FetchSessions, EachReadIsUnderTheLeaderEpochThatWasNamedLast) {
  auto asked = ask(0);
  asked.current_leader_epoch = 4;
  const auto id = begin({asked});
  EXPECT_EQ(cache.plan(request(id, 1, {}), now).asks.at(0).current_leader_epoch, 4);
  asked.current_leader_epoch = 5;
  EXPECT_EQ(cache.plan(request(id, 2, {asked}), now).asks.at(0).current_leader_epoch, 5);
  EXPECT_EQ(cache.plan(request(id, 3, {}), now).asks.at(0).current_leader_epoch, 5);
}

TEST_F(FetchSessions, WhoNamesAnotherLeaderEpochIsToldEvenWhatDidNotChange) {
  auto asked = ask(0);
  const auto id = begin({asked});
  cache.plan(request(id, 1, {}), now).session->tell(asked.target, {10, 0}, false, false);
  asked.current_leader_epoch = 5;
  const auto session = cache.plan(request(id, 2, {asked}), now).session;
  EXPECT_TRUE(session->tell(asked.target, {10, 0}, false, false));
  EXPECT_FALSE(session->tell(asked.target, {10, 0}, false, false));
}

TEST(FetchAsk, AFollowerLearnsOfTheLeaderWhatItsOwnLogReaches) {
  FetchAsk asked = ask(0, 10);
  EXPECT_FALSE(asked.would_learn({20, 5})) << "who tells neither follows neither";
  asked.high_watermark = 8;
  EXPECT_FALSE(asked.would_learn({8, 0}));
  EXPECT_TRUE(asked.would_learn({9, 0}));
  asked.high_watermark = 10;
  EXPECT_FALSE(asked.would_learn({20, 0}));
  asked.log_start_offset = 4;
  EXPECT_FALSE(asked.would_learn({20, 4}));
  EXPECT_TRUE(asked.would_learn({20, 5}));
  asked.log_start_offset = 10;
  EXPECT_FALSE(asked.would_learn({20, 15}));
}

TEST_F(FetchSessions, AFullCacheMakesRoomForTheStaleAndForTheLargerOnly) {
  const auto small = begin({ask(0)});
  const auto large = begin({ask(0), ask(1), ask(2)});
  EXPECT_EQ(begin({ask(0), ask(1)}), kNoFetchSession) << "both are young";
  now += kFetchSessionEviction;
  ASSERT_EQ(cache.plan(request(small, 1, {}), now).error, FetchSessionError::none);
  ASSERT_EQ(cache.plan(request(large, 1, {}), now).error, FetchSessionError::none);
  EXPECT_EQ(begin({ask(0)}), kNoFetchSession) << "none of the old ones is smaller";
  EXPECT_NE(begin({ask(0), ask(1)}), kNoFetchSession);
  EXPECT_EQ(cache.plan(request(small, 2, {}), now).error, FetchSessionError::session_not_found)
      << "the smaller one went";
  now += kFetchSessionEviction + Milliseconds(1);
  EXPECT_NE(begin({ask(0)}), kNoFetchSession) << "unused for two minutes";
  EXPECT_EQ(cache.size(), 2U);
}

}  // namespace
}  // namespace gregor::broker
