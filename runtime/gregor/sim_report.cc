#include "runtime/gregor/sim_report.h"

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "properties/history.h"
#include "runtime/gregor/options.h"
#include "runtime/gregor/sim_shrink.h"

namespace gregor::program {
namespace {

using Json = nlohmann::ordered_json;
using scenarios::FaultOutcome;
using scenarios::RunReport;
using scenarios::RunTimeline;
using scenarios::Scenario;

std::int64_t us_since_start(MonotonicTime at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

const char* word_of(sim::NodeState state) {
  switch (state) {
    case sim::NodeState::running:
      return "running";
    case sim::NodeState::paused:
      return "paused";
    case sim::NodeState::stopped:
      return "stopped";
    case sim::NodeState::crashed:
      return "crashed";
    case sim::NodeState::powered_off:
      return "powered_off";
  }
  return "";
}

const char* word_of(FaultOutcome outcome) {
  switch (outcome) {
    case FaultOutcome::carried_out:
      return "carried_out";
    case FaultOutcome::node_was_down:
      return "node_was_down";
    case FaultOutcome::over_budget:
      return "over_budget";
  }
  return "";
}

void add_scenario(Json& run, const Scenario& scenario) {
  run["name"] = scenario.name;
  run["why"] = scenario.why;
  run["nodes"] = Json::array();
  for (std::int32_t number = 1; number <= node_count(scenario); ++number)
    run["nodes"].push_back({{"number", number}, {"name", broker_name(scenario, number)}});
  run["faults"] = Json::array();
  for (const scenarios::Fault& fault : scenario.faults) {
    run["faults"].push_back({{"kind", name_of(fault.kind)},
                             {"at_ms", fault.at.count()},
                             {"lasts_ms", fault.lasts.count()},
                             {"amount", fault.amount},
                             {"broker", fault.broker},
                             {"target", fault.target}});
  }
}

void add_verdict(Json& run, const RunReport& report, const RunTimeline& timeline) {
  run["holds"] = report.verdict.holds();
  run["violations"] = Json::array();
  for (std::size_t i = 0; i < report.verdict.violations().size(); ++i) {
    const properties::Violation& violation = report.verdict.violations()[i];
    const std::int32_t node = i < timeline.accused().size() ? timeline.accused()[i] : 0;
    run["violations"].push_back({{"invariant", violation.invariant},
                                 {"text", violation.text},
                                 {"at_us", us_since_start(violation.at)},
                                 {"node", node}});
  }
  run["stuck"] = report.stuck;
  run["last"] = Json::array();
  if (report.verdict.holds()) return;
  for (const RunTimeline::LastEvent& event : timeline.last_events())
    run["last"].push_back({{"at_us", us_since_start(event.at)}, {"node", event.node}, {"text", event.text}});
}

void add_totals(Json& run, const Scenario& scenario, const RunReport& report) {
  run["totals"] = Json::array({{"seed", scenario.seed},
                               {"virtual time, ms", report.simulated.count() / 1'000'000},
                               {"events", report.events},
                               {"lives of nodes", report.broker_lives},
                               {"records sent", report.sent},
                               {"acknowledged", report.acknowledged},
                               {"read", report.read},
                               {"trace hash", report.hash.to_text()}});
  run["counts"] = Json::array();
  for (std::size_t row = 0; row < scenarios::kCountRows.size(); ++row) {
    run["counts"].push_back({{"name", scenarios::kCountRows[row].name},
                             {"text", scenarios::kCountRows[row].text},
                             {"count", report.counts.of(static_cast<scenarios::Counted>(row))}});
  }
  run["world_faults"] = Json::array();
  for (std::size_t row = 0; row < sim::kFaultRows.size(); ++row) {
    if (report.faults[row].fired == 0) continue;
    run["world_faults"].push_back({{"name", sim::kFaultRows[row].name},
                                   {"text", sim::kFaultRows[row].text},
                                   {"fired", report.faults[row].fired},
                                   {"had_effect", report.faults[row].had_effect}});
  }
}

void add_lives(Json& run, const RunTimeline& timeline) {
  const std::int64_t ended_us = us_since_start(timeline.ended());
  run["begun_us"] = timeline.begun() == kForever ? Json(nullptr) : Json(us_since_start(timeline.begun()));
  run["healed_us"] = timeline.healed() == kForever ? ended_us + 1 : us_since_start(timeline.healed());
  run["ended_us"] = ended_us;
  run["dropped"] = timeline.dropped();
  run["kept_max"] = scenarios::kTimelineMax;
  run["spans"] = Json::array();
  for (const RunTimeline::Span& span : timeline.spans()) {
    run["spans"].push_back({{"node", span.node},
                            {"life", span.life},
                            {"state", word_of(span.state)},
                            {"from_us", us_since_start(span.from)},
                            {"to_us", us_since_start(span.to)}});
  }
  run["strikes"] = Json::array();
  for (const RunTimeline::Strike& strike : timeline.strikes()) {
    run["strikes"].push_back({{"fault", strike.fault},
                              {"node", strike.node},
                              {"at_us", us_since_start(strike.at)},
                              {"outcome", word_of(strike.outcome)}});
  }
}

void add_happenings(Json& run, const RunTimeline& timeline) {
  run["changes"] = Json::array();
  for (const RunTimeline::Change& change : timeline.changes()) {
    run["changes"].push_back({{"at_us", us_since_start(change.at)},
                              {"partition", properties::to_text(change.partition)},
                              {"leader", change.leader},
                              {"leader_epoch", change.leader_epoch},
                              {"replicas", change.replicas},
                              {"isr", change.isr},
                              {"eligible", change.eligible}});
  }
  run["marks"] = Json::array();
  for (const RunTimeline::Mark& mark : timeline.marks()) {
    run["marks"].push_back(
        {{"at_us", us_since_start(mark.at)}, {"node", mark.node}, {"kind", mark.kind}, {"text", mark.text}});
  }
}

/// JSON that may stand in a page: no text in it can end the element that holds it.
std::string embeddable(const Json& run) {
  const std::string text = run.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return safe;
}

}  // namespace

std::string report_page(const Scenario& scenario, const RunReport& report, const RunTimeline& timeline,
                        const std::string& replay) {
  Json run;
  add_scenario(run, scenario);
  add_verdict(run, report, timeline);
  add_totals(run, scenario, report);
  add_lives(run, timeline);
  add_happenings(run, timeline);
  run["replay"] = replay;
  constexpr std::string_view kPlace = "%RUN%";
  std::string page = kReportPage;
  page.replace(page.find(kPlace), kPlace.size(), embeddable(run));
  return page;
}

int report_scenario(const ReportRequest& request) {
  scenarios::RunTimeline timeline(request.scenario);
  scenarios::RunOptions options;
  options.timeline = &timeline;
  const RunReport report = scenarios::run_scenario(request.scenario, options);
  const std::string path = request.out.empty() ? file_name_of(request.scenario.name, ".html") : request.out;
  std::ofstream file(path);
  if (!(file << report_page(request.scenario, report, timeline, request.replay)) || !file.flush())
    return complain("sim", "cannot write " + path + "; --out names another file", kExitWrong);
  std::cout << request.scenario.name << (report.verdict.holds() ? " holds" : " violates ")
            << (report.verdict.holds() ? "" : report.verdict.violations().front().invariant) << "; its report: " << path
            << "\n";
  return kExitGood;
}

}  // namespace gregor::program
