#include "runtime/gregor/sim_shrink.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "runtime/gregor/options.h"
#include "scenarios/run_frame.h"
#include "scenarios/shrink.h"

namespace gregor::program {
namespace {

using scenarios::Scenario;

/// How large a scenario is, in what people count.
struct Size {
  explicit Size(const Scenario& scenario)
      : faults(scenario.faults.size()),
        clients(scenario.producers.size() + scenario.consumers.size() + scenario.groups.size() +
                static_cast<std::size_t>(scenario.sequence_clients + scenario.transaction_clients +
                                         scenario.compaction_clients + scenario.config_clients +
                                         scenario.reassignment_clients + scenario.directory_clients +
                                         scenario.churned_topics)),
        topics(scenario.topics.size()),
        nodes(static_cast<std::size_t>(node_count(scenario))),
        chaos_ms(scenario.chaos.count()) {}
  std::size_t faults;
  std::size_t clients;
  std::size_t topics;
  std::size_t nodes;
  std::int64_t chaos_ms;
};

/// What a candidate's run says on standard error (a failed check) would bury the progress.
void be_silent() {
  const int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
}

/// One line that is written over, where somebody looks.
class ProgressLine {
 public:
  void show(const scenarios::ShrinkProgress& progress) const {
    if (!on_terminal_) return;
    const Size size(progress.simplest);
    std::cerr << "\r" << progress.runs << " runs, left: " << size.faults << " faults, " << size.clients << " clients, "
              << size.nodes << " nodes, " << size.chaos_ms << " ms of chaos    " << std::flush;
  }
  void end() const {
    if (on_terminal_) std::cerr << "\n";
  }

 private:
  bool on_terminal_ = ::isatty(STDERR_FILENO) == 1;
};

/// As a file tells it: what is judged is what is kept.
Result<Scenario> as_kept(const Scenario& scenario) {
  return scenarios::scenario_from_toml(scenarios::to_toml(scenario));
}

nlohmann::ordered_json json_of(const Size& size) {
  return {{"faults", size.faults},
          {"clients", size.clients},
          {"topics", size.topics},
          {"nodes", size.nodes},
          {"chaos_ms", size.chaos_ms}};
}

void tell(const ShrinkRequest& request, const Scenario& from, const scenarios::Shrunk& shrunk,
          const SeedResult& violation, const std::string& path) {
  const std::string replay = request.call.program + " sim run " + path + request.call.besides + " --verbose";
  const Size before(from), after(shrunk.scenario);
  if (request.json) {
    const nlohmann::ordered_json line = {{"scenario", from.name},     {"invariant", violation.invariant},
                                         {"text", violation.text},    {"runs", shrunk.runs},
                                         {"is_done", shrunk.is_done}, {"before", json_of(before)},
                                         {"after", json_of(after)},   {"kept", path},
                                         {"replay", replay}};
    std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    return;
  }
  std::cout << from.name << " violates " << violation.invariant << ": " << violation.text << "\n  shrunk in "
            << shrunk.runs << " runs"
            << (shrunk.is_done ? "" : ", which is the limit: --runs allows more, and the result can be shrunk again")
            << ": faults " << before.faults << " to " << after.faults << ", clients " << before.clients << " to "
            << after.clients << ", topics " << before.topics << " to " << after.topics << ", nodes " << before.nodes
            << " to " << after.nodes << ", chaos " << before.chaos_ms << " to " << after.chaos_ms
            << " ms\n  kept: " << path << "\n  replay: " << replay << "\n";
}

}  // namespace

Result<SeedResult> run_apart(const Scenario& scenario) {
  SeedResult result;
  const auto run = [&scenario](std::uint64_t place) {
    be_silent();
    SeedResult one = run_seed(scenario);
    one.seed = place;  // the fleet tells its seeds apart by it, and has this one alone
    return one;
  };
  const auto ended = run_fleet({.first = 1, .last = 1, .jobs = 1}, run, [&result](const SeedResult& one) {
    result = one;
    return true;
  });
  if (!ended) return fail(Error(ended.error()));
  result.seed = scenario.seed;
  return result;
}

std::string file_name_of(const std::string& name, const std::string& ending) {
  std::string file;
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    file += is_plain ? c : '_';
  }
  return (file.empty() ? "scenario" : file) + ending;
}

/// Of the same rule; and where something never came to an end, the same thing.
bool is_like(const SeedResult& violation, const SeedResult& first) {
  if (violation.holds || violation.invariant != first.invariant) return false;
  const bool names_what = first.invariant == "L4" && first.text.find(scenarios::kNeverEnded) != std::string::npos;
  return !names_what || violation.text == first.text;
}

int shrink_scenario(const ShrinkRequest& request) {
  const auto from = as_kept(request.scenario);
  if (!from) return complain("sim", "the scenario cannot be kept as a file: " + from.error().text, kExitWrong);
  const auto first = run_apart(*from);
  if (!first) return complain("sim", first.error().text, kExitFailed);
  if (first->holds) {
    return complain("sim", from->name + " violates nothing; shrink wants a scenario that does, as --seeds finds them",
                    kExitWrong);
  }
  const ProgressLine progress;
  SeedResult violation = *first;
  std::string broken;  // why no more could be judged
  const auto still_violates = [&](const Scenario& candidate) {
    const auto ran = run_apart(candidate);
    if (!ran) broken = ran.error().text;
    if (!ran || !is_like(*ran, *first)) return false;
    violation = *ran;
    return true;
  };
  scenarios::Shrunk shrunk = scenarios::shrink(
      *from, still_violates,
      {.runs_max = request.runs_max, .after_run = [&progress](const auto& done) { progress.show(done); }});
  progress.end();
  if (!broken.empty()) return complain("sim", broken, kExitFailed);
  shrunk.scenario.name = from->name + "-shrunk";
  shrunk.scenario.why = "violates " + violation.invariant + ": " + violation.text;
  const std::string path = request.out.empty() ? file_name_of(from->name, "-shrunk.toml") : request.out;
  std::ofstream file(path);
  if (!(file << scenarios::to_toml(shrunk.scenario)) || !file.flush())
    return complain("sim", "cannot write " + path + "; --out names another file", kExitWrong);
  tell(request, *from, shrunk, violation, path);
  return kExitGood;
}

}  // namespace gregor::program
