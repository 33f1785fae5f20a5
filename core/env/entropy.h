// Named random streams. A stream's draws depend only on the run's seed and on its name, so a new draw in one place
// leaves the draws of all other places as they were.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace gregor::env {

class Entropy {
 public:
  virtual ~Entropy() = default;
  /// A stream for one purpose of this node ("topic-id", "retry-backoff") and, where there are several, one object.
  /// The real world seeds it from the operating system, the simulator from (seed, purpose, node, incarnation, object).
  [[nodiscard]] virtual RandomStream stream(std::string_view purpose, std::uint64_t object = 0) = 0;
};

}  // namespace gregor::env
