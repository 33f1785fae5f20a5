// Replicas that are moved between log directories under load: they do move, all arrive, and nothing is violated.
#include "scenarios/directory_client.h"

#include <gtest/gtest.h>

#include "tests/scenarios/support/held_run.h"

namespace gregor::scenarios {
namespace {

Scenario moves(std::uint64_t seed) {
  Scenario scenario;
  scenario.name = "moves-between-directories";
  scenario.seed = seed;
  scenario.log_directories = 2;
  scenario.directory_clients = 1;
  scenario.topics = {{.name = "orders", .partitions = 2, .configs = {{"internal.segment.bytes", "4096"}}}};
  scenario.producers = {{.records = 60, .gap = Milliseconds(50), .value_bytes = 200}};
  scenario.consumers = {{}};
  scenario.chaos = Milliseconds(4000);
  return scenario;
}

TEST(DirectoryClient, ReplicasOfABrokerMoveUnderLoad) {
  const RunReport report = test::held_run(moves(3));
  EXPECT_GT(report.counts.of(Counted::log_moves), 5U);
  EXPECT_EQ(report.acknowledged, report.sent);
}

TEST(DirectoryClient, ReplicasOfAClusterMoveUnderLoad) {
  Scenario scenario = moves(4);
  scenario.brokers = 3;
  scenario.replication_factor = 2;
  const RunReport report = test::held_run(scenario);
  EXPECT_GT(report.counts.of(Counted::log_moves), 5U);
  EXPECT_EQ(report.acknowledged, report.sent);
}

TEST(DirectoryClient, ADirectoryThatFailsComesBackWithTheBrokersNextLife) {
  Scenario scenario = moves(5);
  scenario.chaos = Milliseconds(8000);
  for (int i = 0; i < 3; ++i) {
    scenario.faults.push_back({.kind = FaultKind::fail_flushes,
                               .at = Milliseconds(1000 + 2000 * i),
                               .lasts = Milliseconds(300),
                               .amount = 5});
  }
  const RunReport report = test::held_run(scenario);
  EXPECT_GT(report.counts.of(Counted::directory_failures), 0U);
  EXPECT_GT(report.counts.of(Counted::starts), 0U);
}

}  // namespace
}  // namespace gregor::scenarios
