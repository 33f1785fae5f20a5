#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace gregor {

std::uint32_t extend_crc32c(std::uint32_t crc, Bytes bytes) {
  constexpr std::size_t kPieceMax = 1U << 30;  // ISA-L takes the length as an int
  std::uint32_t state = ~crc;
  while (!bytes.empty()) {
    const std::size_t piece = std::min(bytes.size(), kPieceMax);
    auto* at = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data()));
    state = crc32_iscsi(at, static_cast<int>(piece), state);
    bytes = bytes.subspan(piece);
  }
  return ~state;
}

std::uint32_t crc32c(Bytes bytes) {
  return extend_crc32c(0, bytes);
}

}  // namespace gregor
