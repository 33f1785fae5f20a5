// Where every random stream of a world comes from: a name. Streams of different names share nothing, so one more draw
// in one place leaves all the others as they were.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace gregor::sim {

/// `purpose` is a short constant text; unused numbers stay 0. Equal names give equal streams.
struct StreamName {
  std::string_view purpose;
  std::uint64_t node = 0;
  std::uint64_t incarnation = 0;
  std::uint64_t object = 0;
};

/// The seed of a named stream of the world with this seed.
std::uint64_t stream_seed(std::uint64_t world_seed, const StreamName& name);
RandomStream open_stream(std::uint64_t world_seed, const StreamName& name);

/// So many times in a million. Zero never draws: a fault that is off leaves its stream untouched.
struct Chance {
  std::uint32_t per_million = 0;
  bool draw(RandomStream& stream) const { return per_million != 0 && stream.below(kOneMillion) < per_million; }
  static constexpr std::uint32_t kOneMillion = 1'000'000;
  /// One time in `count`; always where that is below 2.
  static constexpr Chance one_in(std::int64_t count) {
    return {static_cast<std::uint32_t>(kOneMillion / (count < 1 ? 1 : count))};
  }
};
inline constexpr Chance kAlways{Chance::kOneMillion};

}  // namespace gregor::sim
