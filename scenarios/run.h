// Runs one scenario in a simulated world and judges it. The same scenario gives the same report, hash included, in
// every build and in any company: nothing survives from one run to the next.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "observe/log.h"
#include "properties/violation.h"
#include "scenarios/run_counts.h"
#include "scenarios/scenario.h"
#include "sim/faults.h"
#include "sim/trace.h"

namespace gregor::scenarios {

class RunTimeline;

struct RunOptions {
  observe::Log* log = nullptr;      ///< where the broker's lines go; nowhere when null. Changes nothing of the run.
  RunTimeline* timeline = nullptr;  ///< what people look at is noted there, where not null. Changes nothing of the run.
  /// Of each wait of a run: one that takes more is cut off and counts as stuck (L4); the chaos itself just ends.
  std::uint64_t events_max = 30'000'000;
};

struct RunReport {
  properties::Verdict verdict;
  sim::Hash128 hash;
  std::uint64_t events = 0;
  Nanoseconds simulated{0};
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t read = 0;
  std::uint64_t events_judged = 0;  ///< by those that watch every event
  std::uint32_t broker_lives = 0;
  std::array<sim::FaultCount, sim::kFaultRows.size()> faults{};
  RunCounts counts;
  std::vector<std::string> stuck;  ///< live fibers, when the run did not come to its end
};

RunReport run_scenario(const Scenario& scenario, const RunOptions& options = {});

}  // namespace gregor::scenarios
