// gregor judge FILE...: histories of runs of real brokers before the judges of simulated ones. Reads only.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "properties/finally/histories.h"
#include "runtime/gregor/history_file.h"
#include "runtime/gregor/options.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;
using properties::History;
using properties::Outcome;

Syntax judge_syntax() {
  Syntax syntax{"gregor judge FILE... [--json]"};
  syntax.options.add_options()  //
      ("path", po::value<std::vector<std::string>>()->required(),
       "files of one history: lines of JSON, as in tests/kafka")  //
      ("json", po::bool_switch(), "print one JSON object");
  syntax.words.add("path", -1);
  return syntax;
}

struct Figures {
  std::size_t acknowledged = 0;
  std::size_t refused = 0;
  std::size_t unknown = 0;
  std::size_t standing = 0;
};

Figures figures_of(const History& history) {
  Figures figures;
  for (const properties::Sent& sent : history.sent) {
    figures.acknowledged += sent.outcome == Outcome::acknowledged ? 1 : 0;
    figures.refused += sent.outcome == Outcome::refused ? 1 : 0;
    figures.unknown += sent.outcome == Outcome::unknown ? 1 : 0;
  }
  for (const auto& [partition, log] : history.final_log) figures.standing += log.size();
  return figures;
}

double seconds_of(MonotonicTime at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

void print_json(const History& history, const Figures& figures, const properties::Verdict& verdict) {
  auto violations = nlohmann::ordered_json::array();
  for (const properties::Violation& violation : verdict.violations()) {
    violations.push_back(
        {{"invariant", violation.invariant}, {"at_s", seconds_of(violation.at)}, {"text", violation.text}});
  }
  const nlohmann::ordered_json all = {{"sent", history.sent.size()},
                                      {"acknowledged", figures.acknowledged},
                                      {"refused", figures.refused},
                                      {"unknown", figures.unknown},
                                      {"read", history.reads.size()},
                                      {"standing", figures.standing},
                                      {"partitions", history.final_log.size()},
                                      {"violation_count", verdict.count()},
                                      {"violations", violations}};
  std::cout << all.dump() << "\n";
}

void print_text(const History& history, const Figures& figures, const properties::Verdict& verdict) {
  for (const properties::Violation& violation : verdict.violations()) {
    std::cout << violation.invariant << " at " << seconds_of(violation.at) << " s: " << violation.text << "\n";
  }
  if (verdict.count() > verdict.violations().size())
    std::cout << "and " << verdict.count() - verdict.violations().size() << " more\n";
  std::cout << history.sent.size() << " sent, " << figures.acknowledged << " acknowledged, " << figures.refused
            << " refused, " << figures.unknown << " unknown; " << history.reads.size() << " read; " << figures.standing
            << " stand in " << history.final_log.size() << " partitions; " << verdict.count() << " violations\n";
}

}  // namespace

int run_judge(Arguments arguments) {
  Syntax syntax = judge_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("judge", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  History history;
  for (const std::string& path : value_of<std::vector<std::string>>(*values, "path")) {
    if (auto read = read_history(path, history); !read) return complain("judge", read.error().text, kExitWrong);
  }
  const Figures figures = figures_of(history);
  if (figures.acknowledged == 0)
    return complain("judge", "nothing was acknowledged in this history, so that it shows nothing", kExitWrong);
  properties::Verdict verdict;
  properties::judge_history(history, verdict);
  value_of<bool>(*values, "json") ? print_json(history, figures, verdict) : print_text(history, figures, verdict);
  return verdict.holds() ? kExitGood : kExitFailed;
}

}  // namespace gregor::program
