// A cluster remembers eligible leader replicas unless it is told before it does anything that it is not to.
#include "scenarios/elr.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/scenarios/support/held_run.h"

namespace gregor::scenarios {
namespace {

/// Whether anybody was eligible while one of two needed replicas was away.
bool somebody_was_eligible(bool tracks_elr) {
  Scenario scenario;
  scenario.name = "elr";
  scenario.seed = 3;
  scenario.brokers = 3;
  scenario.replication_factor = 2;
  scenario.min_insync_replicas = 2;
  scenario.tracks_elr = tracks_elr;
  scenario.topics = {{.name = "orders", .partitions = 3, .configs = {}}};
  scenario.producers = {{.records = 30, .gap = Milliseconds(80)}};
  scenario.faults = {
      {.kind = FaultKind::stop_cleanly, .at = Milliseconds(1000), .lasts = Milliseconds(1000), .broker = 2}};
  scenario.chaos = Milliseconds(4000);
  RunTimeline timeline(scenario);
  test::held_run(scenario, &timeline);
  return std::ranges::any_of(timeline.changes(), [](const RunTimeline::Change& change) {
    return change.partition.topic == "orders" && !change.eligible.empty();
  });
}

TEST(Elr, IsTrackedByNewClustersAndNotWhereThatWasTakenBack) {
  EXPECT_TRUE(somebody_was_eligible(true));
  EXPECT_FALSE(somebody_was_eligible(false));
}

}  // namespace
}  // namespace gregor::scenarios
