// RandomStream: a small seeded generator (xoshiro256**) with integer-only draws, equal on every compiler and machine.
// Never draw inside an argument list: compilers evaluate arguments in different orders.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/uuid.h"

namespace gregor {

/// 64-bit mix of a text and a number, for deriving stream seeds from names. Not cryptographic.
std::uint64_t hash_name(std::string_view text, std::uint64_t salt = 0);

class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed);
  std::uint64_t next();
  /// Uniform in [0, bound). Requires bound > 0. Lemire's method, without bias.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  /// True `numerator` times in `denominator`.
  bool chance(std::uint64_t numerator, std::uint64_t denominator);
  Uuid uuid();

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace gregor
