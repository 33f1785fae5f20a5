#include "base/varint.h"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <array>
#include <limits>

namespace gregor {
namespace {

TEST(Varint, WrittenFormReadsBackAndHasTheToldSize) {
  rc::check([](std::uint64_t value) {
    std::array<std::byte, kVarlongBytesMax> space{};
    const auto size = static_cast<std::size_t>(write_varint(space.data(), value) - space.data());
    RC_ASSERT(size == varint_size(value));
    std::uint64_t read = 0;
    RC_ASSERT(read_varint(Bytes(space.data(), size), read) == size);
    RC_ASSERT(read == value);
    RC_ASSERT(read_varint(Bytes(space.data(), size - 1), read) == 0U);
  });
}

TEST(Varint, ZigzagGivesSmallFormsToSmallNumbersOfEitherSign) {
  EXPECT_EQ(zigzag(std::int32_t{0}), 0U);
  EXPECT_EQ(zigzag(std::int32_t{-1}), 1U);
  EXPECT_EQ(zigzag(std::int32_t{1}), 2U);
  rc::check([](std::int64_t value) { RC_ASSERT(unzigzag(zigzag(value)) == value); });
  EXPECT_EQ(unzigzag(zigzag(std::numeric_limits<std::int32_t>::min())), std::numeric_limits<std::int32_t>::min());
}

TEST(Varint, AFormThatGoesOnTooLongIsRefused) {
  const std::array<std::byte, 11> endless{std::byte{0x80}, std::byte{0x80}, std::byte{0x80}, std::byte{0x80},
                                          std::byte{0x80}, std::byte{0x80}, std::byte{0x80}, std::byte{0x80},
                                          std::byte{0x80}, std::byte{0x80}, std::byte{0x00}};
  std::uint32_t narrow = 0;
  std::uint64_t wide = 0;
  EXPECT_EQ(read_varint(endless, narrow), 0U);
  EXPECT_EQ(read_varint(endless, wide), 0U);
}

}  // namespace
}  // namespace gregor
