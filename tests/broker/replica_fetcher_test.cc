// Fetchers bring every partition that follows a leader up to it, several in one request, and leave alone for a while
// what was refused.
// Method: three partitions over logs on a simulated disk; links answer out of the leader's partition, in virtual time.
#include "broker/replica_fetcher.h"

#include <gtest/gtest.h>

#include "tests/partition/support/trio.h"
#include "wire/error_code.h"

namespace gregor::broker {
namespace {

using partition::FollowerAsk;
using partition::Isolation;
using partition::test::Member;
using partition::test::Trio;

constexpr NodeId kB{2};

/// Another broker, as a link shows it: one partition, one request at a time.
class PartitionLink final : public LeaderLink {
 public:
  struct Wire {
    bool is_cut = false;
    bool is_half_open = false;  ///< asked for ever, as of a machine that lost power
    int fetches = 0;
    int ranges = 0;
    std::int16_t refusal = 0;
    bool keeps_sessions = false;
    std::int32_t session = 0;  ///< that it keeps, with what was asked last; 0: none
    std::int32_t next_epoch = 1;
    wire::FetchRequest::FetchPartition kept = {};
    TopicId kept_topic = {};
    std::vector<std::size_t> named = {};  ///< by each request
  };
  PartitionLink(Member& leader, Wire& wire) : leader_(leader), wire_(wire) {}

  Result<LeaderReply<wire::FetchResponse>> fetch(env::Fiber& self, const wire::FetchRequest& request) override {
    ++wire_.fetches;
    while (wire_.is_half_open && !is_closed_) env::sleep_for(self, leader_.shard.clock, Milliseconds(1));
    if (wire_.is_cut || is_closed_) return fail(Errc::closed, "the link is cut");
    LeaderReply<wire::FetchResponse> reply;
    if (!in_session(request, reply.body)) return reply;
    const auto asked = wire_.kept;
    auto read = leader_.partition->read(
        self, {.offset = Offset{asked.fetch_offset},
               .current_leader_epoch = LeaderEpoch{asked.current_leader_epoch},
               .last_fetched_epoch = LeaderEpoch{asked.last_fetched_epoch},
               .bytes_max = static_cast<std::size_t>(asked.partition_max_bytes),
               .follower = FollowerAsk{.replica = NodeId{request.replica_state.replica_id},
                                       .broker_epoch = BrokerEpoch{request.replica_state.replica_epoch},
                                       .log_start = Offset{asked.log_start_offset}}});
    env::sleep_for(self, leader_.shard.clock, Milliseconds(2));
    reply.body.session_id = wire_.session;
    auto& topic = reply.body.responses.emplace_back();
    topic.topic_id = wire_.kept_topic;
    auto& told = topic.partitions.emplace_back();
    told.error_code = wire_.refusal != 0 ? wire_.refusal : static_cast<std::int16_t>(read.error);
    told.high_watermark = read.high_watermark.value();
    told.log_start_offset = read.log_start_offset.value();
    told.records = read.records;
    if (read.diverging) {
      told.diverging_epoch = {.epoch = read.diverging->epoch.value(), .end_offset = read.diverging->end_offset.value()};
    }
    reply.owner = read.owner;
    return reply;
  }

  Result<LeaderReply<wire::ListOffsetsResponse>> list_offsets(env::Fiber& self,
                                                              const wire::ListOffsetsRequest& request) override {
    ++wire_.ranges;
    const auto& asked = request.topics.at(0).partitions.at(0);
    const auto found =
        leader_.partition->find_offset(self, asked.timestamp, Isolation::read_uncommitted,
                                       LeaderEpoch{asked.current_leader_epoch}, partition::Reader::follower);
    LeaderReply<wire::ListOffsetsResponse> reply;
    auto& topic = reply.body.topics.emplace_back();
    topic.name = partition::test::kOrders.topic;
    topic.partitions.push_back({.partition_index = asked.partition_index,
                                .error_code = static_cast<std::int16_t>(found.error),
                                .offset = found.offset.value()});
    return reply;
  }
  void close() override { is_closed_ = true; }

 private:
  /// False: refused, as a leader does that lost its session or counts otherwise.
  bool in_session(const wire::FetchRequest& request, wire::FetchResponse& answer) {
    wire_.named.push_back(request.topics.size());
    if (!request.topics.empty()) {
      wire_.kept = request.topics[0].partitions.at(0);
      wire_.kept_topic = request.topics[0].topic_id;
    }
    if (request.session_epoch == 0) {
      if (wire_.keeps_sessions) ++wire_.session;
      wire_.next_epoch = 1;
      return true;
    }
    const bool is_known = wire_.session != 0 && request.session_id == wire_.session;
    if (!is_known) answer.error_code = wire::wire_code(wire::ErrorCode::fetch_session_id_not_found);
    if (is_known && request.session_epoch != wire_.next_epoch)
      answer.error_code = wire::wire_code(wire::ErrorCode::invalid_fetch_session_epoch);
    ++wire_.next_epoch;
    return answer.error_code == 0;
  }

  Member& leader_;
  Wire& wire_;
  bool is_closed_ = false;
};

/// Fetchers of one member. Lives within one run_fiber body; to be ended before.
struct Fetching {
  Fetching(Trio& trio, Member& member)
      : fetchers(FetcherSeat{.shard = member.shard,
                             .settings = member.settings,
                             .log = member.log,
                             .dial = [this, &trio](env::Fiber&, NodeId leader) -> Result<std::shared_ptr<LeaderLink>> {
                               ++dials;
                               if (is_unreachable) return fail(Errc::not_found, "nobody is there");
                               return std::make_shared<PartitionLink>(
                                   *trio.all()[static_cast<std::size_t>(leader.value() - 1)], wire);
                             },
                             .broker_epoch = [] { return BrokerEpoch{1}; },
                             .epoch_of = [this](NodeId) { return epoch_of_leader; }}) {
    fetchers.on_following(*member.partition);
  }
  void end(env::Fiber& self) {
    fetchers.begin_to_stop();
    fetchers.end(self);
  }
  PartitionLink::Wire wire;
  int dials = 0;
  BrokerEpoch epoch_of_leader{7};
  bool is_unreachable = false;
  ReplicaFetchers fetchers;
};

config::TopicConfig small() {
  config::TopicConfig config;
  config.min_insync_replicas = 2;
  return config;
}

TEST(ReplicaFetchers, AcksAllIsAnsweredOnceBothFollowersHaveFetched) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, small());
    Fetching b(trio, trio.b);
    Fetching c(trio, trio.c);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(trio.a.submit({.values = {std::to_string(i)}})->await(self).error, 0);
    }
    env::sleep_for(self, shard.clock, Milliseconds(20));
    EXPECT_EQ(trio.b.file(self), trio.a.file(self));
    EXPECT_EQ(trio.c.file(self), trio.a.file(self));
    EXPECT_EQ(trio.c.high_watermark(), Offset{5});
    EXPECT_EQ(b.dials, 1) << "one link serves";
    b.end(self);
    c.end(self);
    EXPECT_EQ(b.fetchers.lane_count(), 0U);
  });
}

TEST(ReplicaFetchers, AfterAFailoverTheOldLaneEndsAndTheLogIsTheNewLeaders) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, small());
    Fetching c(trio, trio.c);
    trio.a.submit({.values = {"only here and there"}}, 1)->await(self);
    env::sleep_for(self, shard.clock, Milliseconds(20));
    ASSERT_EQ(trio.c.log_end(), Offset{1});
    trio.controller.elect(kB);
    trio.hear(self);
    c.fetchers.on_following(*trio.c.partition);
    trio.b.submit({.values = {"of b"}}, 1)->await(self);
    env::sleep_for(self, shard.clock, Milliseconds(50));
    EXPECT_EQ(trio.c.file(self), trio.b.file(self));
    EXPECT_EQ(c.fetchers.lane_count(), 1U);
    c.end(self);
  });
}

TEST(ReplicaFetchers, ALinkToALeadersFormerLifeIsGivenUp) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, small());
    Fetching c(trio, trio.c);
    trio.a.submit({.values = {"before"}}, 1)->await(self);
    env::sleep_for(self, shard.clock, Milliseconds(20));
    c.wire.is_half_open = true;
    trio.a.submit({.values = {"meanwhile"}}, 1)->await(self);
    env::sleep_for(self, shard.clock, Milliseconds(1'000));
    ASSERT_EQ(trio.c.log_end(), Offset{1});
    c.fetchers.on_following(*trio.c.partition);
    env::sleep_for(self, shard.clock, Milliseconds(1'000));
    EXPECT_EQ(c.dials, 1) << "the leader may be slow";
    c.epoch_of_leader = BrokerEpoch{8};
    c.fetchers.on_following(*trio.c.partition);
    env::sleep_for(self, shard.clock, Milliseconds(5));
    c.wire.is_half_open = false;
    env::sleep_for(self, shard.clock, Milliseconds(50));
    EXPECT_EQ(c.dials, 2);
    EXPECT_EQ(trio.c.log_end(), Offset{2});
    c.end(self);
  });
}

TEST(ReplicaFetchers, WhatWasRefusedIsAskedAgainSoonAndThenRestsLonger) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, small());
    trio.b.settings.replica_fetch_backoff_ms = 1'000;
    Fetching b(trio, trio.b);
    b.wire.refusal = wire::wire_code(wire::ErrorCode::unknown_leader_epoch);
    trio.a.submit({.values = {"x"}}, 1)->await(self);
    env::sleep_for(self, shard.clock, Milliseconds(35));
    EXPECT_EQ(b.wire.fetches, 3);
    env::sleep_for(self, shard.clock, Milliseconds(900));
    EXPECT_EQ(b.wire.fetches, 7);
    b.wire.refusal = 0;
    env::sleep_for(self, shard.clock, Milliseconds(400));
    EXPECT_EQ(trio.b.log_end(), Offset{1});
    b.end(self);
  });
}

TEST(ReplicaFetchers, ALinkThatFailsIsMadeAnewAndANodeThatCannotBeReachedIsAskedAgain) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, small());
    trio.b.settings.replica_fetch_backoff_ms = 100;
    Fetching b(trio, trio.b);
    b.is_unreachable = true;
    trio.a.submit({.values = {"x"}}, 1)->await(self);
    env::sleep_for(self, shard.clock, Milliseconds(340));
    EXPECT_EQ(b.dials, 6);
    b.is_unreachable = false;
    env::sleep_for(self, shard.clock, Milliseconds(100));
    EXPECT_EQ(trio.b.log_end(), Offset{1});
    b.wire.is_cut = true;
    env::sleep_for(self, shard.clock, Milliseconds(20));
    b.wire.is_cut = false;
    trio.a.submit({.values = {"y"}}, 1)->await(self);
    env::sleep_for(self, shard.clock, Milliseconds(150));
    EXPECT_EQ(trio.b.log_end(), Offset{2});
    EXPECT_GE(b.dials, 8);
    EXPECT_LE(b.dials, 10);
    b.end(self);
  });
}

TEST(ReplicaFetchers, InASessionOnlyWhatChangedIsNamedAndALostSessionLosesNothing) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, small());
    Fetching b(trio, trio.b);
    Fetching c(trio, trio.c);
    b.wire.keeps_sessions = true;
    const auto write = [&](const std::string& value) { return trio.a.submit({.values = {value}})->await(self).error; };
    EXPECT_EQ(write("1"), 0);
    env::sleep_for(self, shard.clock, Milliseconds(50));
    const auto quiet = static_cast<std::size_t>(std::count(b.wire.named.begin(), b.wire.named.end(), 0U));
    EXPECT_GT(quiet, 5U) << "at the log's end nothing is asked otherwise than before";
    EXPECT_EQ(b.wire.session, 1) << "one session serves";
    b.wire.session = 1'000;  // as after an eviction
    EXPECT_EQ(write("2"), 0);
    EXPECT_EQ(b.wire.session, 1'001);
    b.wire.next_epoch += 5;
    EXPECT_EQ(write("3"), 0);
    EXPECT_EQ(b.wire.session, 1'002);
    EXPECT_EQ(b.dials, 1) << "the link is as good as before";
    b.wire.is_cut = true;
    env::sleep_for(self, shard.clock, Milliseconds(10));
    b.wire.is_cut = false;
    EXPECT_EQ(write("4"), 0);
    EXPECT_EQ(b.wire.session, 1'003) << "another link, another session";
    EXPECT_EQ(trio.b.file(self), trio.a.file(self));
    b.end(self);
    c.end(self);
  });
}

TEST(ReplicaFetchers, AReplicaBelowTheLeadersLogAsksForItsRange) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Trio trio(self, shard, small());
    trio.controller.set_isr({NodeId{1}, kB});
    trio.hear(self);
    Fetching b(trio, trio.b);
    for (int i = 0; i < 3; ++i) trio.a.submit({.values = {std::to_string(i)}})->await(self);
    ASSERT_EQ(trio.a.partition->delete_records(self, Offset{2}).error, partition::PartitionError::none);
    Fetching c(trio, trio.c);
    env::sleep_for(self, shard.clock, Milliseconds(50));
    EXPECT_EQ(c.wire.ranges, 2);
    EXPECT_EQ(trio.c.partition->replica()->log_start_offset(), Offset{2});
    EXPECT_EQ(trio.c.log_end(), Offset{3});
    b.end(self);
    c.end(self);
  });
}

}  // namespace
}  // namespace gregor::broker
