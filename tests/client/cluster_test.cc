// The cluster as a client sees it: names, leaders, links, and waits between tries.
#include "client/cluster.h"

#include <gtest/gtest.h>

#include "client/admin.h"
#include "client/consumer.h"
#include "tests/client/support/small_world.h"

namespace gregor::client {
namespace {

using test::SmallWorld;

TEST(Bootstrap, ReadsHostsAndBracketedAddressesAndNamesWhatIsWrong) {
  const auto places = parse_bootstrap("one:9092, [::1]:9093");
  ASSERT_TRUE(places.has_value());
  EXPECT_EQ((*places)[0], (HostPort{"one", 9092}));
  EXPECT_EQ((*places)[1], (HostPort{"::1", 9093}));
  for (const char* wrong : {"", "one", "one:", "one:0", "one:70000", ":9092", "::1:9092", "one:9092,two"}) {
    EXPECT_FALSE(parse_bootstrap(wrong).has_value()) << wrong;
  }
}

TEST(Backoff, DoublesToItsMostWithAFifthOfJitter) {
  Backoff backoff(Milliseconds(100), Milliseconds(300));
  RandomStream random(1);
  for (const int nominal_ms : {100, 200, 300, 300}) {
    const Nanoseconds wait = backoff.draw(random);
    EXPECT_GE(wait, Milliseconds(nominal_ms * 4 / 5));
    EXPECT_LE(wait, Milliseconds(nominal_ms * 6 / 5));
  }
}

TEST(Cluster, AsksOnceForWhatItKnowsAndAgainForWhatItForgot) {
  SmallWorld w;
  w.broker.add_topic("orders", 2);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const MonotonicTime deadline = cluster.deadline_in(Milliseconds(5'000));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(cluster.leader_of(self, "orders", PartitionIndex{1}, deadline).has_value());
    EXPECT_EQ(w.broker.metadata_asked, 1);
    cluster.forget("orders");
    ASSERT_TRUE(cluster.topic(self, "orders", deadline, false).has_value());
    EXPECT_EQ(w.broker.metadata_asked, 2);
  });
}

TEST(Cluster, WaitsForALeaderAndSaysWhichTopicNeverHadOne) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.leaderless_answers = 3;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    EXPECT_TRUE(
        cluster.leader_of(self, "orders", PartitionIndex{0}, cluster.deadline_in(Milliseconds(5'000))).has_value());
    cluster.forget("orders");
    w.broker.leaderless_answers = 1'000'000;
    const auto never = cluster.leader_of(self, "orders", PartitionIndex{0}, cluster.deadline_in(Milliseconds(5'000)));
    ASSERT_FALSE(never.has_value());
    EXPECT_EQ(never.error().code, wire::ErrorCode::leader_not_available);
    EXPECT_EQ(never.error().fate, Fate::failed);
  });
}

TEST(Admin, MakesListsDescribesAndDeletes) {
  SmallWorld w;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Admin admin(cluster);
    NewTopic topic;
    topic.name = "orders";
    topic.partition_count = 4;
    ASSERT_TRUE(admin.create_topic(self, topic).has_value());
    const auto again = admin.create_topic(self, topic);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, wire::ErrorCode::topic_already_exists);
    EXPECT_EQ(again.error().fate, Fate::failed) << "somebody else made it";
    EXPECT_EQ(admin.list_topics(self)->size(), 1U);
    EXPECT_EQ(admin.describe_topic(self, "orders")->partitions.size(), 4U);
    EXPECT_EQ(admin.list_offset(self, "orders", PartitionIndex{3}, kLatestOffset)->offset, Offset{0});
    EXPECT_EQ(admin.describe_cluster(self)->brokers.size(), 1U);
    ASSERT_TRUE(admin.delete_topic(self, "orders").has_value());
    EXPECT_EQ(admin.delete_topic(self, "orders").error().code, wire::ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(admin.describe_topic(self, "orders").error().code, wire::ErrorCode::unknown_topic_or_partition);
  });
}

TEST(Admin, ACreationWhoseAnswerGotLostIsInDoubtWhenTheRetryFindsTheTopic) {
  SmallWorld w;
  w.broker.loses_create_answer = true;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    NewTopic topic;
    topic.name = "orders";
    const auto created = Admin(cluster).create_topic(self, topic);
    ASSERT_FALSE(created.has_value());
    EXPECT_EQ(created.error().code, wire::ErrorCode::topic_already_exists);
    EXPECT_EQ(created.error().fate, Fate::unknown);
  });
}

}  // namespace
}  // namespace gregor::client
