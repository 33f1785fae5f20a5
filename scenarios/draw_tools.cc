// What the drawings of one broker and of clusters share.
#include "scenarios/draw_tools.h"

#include <algorithm>
#include <string>

namespace gregor::scenarios {

void draw_metadata_snapshots(Scenario& scenario, RandomStream random, bool by_time) {
  if (!random.chance(1, 2)) return;
  const auto set = [&](const char* key, std::int64_t value) {
    scenario.settings.emplace_back(key, std::to_string(value));
  };
  set("metadata.log.max.record.bytes.between.snapshots", pick(random, std::to_array<std::int64_t>({100, 500, 2000})));
  if (by_time)
    set("metadata.log.max.snapshot.interval.ms", pick(random, std::to_array<std::int64_t>({0, 200, 3'600'000})));
  set("internal.metadata.log.segment.bytes", pick(random, std::to_array<std::int64_t>({4096, 8192})));
  set("metadata.max.retention.bytes", pick(random, std::to_array<std::int64_t>({0, 0, 4000, 20'000})));
  if (by_time && random.chance(1, 4)) set("metadata.max.retention.ms", 500);
}

void draw_log_directories(Scenario& scenario, RandomStream random, Milliseconds (*draw_lasts)(RandomStream&)) {
  if (!random.chance(1, 4)) return;
  scenario.log_directories = 2;
  scenario.directory_clients = 1;
  const std::int64_t faults = random.between(0, 2);
  for (std::int64_t i = 0; i < faults; ++i) {
    Fault fault{.kind = FaultKind::power_loss_in_swap};
    fault.at = Milliseconds(random.between(0, scenario.chaos.count()));
    fault.lasts = draw_lasts(random);
    fault.amount = random.between(1, 2000);
    if (scenario.brokers > 1) fault.broker = static_cast<std::int32_t>(random.between(1, scenario.brokers));
    scenario.faults.push_back(fault);
  }
}

FaultKind draw_small_fault(RandomStream& random) {
  return pick(random, std::to_array<FaultKind>({FaultKind::clock_drift, FaultKind::slow_link, FaultKind::clogged_link,
                                                FaultKind::short_transfers, FaultKind::unresolved_names,
                                                FaultKind::bad_sector}));
}

std::int64_t draw_small_amount(RandomStream& random, FaultKind kind) {
  if (kind == FaultKind::clock_drift) return random.between(-300'000, 300'000);
  return random.between(1, kind == FaultKind::slow_link ? 500 : 4);
}

void sort_faults(Scenario& scenario) {
  std::ranges::stable_sort(scenario.faults, {}, &Fault::at);
}

}  // namespace gregor::scenarios
