// Borrowed and owned byte ranges, and big-endian access. Nothing here allocates but ByteBuffer.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace gregor {

/// Borrowed, read-only. Whoever hands one out says how long it lives.
using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;
/// Owned and growing.
using ByteBuffer = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Int>
Int big_endian_swap(Int value) {
  if constexpr (sizeof(Int) == 1) return value;
  if constexpr (sizeof(Int) == 2) return static_cast<Int>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof(Int) == 4) return static_cast<Int>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof(Int) == 8) return static_cast<Int>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}
static_assert(std::endian::native == std::endian::little, "the byte-order helpers assume a little-endian machine");

/// Requires sizeof(Int) readable bytes at `at`.
template <class Int>
Int load_big_endian(const std::byte* at) {
  Int value;
  std::memcpy(&value, at, sizeof value);
  return big_endian_swap(value);
}
template <class Int>
void store_big_endian(std::byte* at, Int value) {
  value = big_endian_swap(value);
  std::memcpy(at, &value, sizeof value);
}

inline void append_bytes(ByteBuffer& to, Bytes from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace gregor
