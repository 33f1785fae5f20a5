// What leaders propose goes to the controller in one request at a time, and each hears what became of its own.
#include "broker/isr_proposals.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"
#include "wire/error_code.h"

namespace gregor::broker {
namespace {

using replica::AlterPartitionAnswer;
using replica::AlterPartitionVerdict;

constexpr NodeId kSelf{1};
constexpr TopicId kTopic{1, 2};

replica::AlterPartition proposal_of(std::uint64_t request) {
  return {.request = request,
          .leader_epoch = LeaderEpoch{3},
          .partition_epoch = PartitionEpoch{5},
          .isr = {{kSelf, BrokerEpoch{10}}, {NodeId{2}, BrokerEpoch{11}}}};
}

/// A controller that answers what it is told to.
struct Office {
  Result<wire::AlterPartitionResponse> answer(env::Fiber& self, env::Shard& shard,
                                              const wire::AlterPartitionRequest& request) {
    requests.push_back(request);
    env::sleep_for(self, shard.clock, Milliseconds(10));
    if (is_silent) return fail(Errc::timed_out, "no controller");
    wire::AlterPartitionResponse response;
    response.error_code = error_of_all;
    for (const auto& topic : request.topics) {
      auto& told = response.topics.emplace_back();
      told.topic_id = topic.topic_id;
      for (const auto& one : topic.partitions) {
        told.partitions.push_back({.partition_index = one.partition_index,
                                   .error_code = error,
                                   .leader_epoch = one.leader_epoch,
                                   .isr = {1, 2},
                                   .partition_epoch = one.partition_epoch + 1});
      }
    }
    return response;
  }
  std::vector<wire::AlterPartitionRequest> requests;
  bool is_silent = false;
  std::int16_t error = 0;
  std::int16_t error_of_all = 0;
};

struct Desk {
  explicit Desk(env::Shard& shard)
      : sender(
            shard, kSelf, [] { return BrokerEpoch{10}; },
            [this, &shard](env::Fiber& self, const wire::AlterPartitionRequest& request) {
              return office.answer(self, shard, request);
            }) {}
  void propose(int index, std::uint64_t request) {
    sender.take({.partition = {"orders", kTopic, PartitionIndex{index}},
                 .proposal = proposal_of(request),
                 .answered = [this](const AlterPartitionAnswer& answer) { answers.push_back(answer); }});
  }
  Office office;
  IsrSender sender;
  std::vector<AlterPartitionAnswer> answers;
};

TEST(IsrProposals, WhatComesWhileOneIsUnderWayGoesTogether) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Desk desk(shard);
    desk.propose(0, 1);
    env::sleep_for(self, shard.clock, Milliseconds(1));
    desk.propose(2, 7);
    desk.propose(1, 8);
    desk.sender.end(self);
    ASSERT_EQ(desk.office.requests.size(), 2U);
    ASSERT_EQ(desk.office.requests[1].topics.size(), 1U);
    const auto& second = desk.office.requests[1].topics[0].partitions;
    ASSERT_EQ(second.size(), 2U);
    EXPECT_EQ(second[0].partition_index, 1);
    EXPECT_EQ(second[0].partition_epoch, 5);
    EXPECT_EQ(second[0].new_isr_with_epochs[1].broker_epoch, 11);
    ASSERT_EQ(desk.answers.size(), 3U);
    EXPECT_EQ(desk.answers[1].request, 8U);
    EXPECT_EQ(desk.answers[2].request, 7U);
    EXPECT_EQ(desk.answers[2].verdict, AlterPartitionVerdict::accepted);
    EXPECT_EQ(desk.answers[2].partition_epoch, PartitionEpoch{6});
    EXPECT_EQ(desk.answers[2].isr, (std::vector<NodeId>{kSelf, NodeId{2}}));
  });
}

TEST(IsrProposals, ErrorsSayWhetherTheFateIsKnown) {
  const auto verdict_on = [](std::int16_t error, std::int16_t error_of_all, bool is_silent) {
    return sim::run_fiber([&](env::Fiber& self, env::Shard& shard) {
      Desk desk(shard);
      desk.office.error = error;
      desk.office.error_of_all = error_of_all;
      desk.office.is_silent = is_silent;
      desk.propose(0, 1);
      desk.sender.end(self);
      return desk.answers.at(0).verdict;
    });
  };
  const auto code = [](wire::ErrorCode error) { return wire::wire_code(error); };
  EXPECT_EQ(verdict_on(code(wire::ErrorCode::ineligible_replica), 0, false), AlterPartitionVerdict::refused);
  EXPECT_EQ(verdict_on(code(wire::ErrorCode::invalid_update_version), 0, false), AlterPartitionVerdict::fenced);
  EXPECT_EQ(verdict_on(code(wire::ErrorCode::not_controller), 0, false), AlterPartitionVerdict::retriable);
  EXPECT_EQ(verdict_on(0, code(wire::ErrorCode::stale_broker_epoch), false), AlterPartitionVerdict::retriable);
  EXPECT_EQ(verdict_on(0, 0, true), AlterPartitionVerdict::retriable);
}

TEST(IsrProposals, OfOnePartitionTheNewestIsSent) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Desk desk(shard);
    desk.propose(0, 1);
    desk.propose(0, 2);
    desk.sender.end(self);
    ASSERT_EQ(desk.answers.size(), 1U);
    EXPECT_EQ(desk.answers[0].request, 2U);
  });
}

}  // namespace
}  // namespace gregor::broker
