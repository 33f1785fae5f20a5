// What the active controller does unasked.
#include <gtest/gtest.h>

#include "tests/controller/support/brokers.h"

namespace gregor::controller {
namespace {

constexpr NodeId k2{2};
constexpr NodeId k3{3};
constexpr NodeId k4{4};

void with_brokers(const std::shared_ptr<sim::DiskImage>& disk,
                  const std::function<void(env::Fiber&, const Seat&, FakeBrokers&)>& body) {
  NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    FakeBrokers brokers(self, seat);
    body(self, seat, brokers);
  });
  life.to_end();
  ASSERT_TRUE(life.started) << why(life.started);
  EXPECT_TRUE(life.stopped) << why(life.stopped);
}

TEST(Duties, ABrokerThatFallsSilentIsFencedAndOthersLead) {
  with_brokers(std::make_shared<sim::DiskImage>(), [](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3, k4});
    const TopicId topic = brokers.place("t", {k2, k3, k4});
    brokers.pass(std::chrono::seconds(8), {k3, k4});
    EXPECT_FALSE(brokers.shown(k2).fenced) << "its session is not over yet";
    brokers.pass(std::chrono::seconds(2), {k3, k4});
    EXPECT_TRUE(brokers.shown(k2).fenced);
    EXPECT_EQ(brokers.partition(topic).leader, k3);
    EXPECT_EQ(brokers.partition(topic).isr, (std::vector<NodeId>{k3, k4}));
    const auto back = brokers.beat(k2);
    ASSERT_TRUE(back) << why(back);
    EXPECT_FALSE(back->is_fenced) << "it lives again, in the same life";
    EXPECT_EQ(brokers.partition(topic).leader, k3);
  });
}

TEST(Duties, OfSeveralThatFallSilentTogetherNoneIsElected) {
  with_brokers(std::make_shared<sim::DiskImage>(), [](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3, k4});
    const TopicId topic = brokers.place("t", {k2, k3, k4});
    const TopicId pair = brokers.place("pair", {k2, k3});
    brokers.pass(std::chrono::seconds(11), {k4});
    EXPECT_TRUE(brokers.shown(k2).fenced);
    EXPECT_TRUE(brokers.shown(k3).fenced);
    EXPECT_EQ(brokers.partition(topic).leader, k4);
    EXPECT_EQ(brokers.partition(topic).isr, std::vector<NodeId>{k4});
    EXPECT_EQ(brokers.partition(pair).leader, metadata::kNoLeader);
    const metadata::Partition& left = brokers.partition(pair);
    EXPECT_FALSE(left.isr.empty() && left.eligible_leader_replicas.empty()) << "who may lead again is remembered";
  });
}

TEST(Duties, ANewLifeOfTheControllerGivesEveryBrokerAWholeSession) {
  const auto disk = std::make_shared<sim::DiskImage>();
  with_brokers(disk, [](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    brokers.serve(k2);
    brokers.pass(std::chrono::seconds(8), {});
  });
  with_brokers(disk, [](env::Fiber&, const Seat& seat, FakeBrokers& brokers) {
    const auto is_fenced = [&] { return seat.feed.image()->find_broker(k2)->fenced; };
    brokers.pass(std::chrono::seconds(8), {});
    EXPECT_FALSE(is_fenced());
    brokers.pass(std::chrono::seconds(2), {});
    EXPECT_TRUE(is_fenced());
  });
}

TEST(Duties, LeadershipGoesBackToThePreferredReplica) {
  with_brokers(std::make_shared<sim::DiskImage>(), [](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3});
    const TopicId topic = brokers.place("t", {k2, k3});
    brokers.pass(std::chrono::seconds(11), {k3});
    EXPECT_EQ(brokers.partition(topic).leader, k3);
    ASSERT_TRUE(brokers.beat(k2));
    ASSERT_TRUE(brokers.propose(topic, {k2, k3}));
    EXPECT_EQ(brokers.partition(topic).leader, k3);
    brokers.pass(std::chrono::seconds(301), {k2, k3});
    EXPECT_EQ(brokers.partition(topic).leader, k2);
  });
}

}  // namespace
}  // namespace gregor::controller
