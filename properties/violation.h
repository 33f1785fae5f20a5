// What a property reports when it does not hold: which one, when, and one sentence in Kafka's words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace gregor::properties {

struct Violation {
  std::string invariant;  ///< the row that names the rule: "R8", "P1", "S1"
  std::string text;       ///< what was promised, what was seen, where
  MonotonicTime at;       ///< simulated time
};

/// Collects violations; the first one decides the verdict, a few more help to understand it.
class Verdict {
 public:
  static constexpr std::size_t kKeptMax = 20;

  void violated(std::string invariant, std::string text, MonotonicTime at) {
    ++count_;
    if (kept_.size() < kKeptMax) kept_.push_back({std::move(invariant), std::move(text), at});
  }
  [[nodiscard]] bool holds() const { return count_ == 0; }
  [[nodiscard]] const std::vector<Violation>& violations() const { return kept_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
  std::vector<Violation> kept_;
};

}  // namespace gregor::properties
