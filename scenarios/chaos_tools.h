// What faults are dosed with.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/streams.h"

namespace gregor::scenarios {

inline sim::Chance one_in(std::int64_t count) {
  return {static_cast<std::uint32_t>(sim::Chance::kOneMillion / std::max<std::int64_t>(1, count))};
}

}  // namespace gregor::scenarios
