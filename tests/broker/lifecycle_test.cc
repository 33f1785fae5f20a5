// A broker's life against a controller that says what the test wants.
#include "broker/lifecycle.h"

#include <gtest/gtest.h>

#include <deque>

#include "sim/run_fiber.h"
#include "tests/broker/support/image_bench.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

constexpr NodeId kOwn{1};

struct Scripted final : ControllerCalls {
  Result<wire::BrokerRegistrationResponse> register_broker(env::Fiber&, const wire::BrokerRegistrationRequest& asked,
                                                           MonotonicTime) override {
    incarnations.push_back(asked.incarnation_id);
    previous_epoch = asked.previous_broker_epoch;
    wire::BrokerRegistrationResponse answer;
    if (!registration_errors.empty()) {
      answer.error_code = wire::wire_code(registration_errors.front());
      registration_errors.pop_front();
      return answer;
    }
    answer.broker_epoch = next_epoch;
    return answer;
  }
  Result<wire::BrokerHeartbeatResponse> heartbeat(env::Fiber&, const wire::BrokerHeartbeatRequest& asked,
                                                  MonotonicTime deadline) override {
    beats.push_back(asked);
    asked_until = deadline;
    if (is_silent) return fail(Errc::timed_out, "nobody answers");
    wire::BrokerHeartbeatResponse answer;
    answer.error_code = wire::wire_code(beat_error);
    answer.is_fenced = is_fenced;
    answer.should_shut_down = asked.want_shut_down && --beats_until_free <= 0;
    if (on_beat) on_beat();
    return answer;
  }

  std::int64_t next_epoch = 0;
  std::deque<ErrorCode> registration_errors;
  std::vector<Uuid> incarnations;
  std::int64_t previous_epoch = 0;
  std::vector<wire::BrokerHeartbeatRequest> beats;
  MonotonicTime asked_until{};
  ErrorCode beat_error = ErrorCode::none;
  bool is_fenced = false;
  bool is_silent = false;
  int beats_until_free = 1;
  std::function<void()> on_beat;
};

struct Bench {
  explicit Bench(env::Shard& shard, LifecycleSettings settings = {})
      : feed(shard, observer),
        life({.clock = shard.clock,
              .feed = feed,
              .log = log,
              .controller = controller,
              .epoch = epoch,
              .failed_directories = [this] { return failed; }},
             {.id = kOwn,
              .incarnation_id = Uuid{7, 7},
              .cluster_id = "c",
              .log_dirs = {Uuid{9, 9}},
              .previous_broker_epoch = BrokerEpoch{5}},
             settings) {}
  /// The image says that this broker, and others, are registered and unfenced.
  void show(const std::vector<NodeId>& unfenced) {
    for (const NodeId id : unfenced) images.add_broker(id, "h", 9092);
    images.show(feed);
    const metadata::BrokerRegistration* own = images.image().find_broker(kOwn);
    if (own != nullptr) controller.next_epoch = own->epoch.value();
  }

  observe::NullObserver observer;
  RememberingLog log;
  Scripted controller;
  std::atomic<BrokerEpoch> epoch{kNoBrokerEpoch};
  std::vector<Uuid> failed;
  controller::ImageFeed feed;
  ImageMaker images;
  Lifecycle life;
};

TEST(Lifecycle, EntersWhenTheControllerSaysSoAndTheImageShowsIt) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.show({kOwn});
    const auto entered = bench.life.enter(self);
    ASSERT_TRUE(entered);
    EXPECT_EQ(*entered, bench.epoch.load());
    EXPECT_EQ(bench.controller.previous_epoch, 5);
    ASSERT_EQ(bench.controller.beats.size(), 1U);
    EXPECT_EQ(bench.controller.beats[0].current_metadata_offset, bench.feed.image()->offset().value());
  });
}

TEST(Lifecycle, SpeaksAtOnceWhenAnotherBrokerBeginsToLeave) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.show({kOwn, NodeId{2}});
    ASSERT_TRUE(bench.life.enter(self));
    shard.fibers.spawn("keep", [&](env::Fiber& fiber) { bench.life.keep(fiber); });
    env::sleep_for(self, shard.clock, Milliseconds(10));
    const std::size_t before = bench.controller.beats.size();
    bench.images.begin_shutdown(NodeId{2});
    bench.images.show(bench.feed);
    env::sleep_for(self, shard.clock, Milliseconds(10));
    ASSERT_EQ(bench.controller.beats.size(), before + 1);
    EXPECT_EQ(bench.controller.beats.back().current_metadata_offset, bench.feed.image()->offset().value());
    bench.images.begin_shutdown(kOwn);
    bench.images.show(bench.feed);
    env::sleep_for(self, shard.clock, Milliseconds(10));
    EXPECT_EQ(bench.controller.beats.size(), before + 1) << "of its own leaving it knows";
    bench.life.stop();
    env::sleep_for(self, shard.clock, Milliseconds(10));
  });
}

TEST(Lifecycle, RegistersAgainUnderTheSameIncarnationUntilItIsTaken) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.show({kOwn});
    bench.controller.registration_errors = {ErrorCode::duplicate_broker_registration, ErrorCode::not_controller};
    ASSERT_TRUE(bench.life.enter(self));
    EXPECT_EQ(bench.controller.incarnations, (std::vector<Uuid>(3, Uuid{7, 7})));
  });
}

TEST(Lifecycle, GivesUpWhatCannotSucceedAtOnceAndTheRestAtTheDeadline) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench refused(shard);
    refused.controller.registration_errors = {ErrorCode::inconsistent_cluster_id};
    EXPECT_EQ(refused.life.enter(self).error().code, Errc::invalid);
    EXPECT_EQ(refused.controller.incarnations.size(), 1U);
    Bench late(shard, {.registration_timeout = Milliseconds(1000)});
    late.controller.registration_errors.assign(1000, ErrorCode::duplicate_broker_registration);
    const MonotonicTime begun = shard.clock.now();
    EXPECT_EQ(late.life.enter(self).error().code, Errc::timed_out);
    EXPECT_LE(shard.clock.now() - begun, Milliseconds(1300));
  });
}

TEST(Lifecycle, BeatsInItsIntervalAndTellsOfFailedDirectories) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard, {.heartbeat_interval = Milliseconds(500)});
    bench.show({kOwn});
    ASSERT_TRUE(bench.life.enter(self));
    const std::size_t before = bench.controller.beats.size();
    shard.fibers.spawn("keep", [&](env::Fiber& fiber) { bench.life.keep(fiber); });
    env::sleep_for(self, shard.clock, Milliseconds(2100));
    EXPECT_EQ(bench.controller.beats.size(), before + 4);
    bench.failed = {Uuid{9, 9}};
    bench.life.call();
    env::sleep_for(self, shard.clock, Milliseconds(10));
    ASSERT_EQ(bench.controller.beats.size(), before + 5);
    EXPECT_EQ(bench.controller.beats.back().offline_log_dirs, bench.failed);
    bench.life.stop();
    env::sleep_for(self, shard.clock, Milliseconds(2000));
    EXPECT_EQ(bench.controller.beats.size(), before + 5);
  });
}

TEST(Lifecycle, RegistersAnewWhenItsEpochIsNotKnownAnyMore) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard, {.heartbeat_interval = Milliseconds(100)});
    bench.show({kOwn});
    ASSERT_TRUE(bench.life.enter(self));
    shard.fibers.spawn("keep", [&](env::Fiber& fiber) { bench.life.keep(fiber); });
    bench.controller.beat_error = ErrorCode::stale_broker_epoch;
    bench.controller.next_epoch = 77;
    bench.controller.on_beat = [&] { bench.controller.beat_error = ErrorCode::none; };
    env::sleep_for(self, shard.clock, Milliseconds(350));
    EXPECT_EQ(bench.epoch.load(), BrokerEpoch{77});
    EXPECT_EQ(bench.controller.beats.back().broker_epoch, 77);
    EXPECT_EQ(bench.controller.incarnations, (std::vector<Uuid>(2, Uuid{7, 7})));
    bench.life.stop();
    env::sleep_for(self, shard.clock, Milliseconds(200));
  });
}

TEST(Lifecycle, LeavesWhenItIsLetGoAndBeatsNoMore) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard, {.heartbeat_interval = Milliseconds(100)});
    bench.show({kOwn, NodeId{2}});
    ASSERT_TRUE(bench.life.enter(self));
    EXPECT_TRUE(bench.life.has_company());
    shard.fibers.spawn("keep", [&](env::Fiber& fiber) { bench.life.keep(fiber); });
    bench.controller.beats_until_free = 3;
    const std::size_t before = bench.controller.beats.size();
    ASSERT_TRUE(bench.life.leave(self));
    ASSERT_EQ(bench.controller.beats.size(), before + 3);
    EXPECT_TRUE(bench.controller.beats.back().want_shut_down);
    EXPECT_FALSE(bench.controller.beats.back().want_fence);
    env::sleep_for(self, shard.clock, Milliseconds(1000));
    EXPECT_EQ(bench.controller.beats.size(), before + 3);
  });
}

TEST(Lifecycle, AloneItIsFencedAtOnceAndADeafControllerHoldsItNoLongerThanItsDeadline) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench alone(shard);
    alone.show({kOwn});
    ASSERT_TRUE(alone.life.enter(self));
    ASSERT_TRUE(alone.life.leave(self));
    EXPECT_TRUE(alone.controller.beats.back().want_fence);
    Bench deaf(shard, {.leaving_max = Milliseconds(3'000)});
    deaf.show({kOwn, NodeId{2}});
    ASSERT_TRUE(deaf.life.enter(self));
    deaf.controller.is_silent = true;
    const MonotonicTime deadline = shard.clock.now() + Milliseconds(3'000);
    EXPECT_EQ(deaf.life.leave(self).error().code, Errc::timed_out);
    EXPECT_GE(shard.clock.now(), deadline);
    EXPECT_LE(shard.clock.now(), deadline + Milliseconds(100));
  });
}

TEST(Lifecycle, AnOnlyNodeWaitsForItsOwnController) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench only(shard, {.leaving_max = Milliseconds(3'000), .is_alone = true});
    only.show({kOwn});
    ASSERT_TRUE(only.life.enter(self));
    only.controller.is_silent = true;
    const MonotonicTime deadline = shard.clock.now() + Milliseconds(3'000);
    EXPECT_FALSE(only.life.leave(self));
    EXPECT_EQ(only.controller.asked_until, deadline);
  });
}

TEST(Lifecycle, WhereAllLeaveTheLastDoesNotWaitForAQuorumThatIsGone) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench last(shard);
    last.show({kOwn, NodeId{2}});
    ASSERT_TRUE(last.life.enter(self));
    last.controller.is_silent = true;
    const MonotonicTime began = shard.clock.now();
    shard.fibers.spawn("the other leaves", [&](env::Fiber& fiber) {
      env::sleep_for(fiber, shard.clock, Milliseconds(500));
      last.images.begin_shutdown(NodeId{2});
      last.images.show(last.feed);
    });
    EXPECT_EQ(last.life.leave(self).error().code, Errc::timed_out);
    EXPECT_GE(shard.clock.now() - began, Milliseconds(2'500));
    EXPECT_LE(shard.clock.now() - began, Milliseconds(2'700));
  });
}

}  // namespace
}  // namespace gregor::broker
