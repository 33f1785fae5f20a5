// Replicas that are moved in a quiet cluster: they do move, all arrive, and nothing is violated.
#include "scenarios/reassignment_client.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/scenarios/support/held_run.h"

namespace gregor::scenarios {
namespace {

TEST(ReassignmentClient, ReplicasMoveAndArriveUnderLoad) {
  Scenario scenario;
  scenario.name = "moves";
  scenario.seed = 7;
  scenario.brokers = 4;
  scenario.replication_factor = 2;
  scenario.topics = {{.name = "orders", .partitions = 1, .configs = {}}};
  scenario.producers = {{.records = 30, .gap = Milliseconds(80)}};
  scenario.reassignment_clients = 1;
  scenario.chaos = Milliseconds(4000);
  RunTimeline timeline(scenario);
  const RunReport report = test::held_run(scenario, &timeline);
  std::set<std::vector<std::int32_t>> places;
  std::size_t last_count = 0;
  for (const RunTimeline::Change& change : timeline.changes()) {
    if (change.partition.topic != "orders") continue;
    places.insert(change.replicas);
    last_count = change.replicas.size();
  }
  EXPECT_GT(places.size(), 3U);
  EXPECT_EQ(last_count, 2U) << "who was to come has come, and who was to go has gone";
  EXPECT_EQ(report.acknowledged, report.sent);
}

}  // namespace
}  // namespace gregor::scenarios
