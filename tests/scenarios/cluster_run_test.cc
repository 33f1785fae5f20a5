// Clusters live through what their seeds expand to, and the same way each time.
#include "scenarios/cluster_run.h"

#include <gtest/gtest.h>

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
