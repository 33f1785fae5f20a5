// A follower's session names what changed, forgets what is not wanted, and begins anew whenever the leader and it might
// not mean the same. Method: requests and answers as values, then lives of both halves under a ghost (session_model.h).
#include "broker/follower_session.h"

#include <gtest/gtest.h>

#include "tests/broker/support/session_model.h"
#include "wire/error_code.h"

namespace gregor::broker {
namespace {

const TopicId kTopicOfSession{0, 5};

WantedFetch wanted(int partition, std::int64_t offset = 0, std::int32_t epoch = 1) {
  return {.topic_id = kTopicOfSession,
          .partition = PartitionIndex{partition},
          .offset = Offset{offset},
          .current_leader_epoch = LeaderEpoch{epoch}};
}

struct FollowerSessions : testing::Test {
  FollowerSession session;

  wire::FetchRequest ask(const std::vector<WantedFetch>& wanted) {
    wire::FetchRequest request;
    session.ask_for(wanted, request);
    return request;
  }
  static std::vector<std::int32_t> named(const wire::FetchRequest& request) {
    std::vector<std::int32_t> found;
    for (const auto& topic : request.topics) {
      for (const auto& partition : topic.partitions) found.push_back(partition.partition);
    }
    return found;
  }
  static wire::FetchResponse answer(std::int32_t id, const std::vector<std::int32_t>& told) {
    wire::FetchResponse response;
    response.session_id = id;
    auto& topic = response.responses.emplace_back();
    topic.topic_id = kTopicOfSession;
    for (const std::int32_t partition : told) topic.partitions.push_back({.partition_index = partition});
    return response;
  }
  void begin(std::int32_t id) {
    ask({wanted(0), wanted(1)});
    ASSERT_TRUE(session.take(answer(id, {0, 1})));
  }
};

using Named = std::vector<std::int32_t>;

TEST_F(FollowerSessions, TheFirstRequestNamesAllLaterOnesWhatChanged) {
  const auto first = ask({wanted(0), wanted(1)});
  EXPECT_EQ(first.session_id, kNoFetchSession);
  EXPECT_EQ(first.session_epoch, kInitialFetchEpoch);
  EXPECT_EQ(named(first), (Named{0, 1}));
  ASSERT_TRUE(session.take(answer(33, {0, 1})));
  const auto second = ask({wanted(0), wanted(1, 7)});
  EXPECT_EQ(second.session_id, 33);
  EXPECT_EQ(second.session_epoch, 1);
  EXPECT_EQ(named(second), (Named{1}));
  ASSERT_TRUE(session.take(answer(33, {})));
  const auto third = ask({wanted(0, 0, 2), wanted(1, 7)});
  EXPECT_EQ(third.session_epoch, 2);
  EXPECT_EQ(named(third), (Named{0})) << "another leader epoch is another wish";
}

TEST_F(FollowerSessions, WhatIsNotWantedIsForgottenOnce) {
  begin(33);
  const auto without = ask({wanted(0)});
  ASSERT_EQ(without.forgotten_topics_data.size(), 1U);
  EXPECT_EQ(without.forgotten_topics_data[0].partitions, (Named{1}));
  EXPECT_TRUE(named(without).empty());
  ASSERT_TRUE(session.take(answer(33, {})));
  EXPECT_TRUE(ask({wanted(0)}).forgotten_topics_data.empty());
  ASSERT_TRUE(session.take(answer(33, {})));
  EXPECT_EQ(named(ask({wanted(0), wanted(1)})), (Named{1})) << "and named when it is wanted again";
}

TEST_F(FollowerSessions, ARefusedSessionIsBegunAnewAndEndsTheOld) {
  begin(33);
  ask({wanted(0), wanted(1)});
  wire::FetchResponse refusal;
  refusal.error_code = wire::wire_code(wire::ErrorCode::fetch_session_id_not_found);
  EXPECT_FALSE(session.take(refusal));
  const auto whole = ask({wanted(0), wanted(1)});
  EXPECT_EQ(whole.session_id, 33);
  EXPECT_EQ(whole.session_epoch, kInitialFetchEpoch);
  EXPECT_EQ(named(whole), (Named{0, 1}));
  EXPECT_TRUE(whole.forgotten_topics_data.empty());
  EXPECT_TRUE(session.take(answer(34, {0, 1}))) << "the new session has another id";
  EXPECT_EQ(ask({wanted(0), wanted(1)}).session_id, 34);
}

TEST_F(FollowerSessions, AnswersThatDoNotFitAreNotTaken) {
  ask({wanted(0), wanted(1)});
  EXPECT_FALSE(session.take(answer(33, {0}))) << "a whole answer lacks a partition";
  begin(33);
  ask({wanted(0), wanted(1)});
  EXPECT_FALSE(session.take(answer(33, {2}))) << "nobody asked for it";
  EXPECT_EQ(session.next_epoch(), kInitialFetchEpoch);
}

TEST_F(FollowerSessions, ALeaderWithoutASlotIsAskedForAllEachTime) {
  begin(kNoFetchSession);
  const auto again = ask({wanted(0), wanted(1)});
  EXPECT_EQ(again.session_epoch, kInitialFetchEpoch);
  EXPECT_EQ(again.session_id, kNoFetchSession);
  EXPECT_EQ(named(again), (Named{0, 1}));
}

TEST_F(FollowerSessions, AfterALostAnswerTheNextRequestIsWhole) {
  begin(33);
  ask({wanted(0, 5), wanted(1)});
  session.lose();
  EXPECT_EQ(named(ask({wanted(0, 5), wanted(1)})), (Named{0, 1}));
}

TEST_F(FollowerSessions, WhatWasMissedIsToldAgain) {
  begin(33);
  session.missed({kTopicOfSession, PartitionIndex{1}});
  EXPECT_EQ(named(ask({wanted(0), wanted(1)})), (Named{0, 1})) << "named as it was, it would not be told";
  ASSERT_TRUE(session.take(answer(34, {0, 1})));
  session.missed({kTopicOfSession, PartitionIndex{1}});
  const auto without = ask({wanted(0)});
  EXPECT_EQ(without.session_epoch, 1) << "one that rests is forgotten, which does as well";
  ASSERT_TRUE(session.take(answer(34, {})));
  EXPECT_EQ(named(ask({wanted(0), wanted(1)})), (Named{1}));
}

TEST(FollowerSessionLives, BothHalvesMeanTheSameWhateverIsLostOrEvicted) {
  int incremental = 0;
  int evicted = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    test::SessionModel model(seed);
    const auto violation = model.run(200);
    ASSERT_FALSE(violation) << "seed " << seed << ": " << *violation;
    incremental += model.incremental();
    evicted += model.evicted();
  }
  EXPECT_GT(incremental, 5'000);
  EXPECT_GT(evicted, 1'000);
}

}  // namespace
}  // namespace gregor::broker
