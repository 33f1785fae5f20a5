// KeyOffsets: for each key of the part of a log that is to be cleaned, the offset of its last record. Bounded memory:
// a table of hashes, as Kafka's SkimpyOffsetMap. Pure.
//
// Keys are told apart by 128 bits of SipHash-2-4 under a seed that nobody outside knows, so that no choice of keys can
// make two of them meet; keys that meet in a place of the table alone are told apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace gregor::storage {

struct HashSeed {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// SipHash-2-4 with 128 bits of result (Aumasson and Bernstein).
std::array<std::uint64_t, 2> sip_hash_128(HashSeed seed, Bytes bytes);

class KeyOffsets {
 public:
  static constexpr std::size_t kSlotBytes = 24;

  struct Limits {
    std::uint64_t bytes_max = std::uint64_t{128} << 20;  ///< log.cleaner.dedupe.buffer.size
    std::uint64_t load_percent_max = 90;                 ///< log.cleaner.io.buffer.load.factor
  };
  /// Takes memory as keys come: while it grows the old and the new table together stay below limits.bytes_max.
  KeyOffsets(HashSeed seed, const Limits& limits);

  /// Notes the key's offset in place of an earlier one. False when there is no place for another key: nothing changed.
  bool put(Bytes key, Offset offset);
  [[nodiscard]] std::optional<Offset> find(Bytes key) const;
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t keys_max() const { return keys_max_; }
  [[nodiscard]] std::size_t bytes() const { return slots_.size() * kSlotBytes; }

 private:
  struct Slot {
    std::array<std::uint64_t, 2> hash{};
    Offset offset = kNoOffset;  ///< none: the slot is free
  };
  static_assert(sizeof(Slot) == kSlotBytes);
  [[nodiscard]] std::size_t slot_of(const std::array<std::uint64_t, 2>& hash) const;
  [[nodiscard]] std::size_t keys_max_of(std::size_t slots) const;
  void grow();

  HashSeed seed_;
  std::uint64_t load_percent_;
  std::size_t slots_max_;
  std::size_t keys_max_;
  std::size_t size_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace gregor::storage
