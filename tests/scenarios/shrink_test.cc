// Shrinking with made-up judges: what is needed stays, all else goes, and the limit holds.
#include "scenarios/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gregor::scenarios {
namespace {

/// Twelve faults, told apart by their amounts, and some of everything else.
Scenario large_scenario() {
  Scenario scenario = draw_cluster_scenario(1);
  scenario.brokers = 5;
  scenario.controllers = 3;
  scenario.replication_factor = 3;
  scenario.faults.clear();
  for (std::int64_t i = 0; i < 12; ++i) {
    scenario.faults.push_back({.kind = FaultKind::slow_disk,
                               .at = Milliseconds(137 * i + 3),
                               .lasts = Milliseconds(1234),
                               .amount = 100 + i,
                               .broker = static_cast<std::int32_t>(i % 5) + 1});
  }
  scenario.producers.assign(3, {.records = 100, .codec = "lz4"});
  scenario.consumers.assign(2, {});
  scenario.groups.assign(2, {.members = 3});
  scenario.transaction_clients = 4;
  scenario.chaos = Milliseconds(20'000);
  return scenario;
}

bool has_fault(const Scenario& scenario, std::int64_t amount) {
  return std::ranges::any_of(scenario.faults, [amount](const Fault& fault) { return fault.amount == amount; });
}

TEST(Shrink, TwoFaultsOfTwelveThatAreNeededTogetherRemain) {
  const Shrunk shrunk = shrink(large_scenario(), [](const Scenario& candidate) {
    return has_fault(candidate, 103) && has_fault(candidate, 110);
  });
  ASSERT_EQ(shrunk.scenario.faults.size(), 2U);
  EXPECT_EQ(shrunk.scenario.faults[0].amount, 103);
  EXPECT_EQ(shrunk.scenario.faults[1].amount, 110);
  EXPECT_TRUE(shrunk.is_done);
  EXPECT_LT(shrunk.runs, 300U);
}

TEST(Shrink, EachPairOfNeededFaultsRemainsWhereverItStands) {
  for (std::int64_t first = 100; first < 112; ++first) {
    for (std::int64_t second = first + 1; second < 112; ++second) {
      const Shrunk shrunk = shrink(large_scenario(), [&](const Scenario& candidate) {
        return has_fault(candidate, first) && has_fault(candidate, second);
      });
      EXPECT_EQ(shrunk.scenario.faults.size(), 2U) << first << " and " << second;
    }
  }
}

TEST(Shrink, WhatNeedsNoFaultKeepsNoneAndLittleElse) {
  const Shrunk shrunk = shrink(large_scenario(), [](const Scenario&) { return true; });
  EXPECT_TRUE(shrunk.scenario.faults.empty());
  EXPECT_TRUE(shrunk.scenario.producers.empty());
  EXPECT_TRUE(shrunk.scenario.consumers.empty());
  EXPECT_TRUE(shrunk.scenario.groups.empty());
  EXPECT_EQ(shrunk.scenario.transaction_clients, 0);
  EXPECT_EQ(shrunk.scenario.topics.size(), 1U);
  EXPECT_EQ(shrunk.scenario.controllers, 0);
  EXPECT_EQ(shrunk.scenario.brokers, 3) << "as many as there are replicas";
  EXPECT_EQ(shrunk.scenario.chaos, Milliseconds(100));
  EXPECT_EQ(shrunk.scenario.scheduler, "fifo");
}

TEST(Shrink, AFaultThatIsNeededIsMadeShorterAndRounder) {
  const Shrunk shrunk = shrink(large_scenario(), [](const Scenario& candidate) {
    return std::ranges::any_of(candidate.faults, [](const Fault& fault) {
      return fault.kind == FaultKind::slow_disk && fault.at >= Milliseconds(1000) && fault.lasts >= Milliseconds(20);
    });
  });
  ASSERT_EQ(shrunk.scenario.faults.size(), 1U);
  EXPECT_EQ(shrunk.scenario.faults[0].at, Milliseconds(1000));
  EXPECT_EQ(shrunk.scenario.faults[0].lasts, Milliseconds(30)) << "round, and half of it is too short";
  EXPECT_EQ(shrunk.scenario.faults[0].amount, 0);
}

TEST(Shrink, EveryCandidateCouldStandInAFileAndNothingNeededIsLost) {
  std::uint32_t judged = 0;
  const Shrunk shrunk = shrink(large_scenario(), [&judged](const Scenario& candidate) {
    const auto read = scenario_from_toml(to_toml(candidate));
    EXPECT_TRUE(read) << read.error().text << "\n" << to_toml(candidate);
    return ++judged % 3 != 0 && candidate.producers.size() >= 2;
  });
  EXPECT_EQ(shrunk.runs, judged);
  EXPECT_EQ(shrunk.scenario.producers.size(), 2U);
}

TEST(Shrink, TheLimitHoldsAndIsTold) {
  std::uint32_t judged = 0;
  std::uint32_t told = 0;
  const Shrunk shrunk =
      shrink(large_scenario(),
             [&judged](const Scenario& candidate) {
               ++judged;
               return has_fault(candidate, 103) && has_fault(candidate, 110);
             },
             {.runs_max = 7, .after_run = [&told](const ShrinkProgress& progress) { told = progress.runs; }});
  EXPECT_EQ(judged, 7U);
  EXPECT_EQ(told, 7U);
  EXPECT_EQ(shrunk.runs, 7U);
  EXPECT_FALSE(shrunk.is_done);
  EXPECT_TRUE(has_fault(shrunk.scenario, 103) && has_fault(shrunk.scenario, 110));
}

TEST(Shrink, TheSameGivesTheSame) {
  const auto judge = [](const Scenario& candidate) { return has_fault(candidate, 105) && candidate.brokers >= 4; };
  const Shrunk first = shrink(large_scenario(), judge);
  const Shrunk second = shrink(large_scenario(), judge);
  EXPECT_EQ(first.scenario, second.scenario);
  EXPECT_EQ(first.runs, second.runs);
  EXPECT_EQ(first.scenario.brokers, 4);
}

}  // namespace
}  // namespace gregor::scenarios
