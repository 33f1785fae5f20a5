// Many seeds on the cores of this machine: worker processes, each with its share of the seeds, and their results in
// order of seed. A worker that dies is a failed seed, not the end of the fleet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "scenarios/scenario.h"

namespace gregor::program {

struct SeedResult {
  std::uint64_t seed = 0;
  bool holds = true;
  std::string hash;
  std::uint64_t events = 0;
  std::int64_t simulated_ms = 0;
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t read = 0;
  std::uint64_t judged = 0;
  std::string invariant;  ///< of the first violation
  std::string text;
};

struct FleetOptions {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  unsigned jobs = 1;  ///< worker processes, 1 to 64
};

/// Runs each seed once by `run` in a forked worker; calls `done` here, in order of seed. Returns early when `done` says
/// false. Errors: io (no process could be made).
Result<void> run_fleet(const FleetOptions& options, const std::function<SeedResult(std::uint64_t)>& run,
                       const std::function<bool(const SeedResult&)>& done);

/// Runs what a seed expanded to, in this process.
SeedResult run_seed(const scenarios::Scenario& scenario);

}  // namespace gregor::program
