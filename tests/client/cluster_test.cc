// The cluster as a client sees it: names, leaders, links, and waits between tries.
#include "client/cluster.h"

#include <gtest/gtest.h>

#include <set>

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

TEST(Cluster, AsksAgainForWhatItLearnedTooLongAgo) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  ClusterSettings settings = SmallWorld::settings();
  settings.metadata_max_age = Milliseconds(60'000);
  w.run(
      [&](env::Fiber& self, Cluster& cluster) {
        const auto ask = [&] {
          return cluster.topic(self, "orders", cluster.deadline_in(Milliseconds(5'000)), false).has_value();
        };
        ASSERT_TRUE(ask());
        env::sleep_for(self, cluster.shard().clock, Milliseconds(59'000));
        ASSERT_TRUE(ask());
        EXPECT_EQ(w.broker.metadata_asked, 1);
        env::sleep_for(self, cluster.shard().clock, Milliseconds(2'000));
        ASSERT_TRUE(ask());
        EXPECT_EQ(w.broker.metadata_asked, 2);
      },
      settings);
}

TEST(Cluster, AnUnknownTopicIsSoughtUntilTheDeadlineAndMadeOnlyWhereAllowed) {
  SmallWorld w;
  w.broker.creates_topics = true;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const MonotonicTime before = cluster.shard().clock.now();
    const auto missing = cluster.topic(self, "orders", cluster.deadline_in(Milliseconds(3'000)), false);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, wire::ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(missing.error().fate, Fate::failed);
    EXPECT_EQ(missing.error().error.text, "topic orders");
    EXPECT_GE(cluster.shard().clock.now() - before, Milliseconds(3'000));
    EXPECT_GT(w.broker.metadata_asked, 3);
    const auto made = cluster.topic(self, "orders", cluster.deadline_in(Milliseconds(3'000)), true);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->partitions.size(), 3U);
  });
}

TEST(Cluster, APartitionThatTheTopicLacksIsUnknown) {
  SmallWorld w;
  w.broker.add_topic("orders", 2);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const auto beyond = cluster.leader_of(self, "orders", PartitionIndex{2}, cluster.deadline_in(Milliseconds(1'000)));
    ASSERT_FALSE(beyond.has_value());
    EXPECT_EQ(beyond.error().code, wire::ErrorCode::unknown_topic_or_partition);
  });
}

TEST(Cluster, HasOneLinkToABrokerHoweverManyAskForItAtOnce) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    std::set<Connection*> links;
    int done = 0;
    for (int i = 0; i < 8; ++i) {
      cluster.shard().fibers.spawn("asks", [&](env::Fiber& fiber) {
        links.insert(cluster.any_link(fiber).value().get());
        ++done;
      });
    }
    while (done < 8) env::sleep_for(self, cluster.shard().clock, Milliseconds(10));
    EXPECT_EQ(links.size(), 1U);
    EXPECT_EQ(w.broker.accepted, 1);
  });
}

TEST(Cluster, OpensANewLinkWhereTheOldOneDiedAndGoesBackToTheBootstrapList) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  ClusterSettings settings = SmallWorld::settings();
  settings.bootstrap = {{"nowhere", 1}, {"broker", test::kPort}};
  w.run(
      [&](env::Fiber& self, Cluster& cluster) {
        const auto first = cluster.any_link(self);
        ASSERT_TRUE(first.has_value()) << first.error().to_text();
        w.world.crash(w.broker_node);
        env::sleep_for(self, cluster.shard().clock, Milliseconds(10));
        EXPECT_FALSE((*first)->is_open());
        const auto none = cluster.any_link(self);
        ASSERT_FALSE(none.has_value());
        EXPECT_EQ(none.error().fate, Fate::failed);
        w.world.restart(w.broker_node);
        env::sleep_for(self, cluster.shard().clock, Milliseconds(10));
        EXPECT_TRUE(cluster.any_link(self).has_value());
      },
      settings);
}

TEST(Cluster, KnowsNoLinkToABrokerThatNobodyToldOf) {
  SmallWorld w;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const auto link = cluster.link_to(self, NodeId{9});
    ASSERT_FALSE(link.has_value());
    EXPECT_EQ(link.error().error.code, Errc::not_found);
  });
}

TEST(Cluster, ThatIsClosedHasNoOpenLink) {
  SmallWorld w;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const auto link = cluster.any_link(self).value();
    cluster.close();
    EXPECT_FALSE(link->is_open());
  });
}

}  // namespace
}  // namespace gregor::client
