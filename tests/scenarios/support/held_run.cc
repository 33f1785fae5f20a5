#include "tests/scenarios/support/held_run.h"

#include <gtest/gtest.h>

namespace gregor::scenarios::test {

RunReport held_run(const Scenario& scenario, RunTimeline* timeline, const std::string& again) {
  RunOptions options;
  options.timeline = timeline;
  RunReport report = run_scenario(scenario, options);
  for (const properties::Violation& violation : report.verdict.violations())
    ADD_FAILURE() << violation.invariant << ": " << violation.text << (again.empty() ? "" : "; ") << again;
  return report;
}

}  // namespace gregor::scenarios::test
