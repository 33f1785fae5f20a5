// A controller that leads, and one that does not any more.
#include <gtest/gtest.h>

#include "controller/controller_state.h"
#include "tests/controller/support/brokers.h"

namespace gregor::controller {
namespace {

TEST(Leadership, FeedsAreToldWhoLeadsAndThatItIsHere) {
  NodeLife life(std::make_shared<sim::DiskImage>(), 2, [](env::Fiber&, const Seat& seat) {
    const QuorumLeader& leader = seat.feed.leader();
    EXPECT_EQ(leader.id, NodeId{1});
    EXPECT_GE(leader.epoch, LeaderEpoch{1});
    EXPECT_TRUE(leader.is_here);
  });
  life.to_end();
  EXPECT_TRUE(life.started) << why(life.started);
}

TEST(Leadership, StateThatIsNotActiveDecidesNothing) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    const config::BrokerConfig config;
    observe::NullObserver observer;
    observe::NullLog log;
    const auto state = std::make_shared<Controller::State>(shard, config, observer, log);
    ImageFeed feed(shard, observer);
    state->follow(feed, ShardId{0});
    bool was_asked = false;
    const auto decide = [&](env::Fiber&) -> Result<int> {
      was_asked = true;
      return 1;
    };
    EXPECT_EQ(request<int>(self, feed, state, decide).error().code, Errc::closed);
    state->on_leadership({.epoch = LeaderEpoch{3}, .leader = NodeId{2}});
    EXPECT_EQ(request<int>(self, feed, state, decide).error().code, Errc::closed);
    EXPECT_FALSE(was_asked);
    feed.wait_for_leader(self, shard.clock.now() + Milliseconds(1));
    EXPECT_EQ(feed.leader(), (QuorumLeader{.id = NodeId{2}, .epoch = LeaderEpoch{3}, .is_here = false}));
  });
}

TEST(Leadership, DecisionsEndWithItAndBeginWithTheNext) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    const config::BrokerConfig config;
    observe::NullObserver observer;
    observe::NullLog log;
    const auto state = std::make_shared<Controller::State>(shard, config, observer, log);
    ImageFeed feed(shard, observer);
    const auto decide = [](env::Fiber&) -> Result<int> { return 1; };
    const auto lead = [&](std::int32_t epoch) {
      state->on_leadership({.epoch = LeaderEpoch{epoch}, .leader = NodeId{1}, .is_ours = true});
      state->active_epoch = LeaderEpoch{epoch};
    };
    lead(3);
    EXPECT_TRUE(request<int>(self, feed, state, decide));
    state->on_leadership({.epoch = LeaderEpoch{4}, .leader = NodeId{2}});
    EXPECT_EQ(request<int>(self, feed, state, decide).error().code, Errc::closed);
    state->on_leadership({.epoch = LeaderEpoch{5}, .leader = NodeId{1}, .is_ours = true});
    EXPECT_EQ(request<int>(self, feed, state, decide).error().code, Errc::closed) << "it leads, and is not ready yet";
    lead(6);
    EXPECT_TRUE(request<int>(self, feed, state, decide));
  });
}

}  // namespace
}  // namespace gregor::controller
