// The codecs give back what they were given, within their limits, and take nothing else.
#include "record/codec.h"

#include <gtest/gtest.h>
#include <snappy-c.h>

#include "base/random.h"
#include "tests/record/support/vectors.h"

namespace gregor::record {
namespace {

constexpr Codec kCodecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

std::string codec_name(const testing::TestParamInfo<Codec>& parameter) {
  return name_of(parameter.param);
}

ByteBuffer some_bytes(std::size_t size, std::uint64_t seed) {
  RandomStream random(seed);
  ByteBuffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    const bool is_random = (i / 5000) % 2 == 1;  // stretches that pack well, and some that cannot
    bytes[i] = is_random ? static_cast<std::byte>(random.next()) : static_cast<std::byte>(i % 7);
  }
  return bytes;
}

class EveryCodec : public testing::TestWithParam<Codec> {
 protected:
  ByteBuffer packed(Bytes plain, int level = kDefaultLevel) {
    ByteBuffer bytes;
    EXPECT_TRUE(compress(scratch_, GetParam(), level, plain, bytes).has_value());
    return bytes;
  }
  CodecScratch scratch_;
};
INSTANTIATE_TEST_SUITE_P(Codec, EveryCodec, testing::ValuesIn(kCodecs), codec_name);

TEST_P(EveryCodec, GivesBackWhatItWasGiven) {
  for (const std::size_t size : {0U, 1U, 100U, 32768U, 32769U, 65536U, 300000U}) {
    const ByteBuffer plain = some_bytes(size, size);
    if (size == 0 && GetParam() == Codec::none) continue;
    const auto back = decompress(scratch_, GetParam(), packed(plain));
    ASSERT_TRUE(back.has_value()) << size << ": " << back.error().text;
    EXPECT_TRUE(*back == plain) << size;
  }
}

TEST_P(EveryCodec, GivesBackTheSameAtItsLowestAndHighestLevel) {
  const ByteBuffer plain = some_bytes(100'000, 3);
  for (const int level : {-131072, -1, 1, 9, 17, 22}) {
    if (!is_level_of(GetParam(), level)) {
      ByteBuffer unused;
      EXPECT_FALSE(compress(scratch_, GetParam(), level, plain, unused).has_value());
      continue;
    }
    EXPECT_TRUE(decompress(scratch_, GetParam(), packed(plain, level)).value() == plain) << level;
  }
}

TEST_P(EveryCodec, StopsAtTheLimit) {
  const ByteBuffer bytes = packed(ByteBuffer(200'000));
  EXPECT_TRUE(decompress(scratch_, GetParam(), bytes, 200'000).has_value());
  const auto beyond = decompress(scratch_, GetParam(), bytes, 199'999);
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().code, Errc::limit);
}

TEST_P(EveryCodec, CutAnywhereIsMalformed) {
  if (GetParam() == Codec::none) GTEST_SKIP() << "nothing to notice without a codec";
  const ByteBuffer plain = some_bytes(2000, 1);
  const ByteBuffer bytes = packed(plain);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto back = decompress(scratch_, GetParam(), Bytes(bytes).first(size));
    const bool is_boundary =
        back.has_value() && (back->empty() || *back == plain);  // between snappy's blocks or zstd's frames
    EXPECT_TRUE(!back.has_value() || is_boundary) << size;
  }
}

TEST_P(EveryCodec, RandomBytesAreNeverMoreThanAnError) {
  RandomStream random(77);
  const ByteBuffer good = packed(some_bytes(4000, 2));
  for (int round = 0; round < 2000; ++round) {
    ByteBuffer bytes = good;
    for (int flip = 0; flip < 3; ++flip) {
      const auto at = random.below(bytes.size());
      bytes[at] = static_cast<std::byte>(random.next());
    }
    const auto back = decompress(scratch_, GetParam(), bytes, 1 << 20);
    ASSERT_TRUE(!back || back->size() <= 1U << 20);
  }
  const ByteBuffer plain = some_bytes(500, 5);
  EXPECT_TRUE(decompress(scratch_, GetParam(), packed(plain)).value() == plain) << "a failure leaves the contexts good";
}

TEST(Snappy, IsReadRawAsKafkajsSendsIt) {
  const ByteBuffer plain = some_bytes(50'000, 8);
  std::size_t length = snappy_max_compressed_length(plain.size());
  ByteBuffer raw(length);
  snappy_compress(text_of(plain).data(), plain.size(), reinterpret_cast<char*>(raw.data()), &length);
  raw.resize(length);
  CodecScratch scratch;
  EXPECT_TRUE(decompress(scratch, Codec::snappy, raw).value() == plain);
}

TEST(Snappy, ABlockThatClaimsMoreThanItCanHoldIsRefusedBeforeAnythingIsAllocated) {
  const ByteBuffer bomb = vectors::from_hex("ffffffff0f00000000");  // says 4 GiB
  CodecScratch scratch;
  const auto back = decompress(scratch, Codec::snappy, bomb);
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, Errc::malformed);
}

TEST(Gzip, MembersMayFollowEachOtherAndOtherTrailingBytesAreIgnored) {
  CodecScratch scratch;
  ByteBuffer bytes;
  ASSERT_TRUE(compress(scratch, Codec::gzip, kDefaultLevel, bytes_of("one "), bytes).has_value());
  ASSERT_TRUE(compress(scratch, Codec::gzip, kDefaultLevel, bytes_of("two"), bytes).has_value());
  append_bytes(bytes, bytes_of("garbage"));
  EXPECT_EQ(text_of(decompress(scratch, Codec::gzip, bytes).value()), "one two");
}

}  // namespace
}  // namespace gregor::record
