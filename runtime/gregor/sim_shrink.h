// gregor sim shrink: a scenario that violates a property becomes the simplest one found that still violates the same,
// kept as a file beside the command that replays it. Each candidate runs in a process of its own, so one that ends in a
// failed check counts as a violation named "crash".
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "runtime/gregor/command.h"
#include "runtime/gregor/sim_fleet.h"
#include "scenarios/scenario.h"

namespace gregor::program {

/// How this program is called again for a scenario.
struct SimCall {
  std::string program;  ///< "gregor"
  std::string besides;  ///< " --mutant NAME" for each planted bug
};

struct ShrinkRequest {
  scenarios::Scenario scenario;
  std::uint32_t runs_max = 0;
  std::string out;  ///< where the result is kept; empty: NAME-shrunk.toml in the current directory
  bool json = false;
  SimCall call;
};

/// Runs it in a process of its own. Errors: io (no process could be made).
Result<SeedResult> run_apart(const scenarios::Scenario& scenario);

/// A file name made of a scenario's: other characters than letters, digits, '-' and '_' become '_'.
std::string file_name_of(const std::string& name, const std::string& ending);

/// Shrinks, keeps the result, and says what became of it. Wrong where the scenario violates nothing, or the result
/// cannot be kept.
int shrink_scenario(const ShrinkRequest& request);

}  // namespace gregor::program
