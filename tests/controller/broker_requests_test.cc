// What the controller answers brokers: registrations, heartbeats, ISRs, directories.
#include <gtest/gtest.h>

#include "tests/controller/support/brokers.h"

namespace gregor::controller {
namespace {

using wire::ErrorCode;

constexpr NodeId k2{2};
constexpr NodeId k3{3};
constexpr NodeId k4{4};

void with_brokers(const std::function<void(env::Fiber&, const Seat&, FakeBrokers&)>& body) {
  NodeLife life(std::make_shared<sim::DiskImage>(), 1, [&](env::Fiber& self, const Seat& seat) {
    FakeBrokers brokers(self, seat);
    body(self, seat, brokers);
  });
  life.to_end();
  ASSERT_TRUE(life.started) << why(life.started);
  EXPECT_TRUE(life.stopped) << why(life.stopped);
}

TEST(BrokerRequests, ABrokerIsUnfencedOnlyWhenItsImageHoldsItsRegistration) {
  with_brokers([](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    const auto epoch = brokers.enroll(k2);
    ASSERT_TRUE(epoch) << why(epoch);
    const auto early = seat.controller.broker_heartbeat(
        self, seat.feed, {.id = k2, .epoch = *epoch, .current_metadata_offset = Offset{epoch->value() - 1}});
    ASSERT_TRUE(early) << why(early);
    EXPECT_FALSE(early->is_caught_up);
    EXPECT_TRUE(early->is_fenced);
    const auto told = brokers.beat(k2);
    ASSERT_TRUE(told) << why(told);
    EXPECT_TRUE(told->is_caught_up);
    EXPECT_FALSE(told->is_fenced);
    EXPECT_FALSE(brokers.shown(k2).fenced) << "shown before the answer";
  });
}

TEST(BrokerRequests, AnotherIncarnationIsRefusedWhileTheSessionLivesAndTakenWhenItEnded) {
  with_brokers([](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    brokers.serve(k2);
    const BrokerEpoch first = brokers.epoch(k2);
    EXPECT_EQ(brokers.enroll(k2, 2).error().code, Errc::exists);
    EXPECT_EQ(brokers.enroll(k2, 1), first) << "the same incarnation keeps its epoch";
    brokers.pass(std::chrono::seconds(10), {});
    const auto second = brokers.enroll(k2, 2);
    ASSERT_TRUE(second) << why(second);
    EXPECT_GT(*second, first);
  });
}

// Its machine lost power and came back: no connection ended, and the session of the former life has seconds to go.
TEST(BrokerRequests, WhoHasTheAddressesAndDirectoriesOfASilentFormerLifeIsTakenBeforeItsSessionEnds) {
  with_brokers([](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    brokers.serve(k2);
    const BrokerEpoch first = brokers.epoch(k2);
    brokers.pass(std::chrono::seconds(2), {});
    EXPECT_EQ(brokers.enroll(k2, 2).error().code, Errc::exists) << "no heartbeat is overdue";
    brokers.pass(std::chrono::seconds(2), {});
    EXPECT_FALSE(brokers.shown(k2).fenced) << "its session lasts";
    const auto second = brokers.enroll(k2, 2);
    ASSERT_TRUE(second) << why(second);
    EXPECT_GT(*second, first);
    EXPECT_EQ(brokers.beat(k2)->is_fenced, false);
  });
}

TEST(BrokerRequests, WhoHasOtherDirectoriesOrAddressesWaitsForTheEndOfTheSession) {
  with_brokers([](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    const auto come = [&](const std::function<void(metadata::RegisterBroker&)>& change) {
      auto asked = FakeBrokers::registration(k2, 2, seat.controller.identity().cluster_id);
      change(asked);
      return seat.controller.register_broker(self, seat.feed, std::move(asked));
    };
    brokers.serve(k2);
    brokers.pass(std::chrono::seconds(8), {});
    EXPECT_EQ(come([](auto& asked) { asked.log_dirs = {Uuid{1, 1}}; }).error().code, Errc::exists);
    EXPECT_EQ(come([](auto& asked) { asked.log_dirs.push_back(Uuid{1, 1}); }).error().code, Errc::exists);
    EXPECT_EQ(come([](auto& asked) { asked.listeners[0].host = "elsewhere"; }).error().code, Errc::exists);
    EXPECT_TRUE(come([](auto&) {}));
  });
}

TEST(BrokerRequests, AHeartbeatOfAnotherEpochIsStaleAndRenewsNothing) {
  with_brokers([](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    brokers.serve(k2);
    const BrokerEpoch old{brokers.epoch(k2).value() - 1};
    for (int i = 0; i < 12; ++i) {
      env::sleep_for(self, seat.shard.clock, std::chrono::seconds(1));
      const auto told = seat.controller.broker_heartbeat(self, seat.feed, {.id = k2, .epoch = old});
      EXPECT_EQ(told.error().code, Errc::stale);
    }
    EXPECT_TRUE(brokers.shown(k2).fenced);
    EXPECT_EQ(seat.controller.broker_heartbeat(self, seat.feed, {.id = k4}).error().code, Errc::not_found);
  });
}

TEST(BrokerRequests, OneThatWantsToLeaveIsLetGoWhenTheOthersKnow) {
  with_brokers([](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3});
    const TopicId topic = brokers.place("t", {k2, k3});
    const Offset before = seat.feed.image()->offset();
    const auto first = brokers.beat(k2, /*want_shut_down=*/true);
    ASSERT_TRUE(first) << why(first);
    EXPECT_FALSE(first->should_shut_down) << "the other does not know yet who leads";
    EXPECT_TRUE(brokers.shown(k2).in_controlled_shutdown);
    EXPECT_EQ(brokers.partition(topic).leader, k3);
    EXPECT_EQ(brokers.partition(topic).isr, std::vector<NodeId>{k3});
    ASSERT_TRUE(seat.controller.broker_heartbeat(
        self, seat.feed, {.id = k3, .epoch = brokers.epoch(k3), .current_metadata_offset = before}));
    EXPECT_FALSE(brokers.beat(k2, true)->should_shut_down);
    ASSERT_TRUE(brokers.beat(k3));
    EXPECT_TRUE(brokers.beat(k2, true)->should_shut_down);
    EXPECT_TRUE(brokers.shown(k2).fenced);
    EXPECT_TRUE(brokers.enroll(k2, 2)) << "it may come back at once";
  });
}

TEST(BrokerRequests, AnIsrIsAnsweredAfterItsCommitAndAskedAgainStands) {
  with_brokers([](env::Fiber&, const Seat&, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3, k4});
    const TopicId topic = brokers.place("t", {k2, k3, k4});
    const metadata::Partition before = brokers.partition(topic);
    const auto shrunk = brokers.propose(topic, {k2, k3});
    ASSERT_TRUE(shrunk) << why(shrunk);
    const auto& answer = shrunk->at(0).partitions.at(0);
    EXPECT_EQ(answer.error, ErrorCode::none);
    EXPECT_EQ(answer.isr, (std::vector<NodeId>{k2, k3}));
    EXPECT_EQ(answer.partition_epoch, before.partition_epoch + 1);
    EXPECT_EQ(brokers.partition(topic).isr, (std::vector<NodeId>{k2, k3})) << "shown before the answer";
    const auto same = brokers.propose(topic, {k2, k3});
    EXPECT_EQ(same->at(0).partitions.at(0).error, ErrorCode::none) << "asked again, it stands";
    EXPECT_EQ(same->at(0).partitions.at(0).isr, (std::vector<NodeId>{k2, k3}));
  });
}

TEST(BrokerRequests, AFormerLifeComesIntoNoIsr) {
  with_brokers([](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3});
    const TopicId topic = brokers.place("t", {k2, k3});
    ASSERT_TRUE(brokers.propose(topic, {k2}));
    const BrokerEpoch former = brokers.epoch(k3);
    brokers.pass(std::chrono::seconds(10), {k2});
    brokers.serve(k3, 2);
    const metadata::Partition present = brokers.partition(topic);
    metadata::AlterPartition late{.broker = k2, .broker_epoch = brokers.epoch(k2), .topics = {}};
    late.topics.push_back({.id = topic,
                           .partitions = {{.index = 0,
                                           .leader_epoch = present.leader_epoch,
                                           .partition_epoch = present.partition_epoch,
                                           .isr = {{k2, brokers.epoch(k2)}, {k3, former}}}}});
    const auto refused = seat.controller.alter_partition(self, seat.feed, late);
    ASSERT_TRUE(refused) << why(refused);
    EXPECT_EQ(refused->at(0).partitions.at(0).error, ErrorCode::ineligible_replica);
    EXPECT_EQ(brokers.propose(topic, {k2, k3})->at(0).partitions.at(0).error, ErrorCode::none);
    late.broker_epoch = BrokerEpoch{0};
    EXPECT_EQ(seat.controller.alter_partition(self, seat.feed, late).error().code, Errc::stale);
  });
}

TEST(BrokerRequests, AReassignmentEndsWithTheIsrThatHoldsAllNewReplicas) {
  with_brokers([](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3, k4});
    const TopicId topic = brokers.place("t", {k2, k3});
    const metadata::AlterReassignments asked{
        .topics = {{.name = "t", .partitions = {{.index = 0, .replicas = std::vector<NodeId>{k2, k4}}}}}};
    const auto begun = seat.controller.alter_reassignments(self, seat.feed, asked);
    ASSERT_TRUE(begun) << why(begun);
    EXPECT_EQ(begun->at(0).partitions.at(0).error, ErrorCode::none);
    const auto ongoing = seat.controller.list_reassignments(self, seat.feed, std::nullopt);
    ASSERT_TRUE(ongoing) << why(ongoing);
    ASSERT_EQ(ongoing->size(), 1U);
    EXPECT_EQ(ongoing->at(0).partitions.at(0).adding, std::vector<NodeId>{k4});
    ASSERT_TRUE(brokers.propose(topic, {k2, k3, k4}));
    EXPECT_EQ(brokers.partition(topic).replicas, (std::vector<NodeId>{k2, k4}));
    EXPECT_TRUE(seat.controller.list_reassignments(self, seat.feed, std::nullopt)->empty());
  });
}

TEST(BrokerRequests, ADirectoryThatFailedTakesItsReplicasOutOfTheIsr) {
  with_brokers([](env::Fiber& self, const Seat& seat, FakeBrokers& brokers) {
    brokers.serve_all({k2, k3});
    const TopicId topic = brokers.place("t", {k2, k3});
    const Uuid directory = brokers.shown(k2).log_dirs.at(0);
    ASSERT_TRUE(seat.controller.broker_heartbeat(self, seat.feed,
                                                 {.id = k2,
                                                  .epoch = brokers.epoch(k2),
                                                  .current_metadata_offset = seat.feed.image()->offset(),
                                                  .offline_log_dirs = {directory}}));
    EXPECT_EQ(brokers.partition(topic).leader, k3);
    EXPECT_FALSE(brokers.shown(k2).fenced);
  });
}

}  // namespace
}  // namespace gregor::controller
