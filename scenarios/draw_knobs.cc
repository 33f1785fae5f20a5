// The settings of a cluster that people turn: sizes so small that every limit is met, times shorter and longer than
// each other's. What they are by default most seeds keep.
#include <string>

#include "scenarios/draw_tools.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {
namespace {

struct Knob {
  const char* key;
  std::array<std::int64_t, 3> choices;
};

constexpr auto kKnobs = std::to_array<Knob>({
    {"replica.lag.time.max.ms", {1500, 5000, 60'000}},
    {"replica.fetch.wait.max.ms", {10, 100, 1000}},
    {"replica.fetch.max.bytes", {1, 500, 4000}},
    {"replica.fetch.response.max.bytes", {1, 1000, 10'000}},
    {"replica.fetch.backoff.ms", {20, 200, 3000}},
    {"replica.high.watermark.checkpoint.interval.ms", {50, 500, 60'000}},
    {"log.flush.offset.checkpoint.interval.ms", {50, 500, 60'000}},
    {"broker.session.timeout.ms", {4500, 6000, 20'000}},  // beyond two heartbeats
    {"broker.heartbeat.interval.ms", {100, 400, 1000}},
    {"controller.quorum.fetch.timeout.ms", {1000, 1500, 5000}},
    {"controller.quorum.election.timeout.ms", {300, 600, 3000}},
    {"controller.quorum.request.timeout.ms", {1000, 1500, 4000}},
    {"controller.quorum.fetch.max.bytes", {1, 300, 4000}},
    {"controller.quorum.fetch.snapshot.max.bytes", {100, 700, 4000}},
    {"leader.imbalance.check.interval.seconds", {1, 2, 5}},
    {"max.incremental.fetch.session.cache.slots", {0, 1, 3}},
});

}  // namespace

void draw_cluster_knobs(Scenario& scenario) {
  draw_metadata_snapshots(scenario, stream_of(scenario.seed, "cluster.snapshots"), false);
  RandomStream random = stream_of(scenario.seed, "cluster.knobs");
  if (!random.chance(1, 2)) return;
  for (const Knob& knob : kKnobs) {
    const bool is_turned = random.chance(1, 4);
    const std::int64_t value = pick(random, knob.choices);
    if (is_turned) scenario.settings.emplace_back(knob.key, std::to_string(value));
  }
}

}  // namespace gregor::scenarios
