// Kafka's variable-length integers: little groups of seven bits first, high bit set on all but the last byte.
// Signed ones are zig-zag coded. Reading takes at most 5 (int) or 10 (long) bytes; longer forms are malformed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace gregor {

inline constexpr std::size_t kVarintBytesMax = 5;
inline constexpr std::size_t kVarlongBytesMax = 10;

constexpr std::uint32_t zigzag(std::int32_t value) {
  return (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31);
}
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int32_t unzigzag(std::uint32_t value) {
  return static_cast<std::int32_t>((value >> 1) ^ (0U - (value & 1)));
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0ULL - (value & 1)));
}

constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

/// Writes 1 to 10 bytes at `at`; returns one past the last.
inline std::byte* write_varint(std::byte* at, std::uint64_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<std::byte>(value);
  return at;
}

/// Reads an unsigned 32-bit form. Returns the bytes taken, or 0 when `from` ends first or a fifth byte goes on.
std::size_t read_varint(Bytes from, std::uint32_t& value);
/// The same for 64 bits and at most ten bytes.
std::size_t read_varint(Bytes from, std::uint64_t& value);

}  // namespace gregor
