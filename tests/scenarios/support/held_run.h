// Runs of which every invariant must hold.
#pragma once

#include <string>

#include "scenarios/run.h"
#include "scenarios/run_timeline.h"

namespace gregor::scenarios::test {

/// Runs it; each violation fails the test, which then says `again` too.
RunReport held_run(const Scenario& scenario, RunTimeline* timeline = nullptr, const std::string& again = "");

}  // namespace gregor::scenarios::test
