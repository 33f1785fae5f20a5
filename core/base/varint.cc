#include "base/varint.h"

namespace gregor {
namespace {

template <class Int>
std::size_t read_groups(Bytes from, Int& value, std::size_t bytes_max) {
  value = 0;
  for (std::size_t i = 0; i < bytes_max && i < from.size(); ++i) {
    const auto byte = std::to_integer<Int>(from[i]);
    value |= (byte & 0x7f) << (7 * i);  // bits above the type's width are dropped, as Kafka drops them
    if ((byte & 0x80) == 0) return i + 1;
  }
  return 0;
}

}  // namespace

std::size_t read_varint(Bytes from, std::uint32_t& value) {
  return read_groups(from, value, kVarintBytesMax);
}
std::size_t read_varint(Bytes from, std::uint64_t& value) {
  return read_groups(from, value, kVarlongBytesMax);
}

}  // namespace gregor
