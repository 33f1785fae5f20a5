// Every message at every version, without outside help: what a random instance writes must read back, and no bytes
// whatever may crash a decoder or make it allocate beyond its input.
#include "wire/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/wire/support/allocations.h"
#include "tests/wire/support/golden.h"

namespace gregor::wire::test {
namespace {

constexpr int kInstances = 12;
/// A struct in memory against the same struct on the wire, at worst: an empty compact array of 1 byte is a vector
/// of 32.
constexpr std::size_t kBytesPerByte = 64;
constexpr std::size_t kBytesForTheError = 4096;

void each_version(const std::function<void(const MessageRow&, std::int16_t)>& check) {
  for (const MessageRow& row : all_messages()) {
    for (std::int16_t version = row.version_min; version <= row.version_max; ++version) {
      SCOPED_TRACE(std::string(row.name) + " v" + std::to_string(version));
      check(row, version);
    }
  }
}

TEST(Registry, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (const MessageRow& row : all_messages()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(find_message(row.name), &row);
  }
  EXPECT_GT(names.size(), 270U);
  EXPECT_EQ(find_message("LeaderAndIsrRequest"), nullptr) << "it went with ZooKeeper";
}

TEST(EveryMessage, RandomInstancesReadBackToTheSameBytes) {
  RandomStream random(4301);
  each_version([&](const MessageRow& row, std::int16_t version) {
    for (int i = 0; i < kInstances; ++i) {
      const auto drawn = row.draw(version, random);  // CHECKs that the size was exact
      ASSERT_TRUE(drawn.has_value()) << drawn.error().text;
      const auto recoded = row.recode(*drawn, version);
      ASSERT_TRUE(recoded.has_value()) << recoded.error().text;
      ASSERT_EQ(*recoded, *drawn);
    }
  });
}

TEST(EveryMessage, RandomInstancesSurviveTheWayThroughJson) {
  RandomStream random(4302);
  each_version([&](const MessageRow& row, std::int16_t version) {
    for (int i = 0; i < kInstances; ++i) {
      const ByteBuffer drawn = row.draw(version, random).value();
      const auto shown = row.dump(drawn, version);
      ASSERT_TRUE(shown.has_value());
      const auto parsed = Json::parse(shown->to_text());
      ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
      ASSERT_EQ(*parsed, *shown);
      const auto built = row.build(*parsed, version);
      ASSERT_TRUE(built.has_value()) << built.error().text;
      ASSERT_EQ(*built, drawn) << shown->to_text();
    }
  });
}

TEST(EveryMessage, EveryCutIsMalformed) {
  RandomStream random(4303);
  each_version([&](const MessageRow& row, std::int16_t version) {
    const ByteBuffer drawn = row.draw(version, random).value();
    for (const std::size_t cut : cuts_of(drawn.size())) {
      const ByteBuffer part(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(cut));
      const auto recoded = row.recode(part, version);
      ASSERT_FALSE(recoded.has_value()) << cut;
      ASSERT_EQ(recoded.error().code, Errc::malformed);
    }
  });
}

TEST(EveryMessage, BytesBehindTheEndAreMalformed) {
  RandomStream random(4304);
  each_version([&](const MessageRow& row, std::int16_t version) {
    ByteBuffer drawn = row.draw(version, random).value();
    drawn.push_back(std::byte{0});
    const auto recoded = row.recode(drawn, version);
    ASSERT_FALSE(recoded.has_value());
    EXPECT_EQ(recoded.error().code, Errc::malformed);
  });
}

/// Overwrites a stretch with what lengths and counts fear most.
void damage(ByteBuffer& bytes, RandomStream& random) {
  static constexpr std::uint8_t kWorst[] = {0x7f, 0xff, 0x80, 0x00, 0x01};
  const std::uint64_t stretch = 1 + random.below(6);
  const std::uint64_t from = random.below(bytes.size());
  const std::uint64_t worst = random.below(std::size(kWorst));
  for (std::uint64_t i = from; i < bytes.size() && i < from + stretch; ++i) bytes[i] = std::byte{kWorst[worst]};
}

TEST(EveryMessage, DamagedBytesNeverMakeADecoderAllocateBeyondItsInput) {
  RandomStream random(4305);
  std::size_t refused = 0;
  each_version([&](const MessageRow& row, std::int16_t version) {
    for (int i = 0; i < 4 * kInstances; ++i) {
      ByteBuffer bytes = row.draw(version, random).value();
      if (bytes.empty()) continue;
      damage(bytes, random);
      const std::size_t before = bytes_allocated();
      const auto shown = row.recode(bytes, version);
      const std::size_t used = bytes_allocated() - before;
      ASSERT_LE(used, kBytesPerByte * bytes.size() + kBytesForTheError) << to_hex(bytes);
      refused += shown.has_value() ? 0 : 1;
    }
  });
  EXPECT_GT(refused, 1000U) << "the damage was too gentle to test anything";
}

TEST(EveryMessage, RandomBytesThatDecodeHaveOneEncoding) {
  RandomStream random(4306);
  std::size_t decoded = 0;
  each_version([&](const MessageRow& row, std::int16_t version) {
    for (int i = 0; i < 4 * kInstances; ++i) {
      ByteBuffer bytes = row.draw(version, random).value();
      if (bytes.empty()) continue;
      damage(bytes, random);
      const auto once = row.recode(bytes, version);
      if (!once) continue;
      ++decoded;
      const auto twice = row.recode(*once, version);
      ASSERT_TRUE(twice.has_value()) << twice.error().text;
      ASSERT_EQ(*twice, *once);
    }
  });
  EXPECT_GT(decoded, 1000U);
}

TEST(EveryMessage, VersionsThatItLacksAreUnsupported) {
  for (const MessageRow& row : all_messages()) {
    for (const int version : {-1, row.version_min - 1, row.version_max + 1, 32767}) {
      const auto recoded = row.recode({}, static_cast<std::int16_t>(version));
      ASSERT_FALSE(recoded.has_value());
      EXPECT_EQ(recoded.error().code, Errc::unsupported) << row.name << " v" << version;
    }
  }
}

}  // namespace
}  // namespace gregor::wire::test
