#include "storage/key_offsets.h"

#include <algorithm>
#include <bit>

namespace gregor::storage {
namespace {

constexpr std::size_t kSlotsAtFirst = 1024;
constexpr std::size_t kSlotsMin = 4;

struct SipState {
  std::uint64_t a, b, c, d;

  void round() {
    a += b;
    b = std::rotl(b, 13) ^ a;
    a = std::rotl(a, 32);
    c += d;
    d = std::rotl(d, 16) ^ c;
    a += d;
    d = std::rotl(d, 21) ^ a;
    c += b;
    b = std::rotl(b, 17) ^ c;
    c = std::rotl(c, 32);
  }
  void rounds(int count) {
    for (int i = 0; i < count; ++i) round();
  }
  void take(std::uint64_t word) {
    d ^= word;
    rounds(2);
    a ^= word;
  }
  [[nodiscard]] std::uint64_t folded() const { return a ^ b ^ c ^ d; }
};

/// Little endian, as SipHash defines it.
std::uint64_t word_of(Bytes bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) word |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  return word;
}

}  // namespace

std::array<std::uint64_t, 2> sip_hash_128(HashSeed seed, Bytes bytes) {
  SipState state{seed.low ^ 0x736f6d6570736575, seed.high ^ 0x646f72616e646f6d ^ 0xee, seed.low ^ 0x6c7967656e657261,
                 seed.high ^ 0x7465646279746573};
  const std::uint64_t last_byte = static_cast<std::uint64_t>(bytes.size()) << 56;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) state.take(word_of(bytes.first(8)));
  state.take(last_byte | word_of(bytes));
  state.c ^= 0xee;
  state.rounds(4);
  const std::uint64_t low = state.folded();
  state.b ^= 0xdd;
  state.rounds(4);
  return {low, state.folded()};
}

KeyOffsets::KeyOffsets(HashSeed seed, const Limits& limits)
    : seed_(seed), load_percent_(std::clamp<std::uint64_t>(limits.load_percent_max, 1, 99)) {
  // Two thirds for the table, a third for the one that it grew out of.
  slots_max_ = std::max<std::size_t>(limits.bytes_max / kSlotBytes * 2 / 3, kSlotsMin);
  keys_max_ = keys_max_of(slots_max_);
  slots_.resize(std::min(kSlotsAtFirst, slots_max_));
}

/// At least one slot stays free, so that a search ends.
std::size_t KeyOffsets::keys_max_of(std::size_t slots) const {
  return std::clamp<std::size_t>(slots * load_percent_ / 100, 1, slots - 1);
}

/// Where the hash stands, or would.
std::size_t KeyOffsets::slot_of(const std::array<std::uint64_t, 2>& hash) const {
  std::size_t at = hash[0] % slots_.size();
  while (slots_[at].offset != kNoOffset && slots_[at].hash != hash) at = at + 1 == slots_.size() ? 0 : at + 1;
  return at;
}

void KeyOffsets::grow() {
  std::vector<Slot> old(std::min(slots_.size() * 2, slots_max_));
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.offset != kNoOffset) slots_[slot_of(slot.hash)] = slot;
  }
}

bool KeyOffsets::put(Bytes key, Offset offset) {
  const auto hash = sip_hash_128(seed_, key);
  std::size_t at = slot_of(hash);
  if (slots_[at].offset == kNoOffset) {
    if (size_ >= keys_max_) return false;
    if (size_ >= keys_max_of(slots_.size())) {
      grow();
      at = slot_of(hash);
    }
    ++size_;
  }
  slots_[at] = {hash, offset};
  return true;
}

std::optional<Offset> KeyOffsets::find(Bytes key) const {
  const Slot& slot = slots_[slot_of(sip_hash_128(seed_, key))];
  if (slot.offset == kNoOffset) return std::nullopt;
  return slot.offset;
}

}  // namespace gregor::storage
