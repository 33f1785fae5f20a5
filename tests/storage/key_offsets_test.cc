// The table of last offsets: right for any keys, bounded, and sound about what it has no place for.
#include "storage/key_offsets.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "rapidcheck.h"

namespace gregor::storage {
namespace {

constexpr HashSeed kSeed{0x0706050403020100, 0x0f0e0d0c0b0a0908};

TEST(SipHash, EqualsTheReferenceVectors) {
  ByteBuffer input;
  EXPECT_EQ(sip_hash_128(kSeed, input), (std::array<std::uint64_t, 2>{0xe6a825ba047f81a3, 0x930255c71472f66d}));
  input.push_back(std::byte{0});
  EXPECT_EQ(sip_hash_128(kSeed, input), (std::array<std::uint64_t, 2>{0x44af996bd8c187da, 0x45fc229b11597634}));
}

TEST(KeyOffsets, HoldsTheLastOffsetOfEachKeyAsAMapDoes) {
  rc::check([](const std::vector<std::pair<std::string, std::uint16_t>>& puts, std::uint64_t seed) {
    KeyOffsets offsets({seed, ~seed}, {.bytes_max = 1 << 20, .load_percent_max = 90});
    std::map<std::string, Offset> model;
    std::int64_t next = 0;
    for (const auto& [key, many] : puts) {
      const std::string name = key + std::to_string(many % 50);
      const Offset offset{next++};
      RC_ASSERT(offsets.put(bytes_of(name), offset));
      model[name] = offset;
    }
    RC_ASSERT(offsets.size() == model.size());
    for (const auto& [key, offset] : model) RC_ASSERT(offsets.find(bytes_of(key)) == offset);
    RC_ASSERT(offsets.find(bytes_of("a key that nobody put")) == std::nullopt);
  });
}

TEST(KeyOffsets, RefusesTheKeyThatHasNoPlaceAndKeepsTheOthers) {
  KeyOffsets offsets(kSeed, {.bytes_max = 24 * 3000, .load_percent_max = 50});
  EXPECT_EQ(offsets.keys_max(), 1000U);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(offsets.put(bytes_of(std::to_string(i)), Offset{i}));
  EXPECT_FALSE(offsets.put(bytes_of("one more"), Offset{5000}));
  EXPECT_TRUE(offsets.put(bytes_of("7"), Offset{5001})) << "a known key needs no place";
  EXPECT_EQ(offsets.find(bytes_of("one more")), std::nullopt);
  EXPECT_EQ(offsets.find(bytes_of("7")), Offset{5001});
  EXPECT_LE(offsets.bytes(), 24U * 2000) << "the rest is for the table that it grew out of";
}

TEST(KeyOffsets, TakesLittleMemoryForFewKeys) {
  KeyOffsets offsets(kSeed, {});
  ASSERT_TRUE(offsets.put(bytes_of("k"), Offset{1}));
  EXPECT_LE(offsets.bytes(), 32U << 10);
}

TEST(KeyOffsets, MakesDoWithTheLeastMemory) {
  KeyOffsets offsets(kSeed, {.bytes_max = 0, .load_percent_max = 100});
  EXPECT_GE(offsets.keys_max(), 1U);
  EXPECT_TRUE(offsets.put(bytes_of("k"), Offset{1}));
  EXPECT_EQ(offsets.find(bytes_of("other")), std::nullopt);
}

}  // namespace
}  // namespace gregor::storage
