// What every drawing of a scenario draws with.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace gregor::scenarios {

struct Scenario;

/// Settings of the brokers other than the usual ones; everything else of the scenario is drawn already.
void draw_cluster_knobs(Scenario& scenario);

/// Each part draws from a stream of its own name, so a new draw leaves the others alone.
inline RandomStream stream_of(std::uint64_t seed, std::string_view purpose) {
  return RandomStream(hash_name(purpose, seed));
}

template <class T, std::size_t N>
T pick(RandomStream& random, const std::array<T, N>& choices) {
  return choices[random.below(N)];
}

}  // namespace gregor::scenarios
