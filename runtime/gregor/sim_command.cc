// gregor sim: simulated lives of the very objects that `gregor broker` runs.
//   gregor sim --seeds 1..1000     judge many seeds; ends at the first violation with the command that replays it
//   gregor sim --seed 7 --verbose  one seed, with the broker's log
//   gregor sim --seed 7 --print    the scenario that the seed expands to, as TOML; runs nothing
//   gregor sim run FILE            a kept scenario
//   gregor sim shrink FILE         the simplest scenario that violates the same property; or --seed 7
//   gregor sim report FILE --out P the run as one HTML page; or --seed 7
//   gregor sim mutants             the planted bugs (gregor-mutants has them)
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <sstream>

#ifdef GREGOR_MUTANTS
#include "base/mutant_switch.h"
#endif
#include "runtime/gregor/command.h"
#include "runtime/gregor/options.h"
#include "runtime/gregor/sim_fleet.h"
#include "runtime/gregor/sim_report.h"
#include "runtime/gregor/sim_shrink.h"
#include "scenarios/run.h"
#include "scenarios/shrink.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;

#ifdef GREGOR_MUTANTS
constexpr const char* kProgram = "gregor-mutants";
#else
constexpr const char* kProgram = "gregor";
#endif

class PlainLog final : public observe::Log {
 public:
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override {
    std::cout << observe::format_line(level, event, fields) << "\n";
  }
};

Syntax sim_syntax() {
  Syntax syntax{"gregor sim --seeds A..B | --seed N | run FILE | shrink FILE | report FILE | mutants"};
  syntax.options.add_options()                                                      //
      ("seeds", po::value<std::string>(), "a range of seeds, A..B")                 //
      ("seed", po::value<std::uint64_t>(), "one seed")                              //
      ("cluster", po::bool_switch(), "with --seeds or --seed: of several brokers")  //
      ("over-budget", po::bool_switch(),
       "with --cluster: no fault is left out for what it would cost; what is lost then must be seen")         //
      ("jobs,j", po::value<unsigned>()->default_value(2), "worker processes, 1 to 64")                        //
      ("hash", po::bool_switch(), "print a line for each seed: the seed and its trace hash")                  //
      ("json", po::bool_switch(), "print a JSON line for each seed")                                          //
      ("keep-going", po::bool_switch(), "do not end at the first violation")                                  //
      ("verbose,v", po::bool_switch(), "with --seed or run: the broker's log")                                //
      ("print", po::bool_switch(), "with --seed: the scenario as TOML, without running it")                   //
      ("mutant", po::value<std::vector<std::string>>()->composing(), "plant this bug (gregor-mutants only)")  //
      ("out", po::value<std::string>()->default_value(""), "with shrink or report: the file to write")        //
      ("runs", po::value<std::uint32_t>()->default_value(scenarios::kShrinkRunsDefault),                      //
       "with shrink: how many scenarios may be run, 1 to 1000000")                                            //
      ("words", po::value<std::vector<std::string>>()->composing(),
       "run FILE, shrink [FILE], report [FILE], or mutants");
  syntax.words.add("words", -1);
  return syntax;
}

std::optional<FleetOptions> range_of(const std::string& text, unsigned jobs) {
  FleetOptions options{.first = 0, .last = 0, .jobs = jobs};
  const auto dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), text.data() + dots, options.first);
  const auto last = std::from_chars(text.data() + dots + 2, end, options.last);
  const bool good =
      first.ec == std::errc{} && first.ptr == text.data() + dots && last.ec == std::errc{} && last.ptr == end;
  if (!good || options.first > options.last || options.first == 0 || jobs == 0 || jobs > 64) return std::nullopt;
  return options;
}

/// The word that names no planted bug, if there is one.
std::optional<std::string> plant(const Values& values) {
  if (!values.contains("mutant")) return std::nullopt;
  for (const std::string& name : value_of<std::vector<std::string>>(values, "mutant")) {
#ifdef GREGOR_MUTANTS
    std::size_t row = 0;
    while (row < kMutants.size() && name != kMutants[row].name) ++row;
    if (row == kMutants.size()) return name;
    switch_mutant_on(static_cast<Mutant>(row));
#else
    return name;
#endif
  }
  return std::nullopt;
}

int list_mutants() {
#ifdef GREGOR_MUTANTS
  for (const MutantRow& row : std::span(kMutants).first(kLifeMutants + kClusterMutants)) {
    const bool is_of_clusters = &row >= &kMutants[kLifeMutants];
    std::cout << row.name << " " << row.hazard << " " << row.invariant << " " << row.seeds_max
              << (is_of_clusters ? " --cluster" : "") << "\n";
  }
  return kExitGood;
#else
  return complain("sim", "this build has no planted bugs; gregor-mutants has them", kExitWrong);
#endif
}

scenarios::Scenario expand(std::uint64_t seed, const Values& values) {
  if (!value_of<bool>(values, "cluster")) return scenarios::draw_scenario(seed);
  scenarios::Scenario scenario = scenarios::draw_cluster_scenario(seed);
  scenario.over_budget = value_of<bool>(values, "over-budget");
  return scenario;
}

void print_violation(std::uint64_t seed, const std::string& invariant, const std::string& text,
                     const std::string& besides) {
  std::cout << "seed " << seed << " violates " << invariant << ": " << text << "\n  replay: " << kProgram
            << " sim --seed " << seed << besides << " --verbose\n";
}

std::string mutant_words(const Values& values) {
  std::string words;
  if (values.contains("mutant")) {
    for (const std::string& name : value_of<std::vector<std::string>>(values, "mutant")) words += " --mutant " + name;
  }
  return words;
}

/// Which world a seed is expanded to.
std::string world_words(const Values& values) {
  return std::string(value_of<bool>(values, "cluster") ? " --cluster" : "") +
         (value_of<bool>(values, "over-budget") ? " --over-budget" : "");
}

/// What a replay must be told besides the seed.
std::string replay_words(const Values& values) {
  return world_words(values) + mutant_words(values);
}

nlohmann::ordered_json json_of(const SeedResult& result) {
  return {{"seed", result.seed},           {"holds", result.holds},   {"hash", result.hash},
          {"events", result.events},       {"sent", result.sent},     {"acknowledged", result.acknowledged},
          {"read", result.read},           {"judged", result.judged}, {"simulated_ms", result.simulated_ms},
          {"invariant", result.invariant}, {"text", result.text}};
}

int run_range(const Values& values, const FleetOptions& options) {
  const bool show_hash = value_of<bool>(values, "hash");
  const bool show_json = value_of<bool>(values, "json");
  const bool keep_going = value_of<bool>(values, "keep-going");
  const bool on_terminal = ::isatty(2) == 1;
  std::uint64_t ran = 0, violated = 0, acknowledged = 0, judged = 0, events = 0;
  std::int64_t simulated_ms = 0;
  const auto run = [&values](std::uint64_t seed) { return run_seed(expand(seed, values)); };
  const auto ended = run_fleet(options, run, [&](const SeedResult& result) {
    ++ran;
    acknowledged += result.acknowledged;
    judged += result.judged;
    events += result.events;
    simulated_ms += result.simulated_ms;
    if (show_hash) std::cout << result.seed << " " << result.hash << "\n";
    if (show_json) std::cout << json_of(result).dump() << "\n";
    if (on_terminal && ran % 10 == 0)
      std::cerr << "\r" << ran << " of " << options.last - options.first + 1 << " seeds" << std::flush;
    if (result.holds) return true;
    ++violated;
    if (!show_json) print_violation(result.seed, result.invariant, result.text, replay_words(values));
    return keep_going;
  });
  if (on_terminal) std::cerr << "\r";
  if (!ended) return complain("sim", ended.error().text, kExitFailed);
  if (!show_json && !show_hash) {
    std::cout << ran << " seeds, " << violated << " violations, " << acknowledged << " acknowledged records, " << judged
              << " events judged, " << events << " events, " << simulated_ms / 1000 << " s simulated\n";
  }
  return violated == 0 && ran == options.last - options.first + 1 ? kExitGood : kExitFailed;
}

int run_one(const scenarios::Scenario& scenario, const Values& values) {
  PlainLog log;
  scenarios::RunOptions options;
  if (value_of<bool>(values, "verbose")) options.log = &log;
  const scenarios::RunReport report = scenarios::run_scenario(scenario, options);
  for (const std::string& line : report.stuck) std::cout << "stuck: " << line << "\n";
  for (const properties::Violation& violation : report.verdict.violations()) {
    std::cout << "violates " << violation.invariant << " at " << violation.at.time_since_epoch().count() / 1000
              << " us: " << violation.text << "\n";
  }
  for (std::size_t i = 0; i < sim::kFaultRows.size(); ++i) {
    if (report.faults[i].fired == 0) continue;
    std::cout << "fault " << sim::kFaultRows[i].name << " fired " << report.faults[i].fired << " had effect "
              << report.faults[i].had_effect << "\n";
  }
  const std::vector<std::string> missed = scenarios::unmet(scenario, report.counts);
  for (const std::string& line : missed) std::cout << "its story did not happen: " << line << "\n";
  std::cout << scenario.name << " " << report.hash.to_text() << " " << (report.verdict.holds() ? "holds" : "violated")
            << ": " << report.sent << " sent, " << report.acknowledged << " acknowledged, " << report.read << " read, "
            << report.broker_lives << " lives, " << report.events << " events, " << report.simulated.count() / 1'000'000
            << " ms simulated\n";
  return report.verdict.holds() && missed.empty() ? kExitGood : kExitFailed;
}

Result<scenarios::Scenario> scenario_of_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return fail(Errc::invalid, "cannot read " + path + "; it must be a scenario file");
  auto scenario = scenarios::scenario_from_toml(text.str());
  if (!scenario) return fail(Errc::invalid, path + ": " + scenario.error().text);
  return scenario;
}

/// The scenario that the words behind a verb name, or --seed does.
Result<scenarios::Scenario> scenario_asked_for(const std::vector<std::string>& words, const Values& values) {
  if (words.size() == 2 && !values.contains("seed")) return scenario_of_file(words[1]);
  if (words.size() == 1 && values.contains("seed")) return expand(value_of<std::uint64_t>(values, "seed"), values);
  return fail(Errc::invalid, words[0] + " wants a scenario file or --seed N");
}

int shrink_one(const scenarios::Scenario& scenario, const Values& values) {
  const auto runs = value_of<std::uint32_t>(values, "runs");
  if (runs == 0 || runs > scenarios::kShrinkRunsMax)
    return complain("sim", "--runs wants a number from 1 to " + std::to_string(scenarios::kShrinkRunsMax), kExitWrong);
  return shrink_scenario({.scenario = scenario,
                          .runs_max = runs,
                          .out = value_of<std::string>(values, "out"),
                          .json = value_of<bool>(values, "json"),
                          .call = {.program = kProgram, .besides = mutant_words(values)}});
}

/// `again`: the words that name the scenario to this program.
int report_one(const scenarios::Scenario& scenario, const std::string& again, const Values& values) {
  return report_scenario({.scenario = scenario,
                          .out = value_of<std::string>(values, "out"),
                          .replay = kProgram + (" sim " + again) + mutant_words(values) + " --verbose"});
}

int run_words(const std::vector<std::string>& words, const Values& values) {
  if (words.size() == 1 && words[0] == "mutants") return list_mutants();
  const bool is_run = words[0] == "run" && words.size() == 2;
  if (!is_run && words[0] != "shrink" && words[0] != "report") {
    return complain("sim", "it takes 'run FILE', 'shrink FILE', 'report FILE' or 'mutants', not '" + words[0] + "'",
                    kExitWrong);
  }
  const auto scenario = scenario_asked_for(words, values);
  if (!scenario) return complain("sim", scenario.error().text, kExitWrong);
  if (is_run) return run_one(*scenario, values);
  if (words[0] == "shrink") return shrink_one(*scenario, values);
  const std::string seed = "--seed " + std::to_string(scenario->seed) + world_words(values);
  return report_one(*scenario, words.size() == 2 ? "run " + words[1] : seed, values);
}

}  // namespace

int run_sim(Arguments arguments) {
  Syntax syntax = sim_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("sim", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  if (const auto unknown = plant(*values)) {
    return complain("sim",
                    "there is no planted bug '" + *unknown + "' in this build; gregor-mutants sim mutants lists them",
                    kExitWrong);
  }
  if (value_of<bool>(*values, "over-budget") && !value_of<bool>(*values, "cluster")) {
    return complain("sim", "--over-budget is for clusters: say --cluster too", kExitWrong);
  }
  if (values->contains("words")) return run_words(value_of<std::vector<std::string>>(*values, "words"), *values);
  if (values->contains("seed")) {
    const scenarios::Scenario scenario = expand(value_of<std::uint64_t>(*values, "seed"), *values);
    if (!value_of<bool>(*values, "print")) return run_one(scenario, *values);
    std::cout << scenarios::to_toml(scenario);
    return kExitGood;
  }
  if (!values->contains("seeds")) return complain("sim", "it wants --seeds A..B, --seed N or run FILE", kExitWrong);
  const auto options = range_of(value_of<std::string>(*values, "seeds"), value_of<unsigned>(*values, "jobs"));
  if (!options)
    return complain("sim", "--seeds wants A..B with 1 <= A <= B, and --jobs a number from 1 to 64", kExitWrong);
  return run_range(*values, *options);
}

}  // namespace gregor::program
