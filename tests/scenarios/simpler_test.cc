// The ways to make a scenario simpler: each differs, each could stand in a file.
#include "scenarios/simpler.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gregor::scenarios {
namespace {

TEST(Simpler, EachWayDiffersAndCouldStandInAFile) {
  constexpr std::uint64_t kSeeds = GREGOR_SANITIZED ? 5 : 20;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const Scenario& from : {draw_scenario(seed), draw_cluster_scenario(seed)}) {
      std::vector<Scenario> ways = with_less_around(from);
      for (Scenario& way : with_rounder_faults(from)) ways.push_back(std::move(way));
      EXPECT_FALSE(ways.empty());
      for (const Scenario& way : ways) {
        EXPECT_NE(way, from);
        const auto read = scenario_from_toml(to_toml(way));
        EXPECT_TRUE(read) << read.error().text << "\n" << to_toml(way);
      }
    }
  }
}

TEST(Simpler, ANodeThatAFaultNamesStaysAndThoseBehindItMoveUp) {
  Scenario from = draw_cluster_scenario(1);
  from.brokers = 4;
  from.controllers = 2;
  from.replication_factor = 3;
  from.faults = {{.kind = FaultKind::crash, .broker = 2}, {.kind = FaultKind::pause, .broker = 6}};
  bool moved_up = false;
  for (const Scenario& way : with_less_around(from)) {
    if (way.brokers == 4 && way.controllers == 2) continue;
    ASSERT_EQ(way.faults.size(), 2U);
    EXPECT_NE(way.controllers, 0) << "a fault strikes one of them";
    EXPECT_EQ(way.faults[1].broker, 5);
    EXPECT_EQ(way.brokers + way.controllers, 5);
    moved_up = moved_up || way.faults[0].broker == 1;
  }
  EXPECT_TRUE(moved_up) << "broker 1 can go: no fault names it";
}

TEST(Simpler, ALoneBrokerStaysAloneAndAClusterStaysOne) {
  Scenario from = draw_cluster_scenario(1);
  from.brokers = 2;
  from.controllers = 0;
  from.replication_factor = 1;
  for (const Scenario& way : with_less_around(from)) EXPECT_EQ(way.brokers, 2);
  for (const Scenario& way : with_less_around(draw_scenario(3))) EXPECT_EQ(way.brokers, 1);
}

TEST(Simpler, FaultsStayInOrderOfTheirTime) {
  Scenario from = draw_cluster_scenario(1);
  from.faults = {{.kind = FaultKind::crash, .at = Milliseconds(1990)},
                 {.kind = FaultKind::crash, .at = Milliseconds(2345), .lasts = Milliseconds(77), .amount = -9}};
  const auto ways = with_rounder_faults(from);
  EXPECT_FALSE(ways.empty());
  for (const Scenario& way : ways) EXPECT_TRUE(std::ranges::is_sorted(way.faults, {}, &Fault::at));
}

}  // namespace
}  // namespace gregor::scenarios
