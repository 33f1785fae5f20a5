// From a seed to a scenario with several brokers.
#include <algorithm>
#include <array>

#include "base/random.h"
#include "scenarios/draw_tools.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {
namespace {

void draw_cluster_world(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.world");
  const std::uint64_t policy = random.below(10);
  scenario.scheduler = policy < 6 ? "random" : policy < 8 ? "pct" : "fifo";
  scenario.latency_us_max = pick(random, std::to_array<std::int64_t>({50, 500, 2000, 20000}));
  scenario.shards = pick(random, std::to_array<std::int32_t>({1, 1, 2}));
  scenario.brokers = pick(random, std::to_array<std::int32_t>({3, 3, 3, 4, 5}));
  const bool has_three = random.chance(4, 5);
  scenario.replication_factor = has_three ? 3 : 2;
  scenario.min_insync_replicas = has_three ? 2 : 1;
  scenario.flush_before_acknowledge = random.chance(1, 2);
  scenario.chaos = Milliseconds(random.between(3000, 20'000));
}

/// A stream of its own: what else a seed brings stays as it is.
void draw_roles(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.roles");
  if (random.chance(1, 4)) scenario.controllers = 3;
}

void draw_cluster_clients(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.clients");
  scenario.settings.emplace_back("log.message.timestamp.after.max.ms", "9223372036854775807");
  const std::int64_t topics = random.between(1, 2);
  for (std::int64_t i = 0; i < topics; ++i) {
    const auto partitions = static_cast<std::int32_t>(random.between(1, 3));
    const auto segment = pick(random, std::to_array<std::int64_t>({4096, 65536, 1 << 20}));
    scenario.topics.push_back({.name = "topic-" + std::to_string(i),
                               .partitions = partitions,
                               .configs = {{"internal.segment.bytes", std::to_string(segment)}}});
  }
  const std::int64_t producers = random.between(1, 3);
  for (std::int64_t i = 0; i < producers; ++i) {
    ProducerPlan plan;
    plan.records = static_cast<std::int32_t>(random.between(20, 200));
    plan.gap = Milliseconds(scenario.chaos.count() / plan.records);
    plan.codec = pick(random, std::to_array<std::string_view>({"none", "none", "lz4", "zstd"}));
    plan.batch_bytes = static_cast<std::int32_t>(pick(random, std::to_array<std::int64_t>({200, 2000})));
    plan.linger = Milliseconds(random.between(0, 20));
    scenario.producers.push_back(plan);
  }
  const std::int64_t consumers = random.between(1, 2);
  for (std::int64_t i = 0; i < consumers; ++i) scenario.consumers.push_back({});
}

/// What the fault budget does not allow when its time has come is left out then (cluster_run.cc).
void draw_cluster_faults(Scenario& scenario) {
  RandomStream random = stream_of(scenario.seed, "cluster.faults");
  constexpr auto kKinds = std::to_array<FaultKind>(
      {FaultKind::crash, FaultKind::crash, FaultKind::power_loss, FaultKind::stop_cleanly, FaultKind::pause,
       FaultKind::cut_clients, FaultKind::reset_connections, FaultKind::slow_network, FaultKind::slow_disk,
       FaultKind::hung_disk, FaultKind::crash_in_recovery, FaultKind::clock_jump, FaultKind::power_loss_in_recovery,
       FaultKind::lost_indexes});
  const std::int64_t count = random.between(0, 8);
  for (std::int64_t i = 0; i < count; ++i) {
    Fault fault;
    fault.kind = pick(random, kKinds);
    fault.at = Milliseconds(random.between(0, scenario.chaos.count()));
    fault.lasts = Milliseconds(random.between(50, 5000));
    fault.amount = random.between(1, 100);
    if (fault.kind == FaultKind::stop_cleanly) fault.amount = 0;
    if (fault.kind == FaultKind::clock_jump) fault.amount = random.between(-5'000, 5'000);
    fault.broker = static_cast<std::int32_t>(random.between(1, node_count(scenario)));
    scenario.faults.push_back(fault);
  }
  std::ranges::stable_sort(scenario.faults, {}, &Fault::at);
}

}  // namespace

Scenario draw_cluster_scenario(std::uint64_t seed) {
  Scenario scenario;
  scenario.name = "cluster-" + std::to_string(seed);
  scenario.seed = seed;
  draw_cluster_world(scenario);
  draw_roles(scenario);
  draw_cluster_clients(scenario);
  draw_cluster_faults(scenario);
  return scenario;
}

}  // namespace gregor::scenarios
