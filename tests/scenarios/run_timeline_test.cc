// A timeline tells what happened in a run, changes nothing of it, and is bounded.
#include "scenarios/run_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/run.h"

namespace gregor::scenarios {
namespace {

const TopicPartition kOrders{"orders", Uuid{1, 2}, PartitionIndex{0}};

MonotonicTime at_ms(std::int64_t ms) {
  return MonotonicTime{Milliseconds(ms)};
}

Scenario scenario_with_a_crash() {
  Scenario scenario = draw_cluster_scenario(3);
  scenario.chaos = Milliseconds(4000);
  scenario.faults = {{.kind = FaultKind::crash, .at = Milliseconds(500), .lasts = Milliseconds(800), .broker = 2},
                     {.kind = FaultKind::pause, .at = Milliseconds(900), .lasts = Milliseconds(100), .broker = 2},
                     {.kind = FaultKind::pause, .at = Milliseconds(2500), .lasts = Milliseconds(300), .broker = 1}};
  return scenario;
}

#if !GREGOR_SANITIZED  // the same two runs say nothing more there, and take half a minute
TEST(RunTimeline, RecordingChangesNothingOfTheRun) {
  const Scenario scenario = scenario_with_a_crash();
  RunTimeline timeline(scenario);
  RunOptions options;
  options.timeline = &timeline;
  EXPECT_EQ(run_scenario(scenario, options).hash.to_text(), run_scenario(scenario).hash.to_text());
}
#endif

TEST(RunTimeline, LivesAndFaultsAreToldAsTheyWere) {
  const Scenario scenario = scenario_with_a_crash();
  RunTimeline timeline(scenario);
  RunOptions options;
  options.timeline = &timeline;
  const RunReport report = run_scenario(scenario, options);
  EXPECT_TRUE(report.verdict.holds());
  const auto has_span = [&](std::int32_t node, sim::NodeState state, std::int64_t ms) {
    return std::ranges::any_of(timeline.spans(), [&](const RunTimeline::Span& span) {
      return span.node == node && span.state == state && span.to - span.from == Milliseconds(ms);
    });
  };
  EXPECT_TRUE(has_span(2, sim::NodeState::crashed, 800));
  EXPECT_TRUE(has_span(1, sim::NodeState::paused, 300));
  ASSERT_EQ(timeline.strikes().size(), 3U);
  EXPECT_EQ(timeline.strikes()[0].fault, 0U);
  EXPECT_EQ(timeline.strikes()[0].at - timeline.begun(), Milliseconds(500));
  EXPECT_EQ(timeline.strikes()[1].outcome, FaultOutcome::node_was_down);
  EXPECT_EQ(timeline.strikes()[2].outcome, FaultOutcome::carried_out);
  EXPECT_LT(std::chrono::abs(timeline.healed() - timeline.begun() - scenario.chaos), Milliseconds(10));
  EXPECT_FALSE(timeline.changes().empty());
  EXPECT_TRUE(
      std::ranges::any_of(timeline.marks(), [](const RunTimeline::Mark& mark) { return mark.kind == "controller"; }));
  EXPECT_EQ(timeline.dropped(), 0U);
  for (const RunTimeline::Span& span : timeline.spans()) EXPECT_LE(span.to, timeline.ended());
}

TEST(RunTimeline, TheNodeWhoseEventShowedAViolationIsAccusedAndNothingLaterIsKept) {
  const Scenario scenario = draw_cluster_scenario(1);
  RunTimeline timeline(scenario);
  properties::Verdict verdict;
  timeline.hear(at_ms(1), 1, observe::LogTruncated{kOrders, Offset{1}}, verdict);
  verdict.violated("R7", "lost", at_ms(2));
  timeline.hear(at_ms(2), 3, observe::LogTruncated{kOrders, Offset{0}}, verdict);
  timeline.hear(at_ms(3), 2, observe::LogTruncated{kOrders, Offset{0}}, verdict);
  EXPECT_EQ(timeline.accused(), std::vector<std::int32_t>{3});
  ASSERT_EQ(timeline.last_events().size(), 2U);
  EXPECT_EQ(timeline.last_events().back().node, 3);
  EXPECT_EQ(timeline.last_events().back().text, "truncated orders-0 to 0");
}

TEST(RunTimeline, WhatIsTooMuchIsDroppedAndCounted) {
  const Scenario scenario = draw_cluster_scenario(1);
  RunTimeline timeline(scenario);
  const properties::Verdict verdict;
  for (std::size_t i = 0; i < kTimelineMax + 5; ++i)
    timeline.hear(at_ms(1), 1, observe::LogTruncated{kOrders, Offset{1}}, verdict);
  EXPECT_EQ(timeline.marks().size(), kTimelineMax);
  EXPECT_EQ(timeline.dropped(), 5U);
  EXPECT_EQ(timeline.last_events().size(), kLastEventsMax);
}

TEST(RunTimeline, APartitionIsToldOfOnceWhoeverTellsIt) {
  const Scenario scenario = draw_cluster_scenario(1);
  RunTimeline timeline(scenario);
  const properties::Verdict verdict;
  const std::vector<NodeId> isr = {NodeId{1}, NodeId{2}};
  for (const std::int32_t epoch : {0, 0, 1, 0}) {
    timeline.hear(at_ms(epoch), 1, observe::PartitionChanged{kOrders, epoch, NodeId{1}, LeaderEpoch{0}, isr, isr, {}},
                  verdict);
  }
  for (int i = 0; i < 2; ++i) timeline.hear(at_ms(9), 1, observe::PartitionRemoved{kOrders}, verdict);
  timeline.hear(at_ms(9), 2, observe::PartitionChanged{kOrders, 7, NodeId{1}, LeaderEpoch{0}, isr, isr, {}}, verdict);
  ASSERT_EQ(timeline.changes().size(), 3U);
  EXPECT_TRUE(timeline.changes()[2].replicas.empty()) << "gone, and nothing later is told of it";
  EXPECT_EQ(timeline.changes()[1].partition_epoch, 1);
  EXPECT_EQ(timeline.changes()[1].isr, (std::vector<std::int32_t>{1, 2}));
}

}  // namespace
}  // namespace gregor::scenarios
