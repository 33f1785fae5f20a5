// gregor sim report: one run as one HTML page that needs nothing else: the verdict and its evidence, each node's life
// over virtual time, and what became of each fault. Built from what the run told (scenarios/run_timeline.h); the page
// itself stands in report/.
#pragma once

#include <string>

#include "runtime/gregor/command.h"
#include "scenarios/run.h"
#include "scenarios/run_timeline.h"

namespace gregor::program {

/// The page, with %RUN% where the run's JSON belongs.
extern const char* const kReportPage;

struct ReportRequest {
  scenarios::Scenario scenario;
  std::string out;     ///< empty: NAME.html in the current directory
  std::string replay;  ///< the command that runs it again
};

/// The whole page. Whatever texts the run holds, they stand in it as data alone.
std::string report_page(const scenarios::Scenario& scenario, const scenarios::RunReport& report,
                        const scenarios::RunTimeline& timeline, const std::string& replay);

/// Runs the scenario, in this process, and writes its page. Good where the page was written, whatever the verdict.
int report_scenario(const ReportRequest& request);

}  // namespace gregor::program
