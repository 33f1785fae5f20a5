// Throttled copying keeps to its rate over the window, a burst delays what comes by one window at most, and who is in
// sync is never held back (KIP-73). Method: the quota by itself, then three replicas, requests by hand.
#include "partition/replication_quota.h"

#include <gtest/gtest.h>

#include "tests/partition/support/trio.h"

namespace gregor::partition {
namespace {

using std::chrono::seconds;
using test::Trio;

constexpr NodeId kA{1};
constexpr NodeId kB{2};

TEST(ReplicationQuota, IsExceededWhenTheWindowsShareIsUsedUpAndFreeWhenTheRateMadeUpForIt) {
  ReplicationQuota quota;
  const QuotaLimit limit{.rate = 1'000, .window = seconds(10)};
  MonotonicTime now{seconds(100)};
  quota.record(now, 9'000, limit);
  EXPECT_FALSE(quota.is_exceeded(now, limit));
  quota.record(now, 3'000, limit);
  EXPECT_TRUE(quota.is_exceeded(now, limit));
  EXPECT_TRUE(quota.is_exceeded(now + Milliseconds(1'900), limit));
  EXPECT_FALSE(quota.is_exceeded(now + Milliseconds(2'000), limit));
}

TEST(ReplicationQuota, OverALongTimeTheRateIsKept) {
  ReplicationQuota quota;
  const QuotaLimit limit{.rate = 5'000, .window = seconds(10)};
  std::uint64_t copied = 0;
  for (MonotonicTime now{seconds(1)}; now < MonotonicTime{seconds(1'001)}; now += Milliseconds(10)) {
    if (quota.is_exceeded(now, limit)) continue;
    quota.record(now, 700, limit);
    copied += 700;
  }
  EXPECT_GT(copied, 4'950'000U);
  EXPECT_LT(copied, 5'060'000U) << "a window's burst at the begin";
}

TEST(ReplicationQuota, HoweverMuchCameAtOnceTheDelayIsAWindowAtMost) {
  ReplicationQuota quota;
  const QuotaLimit limit{.rate = 1, .window = seconds(10)};
  const MonotonicTime now{seconds(5)};
  quota.record(now, UINT64_MAX, limit);
  quota.record(now, 1'000'000'000, limit);
  EXPECT_TRUE(quota.is_exceeded(now + seconds(9), limit));
  EXPECT_FALSE(quota.is_exceeded(now + seconds(10), limit));
  const QuotaLimit none{.rate = 0, .window = seconds(10)};
  quota.record(now + seconds(60), 1, none);
  quota.record(now + seconds(60), 1, none);
  EXPECT_TRUE(quota.is_exceeded(now + seconds(60), none));
}

TEST(ReplicationQuota, WithoutALimitNothingIsExceededNorRemembered) {
  ReplicationQuota quota;
  const MonotonicTime now{seconds(5)};
  quota.record(now, 1'000'000, {.window = seconds(10)});
  EXPECT_FALSE(quota.is_exceeded(now, {.window = seconds(10)}));
  EXPECT_FALSE(quota.is_exceeded(now, {.rate = 1, .window = seconds(10)}));
}

TEST(ReplicationQuota, TheWindowIsThatOfTheBrokersSettings) {
  config::BrokerConfig settings;
  EXPECT_EQ(replication_limit(settings, 7).window, seconds(10));
  settings.replication_quota_window_num = 4;
  settings.replication_quota_window_size_seconds = 2;
  EXPECT_EQ(replication_limit(settings, 7).window, seconds(6));
  EXPECT_EQ(replication_limit(settings, 7).rate, 7);
}

TEST(ReplicationQuota, ReplicasAreNamedByPartitionAndBrokerOrAllAtOnce) {
  EXPECT_FALSE(names_replica({}, PartitionIndex{1}, kB));
  EXPECT_TRUE(names_replica({"*"}, PartitionIndex{1}, kB));
  EXPECT_TRUE(names_replica({"0:1", "1:2"}, PartitionIndex{1}, kB));
  EXPECT_FALSE(names_replica({"0:1", "1:2"}, PartitionIndex{0}, kB));
}

config::TopicConfig throttled(const std::string& leaders, const std::string& followers) {
  config::TopicConfig config;
  if (!leaders.empty()) config.leader_replication_throttled_replicas = {leaders};
  if (!followers.empty()) config.follower_replication_throttled_replicas = {followers};
  return config;
}

/// Five records at a that nobody else holds, b alone with it in the ISR, and that stays so.
void fill_without_c(env::Fiber& self, Trio& trio) {
  trio.a.proposals_are_lost = true;
  trio.controller.set_isr({kA, kB});
  trio.hear(self);
  for (int i = 0; i < 5; ++i) trio.a.submit({.values = {std::string(1'000, 'x')}}, 1)->await(self);
}

TEST(ReplicationThrottle, ALeaderLeavesOutWhoIsOutsideTheIsrWhileItsRateIsUsedUp) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, throttled("0:1", ""));
    trio.a.settings.leader_replication_throttled_rate = 200;
    fill_without_c(self, trio);
    test::fetch(self, trio.c, trio.a, 1);
    test::fetch(self, trio.c, trio.a, 1);
    EXPECT_EQ(trio.c.log_end(), Offset{2});
    test::fetch(self, trio.c, trio.a, 1);
    EXPECT_EQ(trio.c.log_end(), Offset{2}) << "2,000 bytes in ten seconds are used up";
    for (int i = 0; i < 6; ++i) test::fetch(self, trio.b, trio.a, 1);
    EXPECT_EQ(trio.b.log_end(), Offset{5}) << "who is in sync is not held back";
    env::sleep_for(self, shard.clock, seconds(11));
    for (int i = 0; i < 3; ++i) test::fetch(self, trio.c, trio.a, 1);
    EXPECT_EQ(trio.c.log_end(), Offset{3}) << "b's copies counted too";
    trio.a.settings.leader_replication_throttled_rate = config::kUnlimited;
    trio.replicate(self, 2);
    EXPECT_EQ(trio.c.log_end(), Offset{5});
  });
}

TEST(ReplicationThrottle, AFollowerThatLagsAsksForNothingWhileItsRateIsUsedUp) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, throttled("", "*"));
    trio.c.settings.follower_replication_throttled_rate = 200;
    fill_without_c(self, trio);
    for (int i = 0; i < 3; ++i) test::fetch(self, trio.b, trio.a);
    EXPECT_EQ(trio.a.high_watermark(), Offset{5});
    for (int i = 0; i < 4; ++i) test::fetch(self, trio.c, trio.a, 1);
    EXPECT_EQ(trio.c.log_end(), Offset{2}) << "2,000 bytes in ten seconds are used up";
    EXPECT_TRUE(trio.c.partition->is_held_back());
    EXPECT_EQ(trio.c.partition->next_step().kind, replica::FollowerStep::Kind::none);
    env::sleep_for(self, shard.clock, seconds(11));
    EXPECT_FALSE(trio.c.partition->is_held_back());
    trio.replicate(self, 2);
    EXPECT_EQ(trio.c.high_watermark(), Offset{5});
    trio.a.submit({.values = {std::string(9'000, 'x')}}, 1)->await(self);
    trio.replicate(self, 3);
    EXPECT_EQ(trio.c.log_end(), Offset{6});
    EXPECT_FALSE(trio.c.partition->is_held_back()) << "in sync, it goes on, however much it copied";
  });
}

TEST(ReplicationThrottle, ReplicasThatAreNotNamedAreFree) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, throttled("0:2", "0:2"));
    trio.a.settings.leader_replication_throttled_rate = 1;
    trio.c.settings.follower_replication_throttled_rate = 1;
    fill_without_c(self, trio);
    trio.replicate(self, 6);
    EXPECT_EQ(trio.c.log_end(), Offset{5});
  });
}

}  // namespace
}  // namespace gregor::partition
