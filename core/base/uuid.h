// 128-bit ids (topics, directories, clusters) and Kafka's text form of them: URL-safe base64 without padding, 22
// characters.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gregor {

struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  /// Orders as Kafka does: by `high`, then `low`, both as signed numbers.
  std::strong_ordering operator<=>(const Uuid& other) const {
    if (auto by_high = static_cast<std::int64_t>(high) <=> static_cast<std::int64_t>(other.high); by_high != 0)
      return by_high;
    return static_cast<std::int64_t>(low) <=> static_cast<std::int64_t>(other.low);
  }
  bool operator==(const Uuid&) const = default;
  [[nodiscard]] bool is_zero() const { return high == 0 && low == 0; }

  [[nodiscard]] std::string to_text() const;
  /// None when the text is not 22 characters of the alphabet, padded with == or not. The four bits behind the id are
  /// ignored.
  static std::optional<Uuid> from_text(std::string_view text);
  /// Requires 16 bytes.
  static Uuid from_bytes(const std::byte* at) {
    return {load_big_endian<std::uint64_t>(at), load_big_endian<std::uint64_t>(at + 8)};
  }
  void to_bytes(std::byte* at) const {
    store_big_endian(at, high);
    store_big_endian(at + 8, low);
  }
};

}  // namespace gregor
