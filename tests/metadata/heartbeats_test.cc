// Sessions, and what a heartbeat comes to: fenced, unfenced, on the way out (KIP-631, KIP-841, KIP-380).
#include "metadata/heartbeats.h"

#include <gtest/gtest.h>

#include "metadata/brokers.h"
#include "metadata/image_after.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

constexpr NodeId kOne{1};
constexpr NodeId kTwo{2};

struct Bench {
  explicit Bench(int brokers = 3) : log(brokers) {
    log.rules.min_insync_replicas = 2;
    book.begin(log.image(), now);
  }
  [[nodiscard]] BrokerEpoch epoch(NodeId id) const { return log.image().find_broker(id)->epoch; }
  [[nodiscard]] BrokerHeartbeat beat(NodeId id) const {
    return {.id = id, .epoch = epoch(id), .current_metadata_offset = log.next_offset() - 1};
  }
  HeartbeatDecision take(const BrokerHeartbeat& heartbeat) {
    auto decision = decide_broker_heartbeat(log.image(), book, log.rules, heartbeat).value();
    log.write(decision.records);
    book.took(heartbeat, decision, log.next_offset() - 1, now);
    return decision;
  }
  [[nodiscard]] const Partition& partition() const {
    return *log.image().find_topic("t")->partitions.find(PartitionIndex{0});
  }
  void create() { log.create({.name = "t", .assignments = {{0, {kOne, kTwo, NodeId{3}}}}}); }

  TestLog log;
  BrokerHeartbeats book{Milliseconds{9000}};
  MonotonicTime now{Milliseconds{1000}};
};

TEST(Heartbeats, ASessionLastsForItsTimeoutFromTheLastHeartbeat) {
  Bench bench;
  bench.now += Milliseconds{9000};
  EXPECT_TRUE(bench.book.has_session(bench.log.image(), kOne, bench.now));
  EXPECT_EQ(bench.book.next_expiry(bench.log.image()), bench.now + Nanoseconds{1});
  bench.take(bench.beat(kTwo));
  bench.now += Nanoseconds{1};
  EXPECT_FALSE(bench.book.has_session(bench.log.image(), kOne, bench.now));
  EXPECT_EQ(bench.book.expired(bench.log.image(), bench.now), (std::vector<NodeId>{kOne, NodeId{3}}));
}

TEST(Heartbeats, AProcessKnownToBeGoneHasNoSession) {
  Bench bench;
  bench.book.lost(kOne);
  EXPECT_EQ(bench.book.expired(bench.log.image(), bench.now), std::vector<NodeId>{kOne});
  EXPECT_LE(*bench.book.next_expiry(bench.log.image()), bench.now);
  bench.take(bench.beat(kOne));
  EXPECT_TRUE(bench.book.expired(bench.log.image(), bench.now).empty()) << "it was not gone";
}

// KAFKA-13173: each fencing sees what the one before left behind.
TEST(Heartbeats, SessionsThatEndTogetherAreEndedOneAfterTheOther) {
  Bench bench;
  bench.create();
  bench.now += Milliseconds{5000};
  bench.take(bench.beat(NodeId{3}));
  bench.now += Milliseconds{5000};
  const ExpiredSessions sessions = decide_expired_sessions(bench.log.image(), bench.book, bench.log.rules, bench.now);
  EXPECT_EQ(sessions.brokers, (std::vector<NodeId>{kOne, kTwo}));
  bench.log.write(sessions.records);
  EXPECT_EQ(bench.partition().leader, NodeId{3});
  EXPECT_EQ(bench.partition().isr, std::vector<NodeId>{NodeId{3}});
  EXPECT_EQ(bench.partition().eligible_leader_replicas, std::vector<NodeId>{kTwo});
}

TEST(Heartbeats, ABrokerIsUnfencedOnceItKnowsOfItsOwnRegistration) {
  Bench bench(0);
  const BrokerEpoch epoch = bench.log.register_broker(kOne, 1, /*unfenced=*/false);
  bench.book.registered(kOne, epoch, bench.now);
  BrokerHeartbeat early = bench.beat(kOne);
  early.current_metadata_offset = Offset{epoch.value() - 1};
  EXPECT_FALSE(bench.take(early).is_caught_up);
  EXPECT_TRUE(bench.log.image().find_broker(kOne)->fenced);
  BrokerHeartbeat shy = bench.beat(kOne);
  shy.want_fence = true;
  EXPECT_TRUE(bench.take(shy).is_fenced);
  const HeartbeatDecision granted = bench.take(bench.beat(kOne));
  EXPECT_TRUE(granted.is_caught_up && !granted.is_fenced);
  EXPECT_FALSE(bench.log.image().find_broker(kOne)->fenced);
}

TEST(Heartbeats, AFormerLifeIsNotHeard) {
  Bench bench;
  const BrokerHeartbeat former = bench.beat(kOne);
  bench.log.register_broker(kOne, 7);
  EXPECT_EQ(decide_broker_heartbeat(bench.log.image(), bench.book, bench.log.rules, former).error().code, Errc::stale);
  BrokerHeartbeat unknown = former;
  unknown.id = NodeId{9};
  EXPECT_EQ(decide_broker_heartbeat(bench.log.image(), bench.book, bench.log.rules, unknown).error().code,
            Errc::not_found);
}

TEST(Heartbeats, WhoLeavesWaitsUntilItsLeadershipsMovedAndAllOthersKnow) {
  Bench bench;
  bench.create();
  for (const NodeId id : {kOne, kTwo, NodeId{3}}) bench.take(bench.beat(id));
  BrokerHeartbeat leaving = bench.beat(kOne);
  leaving.want_shut_down = true;
  const HeartbeatDecision begun = bench.take(leaving);
  EXPECT_TRUE(begun.is_shutting_down && !begun.should_shut_down && !begun.is_fenced);
  EXPECT_EQ(bench.partition().leader, kTwo);
  EXPECT_EQ(bench.partition().isr, (std::vector<NodeId>{kTwo, NodeId{3}}));
  EXPECT_TRUE(bench.log.image().find_broker(kOne)->in_controlled_shutdown);
  EXPECT_FALSE(bench.take(leaving).should_shut_down) << "2 and 3 still believe in it";
  bench.take(bench.beat(kTwo));
  EXPECT_FALSE(bench.take(leaving).should_shut_down) << "3 does";
  bench.take(bench.beat(NodeId{3}));
  EXPECT_TRUE(bench.take(leaving).should_shut_down);
  EXPECT_TRUE(bench.log.image().find_broker(kOne)->fenced);
}

TEST(Heartbeats, WhoLeadsNothingOrIsFencedMayGoAtOnce) {
  Bench bench;
  BrokerHeartbeat leaving = bench.beat(kOne);
  leaving.want_shut_down = true;
  EXPECT_TRUE(bench.take(leaving).should_shut_down);
  EXPECT_TRUE(bench.take(leaving).should_shut_down);
}

TEST(Heartbeats, ABrokerOnItsWayOutMayBeSucceededWithinItsSession) {
  Bench bench;
  bench.create();
  RegisterBroker next{.id = kOne, .incarnation_id = {8, 8}, .cluster_id = kTestCluster, .log_dirs = {{2, 1}}};
  next.features = supported_features();
  EXPECT_EQ(fault_of_registration(bench.log.image(), next, kTestCluster, true)->error,
            wire::ErrorCode::duplicate_broker_registration);
  BrokerHeartbeat leaving = bench.beat(kOne);
  leaving.want_shut_down = true;
  bench.take(leaving);
  EXPECT_FALSE(fault_of_registration(bench.log.image(), next, kTestCluster, true));
}

// KIP-966: the broker tells the epoch that it wrote down when it ended cleanly.
TEST(Heartbeats, WhoComesBackWithoutACleanEndIsTrustedWithNothing) {
  Bench bench;
  bench.create();
  const auto come_back = [&](NodeId id, BrokerEpoch previous, std::uint64_t life) {
    RegisterBroker request{.id = id, .incarnation_id = {8, life}, .cluster_id = kTestCluster};
    request.features = supported_features();
    request.log_dirs = {{2, static_cast<std::uint64_t>(id.value())}};
    request.previous_broker_epoch = previous;
    bench.log.write(decide_register_broker(bench.log.image(), bench.log.rules, request, kTestCluster,
                                           bench.log.next_offset(), false)
                        .value()
                        .records);
  };
  come_back(NodeId{3}, bench.epoch(NodeId{3}), 1);
  come_back(kTwo, bench.epoch(kTwo), 2);
  EXPECT_EQ(bench.partition().eligible_leader_replicas, std::vector<NodeId>{kTwo}) << "it has all that it had";
  come_back(kTwo, BrokerEpoch{-1}, 3);
  EXPECT_TRUE(bench.partition().eligible_leader_replicas.empty());
  EXPECT_EQ(bench.partition().isr, std::vector<NodeId>{kOne});
}

}  // namespace
}  // namespace gregor::metadata
