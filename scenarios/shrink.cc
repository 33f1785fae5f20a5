#include "scenarios/shrink.h"

#include <algorithm>
#include <utility>

#include "scenarios/simpler.h"

namespace gregor::scenarios {
namespace {

/// A scenario being shrunk: what is the simplest so far, and what it took.
class Shrinking {
 public:
  Shrinking(const Scenario& from, StillViolates& still_violates, ShrinkOptions& options)
      : still_violates_(still_violates), options_(options), result_{.scenario = from} {}

  Shrunk go() {
    bool got_simpler = true;
    while (got_simpler && !is_spent()) {
      const std::uint32_t before = result_.steps;
      leave_faults_out();
      take_away(with_less_around);
      take_away(with_rounder_faults);
      got_simpler = result_.steps != before;
    }
    result_.is_done = !is_spent();
    return std::move(result_);
  }

 private:
  using Ways = std::vector<Scenario> (*)(const Scenario&);

  [[nodiscard]] bool is_spent() const { return result_.runs >= options_.runs_max; }

  /// Keeps `candidate` where it still violates the property.
  bool keeps(Scenario candidate) {
    if (is_spent()) return false;
    ++result_.runs;
    const bool violates = still_violates_(candidate);
    if (violates) {
      ++result_.steps;
      result_.scenario = std::move(candidate);
    }
    options_.after_run({.runs = result_.runs, .simplest = result_.scenario});
    return violates;
  }

  Scenario without_faults(std::size_t from, std::size_t count) const {
    Scenario candidate = result_.scenario;
    const auto first = candidate.faults.begin() + static_cast<std::ptrdiff_t>(from);
    candidate.faults.erase(first, first + static_cast<std::ptrdiff_t>(count));
    return candidate;
  }

  /// Delta debugging: ever smaller pieces, and from the start again as long as one could be spared.
  void leave_faults_out() {
    for (std::size_t piece = result_.scenario.faults.size(); piece > 0 && !is_spent();) {
      piece = std::min(piece, result_.scenario.faults.size());
      const bool spared = leave_pieces_out(piece);
      if (piece == 1 && !spared) return;
      piece = piece == 1 ? 1 : piece / 2;
    }
  }
  bool leave_pieces_out(std::size_t piece) {
    bool spared = false;
    for (std::size_t from = 0; from < result_.scenario.faults.size();) {
      const std::size_t count = std::min(piece, result_.scenario.faults.size() - from);
      if (count > 0 && keeps(without_faults(from, count))) {
        spared = true;
      } else {
        from += count;
      }
      if (is_spent()) return false;
    }
    return spared && !result_.scenario.faults.empty();
  }

  /// Goes through the ways once; after one that keeps the violation, through those of what came of it from there on.
  void take_away(Ways ways) {
    std::vector<Scenario> candidates = ways(result_.scenario);
    for (std::size_t at = 0; at < candidates.size() && !is_spent();) {
      if (candidates[at] != result_.scenario && keeps(std::move(candidates[at]))) {
        candidates = ways(result_.scenario);
      } else {
        ++at;
      }
    }
  }

  StillViolates& still_violates_;
  ShrinkOptions& options_;
  Shrunk result_;
};

}  // namespace

Shrunk shrink(const Scenario& from, StillViolates still_violates, ShrinkOptions options) {
  return Shrinking(from, still_violates, options).go();
}

}  // namespace gregor::scenarios
