// Draw: where the generated randomize() functions get their values. Small counts, values near the edges more often than
// not.
#pragma once

#include <concepts>
#include <limits>
#include <string_view>

#include "base/random.h"
#include "base/uuid.h"
#include "wire/arena.h"

namespace gregor::wire {

class Draw {
 public:
  Draw(RandomStream& random, Arena& arena) : random_(random), arena_(arena) {}

  bool null() { return random_.chance(1, 4); }
  /// Elements of an array.
  std::size_t count() { return random_.below(4); }

  template <class Int>
  requires std::is_integral_v<Int>
  void fill(Int& into) {
    into = static_cast<Int>(integer(std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max()));
  }
  void fill(bool& into) { into = random_.chance(1, 2); }
  void fill(double& into);
  void fill(Uuid& into) { into = random_.uuid(); }
  void fill(std::string_view& into);
  void fill(Bytes& into);

 private:
  std::int64_t integer(std::int64_t low, std::int64_t high);

  RandomStream& random_;
  Arena& arena_;
};

}  // namespace gregor::wire
