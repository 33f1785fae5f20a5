// Clusters live through what their seeds expand to, and the same way each time.
#include "scenarios/cluster_run.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace gregor::scenarios {
namespace {

TEST(ClusterRun, AClusterIsJudgedAsHavingKeptWhatItAcknowledged) {
  constexpr std::uint64_t kSeeds = GREGOR_SANITIZED ? 2 : 10;
  std::uint64_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const RunReport report = run_scenario(draw_cluster_scenario(seed));
    ASSERT_TRUE(report.verdict.holds()) << "seed " << seed << ": " << report.verdict.violations().front().text;
    EXPECT_GE(report.broker_lives, 3U);
    acknowledged += report.acknowledged;
  }
  EXPECT_GT(acknowledged, 50 * kSeeds);
}

/// One fault after the other, and each is met by somebody.
TEST(ClusterRun, FaultsOfLinksClocksNamesAndSectorsHaveAnEffect) {
  Scenario scenario = draw_cluster_scenario(1);
  scenario.brokers = 3;
  scenario.controllers = 0;
  scenario.replication_factor = 3;
  scenario.tracks_elr = true;  // without it whoever may be taken for gone is left alone
  scenario.faults.clear();
  scenario.chaos = Milliseconds(20'000);
  const auto kinds = std::to_array<std::pair<FaultKind, sim::FaultKind>>(
      {{FaultKind::clock_drift, sim::FaultKind::clock_drift},
       {FaultKind::slow_link, sim::FaultKind::slow_link},
       {FaultKind::clogged_link, sim::FaultKind::clog},
       {FaultKind::short_transfers, sim::FaultKind::short_read},
       {FaultKind::unresolved_names, sim::FaultKind::resolve_failed},
       {FaultKind::bad_sector, sim::FaultKind::bad_sector}});
  std::int64_t at_ms = 500;
  for (const auto& [kind, inflicted] : kinds) {
    for (std::int32_t broker = 1; broker <= 3; ++broker) {
      scenario.faults.push_back(
          {.kind = kind, .at = Milliseconds(at_ms), .lasts = Milliseconds(800), .amount = 2, .broker = broker});
      at_ms += 900;
    }
    // Who comes back looks names up, and reads its logs.
    scenario.faults.push_back(
        {.kind = FaultKind::crash, .at = Milliseconds(at_ms - 800), .lasts = Milliseconds(10), .broker = 3});
  }
  const RunReport report = run_scenario(scenario);
  EXPECT_TRUE(report.verdict.holds()) << report.verdict.violations().front().text;
  for (const auto& [kind, inflicted] : kinds)
    EXPECT_GT(report.faults[static_cast<std::size_t>(inflicted)].had_effect, 0U) << name_of(kind);
}

/// What no broker could keep is lost, and that it is lost is seen: the judges do not rest on the budget.
TEST(ClusterRun, LossesBeyondTheFaultBudgetAreSeen) {
  std::string broken;
  for (std::uint64_t seed = 1; seed <= 50 && broken.empty(); ++seed) {
    Scenario scenario = draw_cluster_scenario(seed);
    scenario.over_budget = true;
    const RunReport report = run_scenario(scenario);
    if (!report.verdict.holds()) broken = report.verdict.violations().front().invariant;
  }
  EXPECT_NE(broken, "");
}

#if !GREGOR_SANITIZED  // the same two runs say nothing more there, and take half a minute
TEST(ClusterRun, ASeedGivesTheSameTraceEachTime) {
  const Scenario scenario = draw_cluster_scenario(3);
  const RunReport first = run_scenario(scenario);
  EXPECT_EQ(first.hash.to_text(), run_scenario(scenario).hash.to_text());
  EXPECT_EQ(scenario_from_toml(to_toml(scenario)).value(), scenario);
}
#endif

}  // namespace
}  // namespace gregor::scenarios
