#include "client/partitioner.h"

#include "base/check.h"

namespace gregor::client {

namespace {

std::uint32_t little_endian(Bytes bytes, std::size_t at) {
  return std::to_integer<std::uint32_t>(bytes[at]) | std::to_integer<std::uint32_t>(bytes[at + 1]) << 8 |
         std::to_integer<std::uint32_t>(bytes[at + 2]) << 16 | std::to_integer<std::uint32_t>(bytes[at + 3]) << 24;
}

}  // namespace

std::int32_t murmur2(Bytes bytes) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kFactor = 0x5bd1e995;
  constexpr int kShift = 24;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = little_endian(bytes, at) * kFactor;
    word = (word ^ (word >> kShift)) * kFactor;
    hash = (hash * kFactor) ^ word;
  }
  const std::size_t left = bytes.size() - at;
  if (left == 3) hash ^= std::to_integer<std::uint32_t>(bytes[at + 2]) << 16;
  if (left >= 2) hash ^= std::to_integer<std::uint32_t>(bytes[at + 1]) << 8;
  if (left >= 1) hash = (hash ^ std::to_integer<std::uint32_t>(bytes[at])) * kFactor;
  hash = (hash ^ (hash >> 13)) * kFactor;
  return static_cast<std::int32_t>(hash ^ (hash >> 15));
}

PartitionIndex partition_of_key(Bytes key, std::int32_t partition_count) {
  CHECK(partition_count > 0);
  return PartitionIndex{(murmur2(key) & 0x7fffffff) % partition_count};
}

}  // namespace gregor::client
