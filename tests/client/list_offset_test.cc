// Which offset belongs to a time is asked of the partition's leader, whoever that becomes while one asks.
#include "client/list_offset.h"

#include <gtest/gtest.h>

#include "client/consumer.h"
#include "tests/client/support/small_world.h"

namespace gregor::client {
namespace {

using test::SmallWorld;

Outcome<FoundOffset> ask(env::Fiber& self, Cluster& cluster, std::int64_t timestamp_ms = kLatestOffset,
                         Milliseconds patience = Milliseconds(3'000)) {
  return list_offset(self, cluster, "orders", PartitionIndex{0}, timestamp_ms, cluster.deadline_in(patience));
}

TEST(ListOffset, AsksTheLeaderInItsEpochForTheTimeGiven) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.log("orders", 0).start = Offset{3};
  w.broker.log("orders", 0).end = Offset{8};
  w.run([&](env::Fiber& self, Cluster& cluster) {
    EXPECT_EQ(ask(self, cluster, kEarliestOffset)->offset, Offset{3});
    const auto latest = ask(self, cluster, kLatestOffset);
    EXPECT_EQ(latest->offset, Offset{8});
    EXPECT_EQ(latest->leader_epoch, LeaderEpoch{0});
    EXPECT_EQ(w.broker.metadata_asked, 1) << "the leader is known";
  });
}

TEST(ListOffset, AsksForTheLeaderAnewWhereItMoved) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.list_offsets_refusals = {wire::ErrorCode::not_leader_or_follower, wire::ErrorCode::fenced_leader_epoch};
  w.run([&](env::Fiber& self, Cluster& cluster) {
    EXPECT_TRUE(ask(self, cluster).has_value());
    EXPECT_EQ(w.broker.metadata_asked, 3);
  });
}

TEST(ListOffset, FailsAtOnceWithWhatWillNotChange) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.list_offsets_refusals = {wire::ErrorCode::topic_authorization_failed, wire::ErrorCode::unknown_server_error};
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const auto found = ask(self, cluster);
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, wire::ErrorCode::topic_authorization_failed);
    EXPECT_EQ(w.broker.list_offsets_refusals.size(), 1U) << "asked once";
  });
}

TEST(ListOffset, GivesUpAtTheDeadlineAndChangedNothing) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.list_offsets_refusals.assign(1'000, wire::ErrorCode::not_leader_or_follower);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    const MonotonicTime before = cluster.shard().clock.now();
    const auto found = ask(self, cluster);
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, wire::ErrorCode::not_leader_or_follower);
    EXPECT_EQ(found.error().fate, Fate::failed);
    EXPECT_LT(cluster.shard().clock.now() - before, Milliseconds(4'000));
  });
}

TEST(ListOffset, GoesOnAfterACrashOfTheBroker) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ASSERT_TRUE(ask(self, cluster).has_value());
    w.world.crash(w.broker_node);
    w.world.restart_after(w.broker_node, Milliseconds(500));
    EXPECT_TRUE(ask(self, cluster).has_value());
  });
}

}  // namespace
}  // namespace gregor::client
