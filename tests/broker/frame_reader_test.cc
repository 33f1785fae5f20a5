// Kafka's framing: an int32 size, then that many bytes, in whatever pieces TCP brings them.
// Method: the reader is pure; bytes are handed to it through the room that it asks for.
#include "broker/frame_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace gregor::broker {
namespace {

constexpr std::size_t kLimit = 1 << 20;

ByteBuffer frame_of(std::size_t size, std::byte fill = std::byte{7}) {
  ByteBuffer bytes(4 + size, fill);
  store_big_endian(bytes.data(), static_cast<std::int32_t>(size));
  return bytes;
}

/// Hands `bytes` over, at most `piece` at a time, as a socket would.
Result<void> feed(FrameReader& reader, Bytes bytes, std::size_t piece = SIZE_MAX) {
  std::vector<std::byte> scratch(64 * 1024);
  while (!bytes.empty()) {
    const MutableBytes room = reader.room(scratch);
    const std::size_t count = std::min({room.size(), bytes.size(), piece});
    std::memcpy(room.data(), bytes.data(), count);
    TRY(reader.took(count));
    bytes = bytes.subspan(count);
  }
  return {};
}

TEST(FrameReader, AFrameIsCompleteWithItsLastByteAndNotBefore) {
  FrameReader reader(kLimit);
  const ByteBuffer bytes = frame_of(10);
  ASSERT_TRUE(feed(reader, Bytes(bytes).first(13), 1));
  EXPECT_FALSE(reader.has_frame());
  EXPECT_FALSE(reader.at_boundary());
  ASSERT_TRUE(feed(reader, Bytes(bytes).last(1)));
  ASSERT_TRUE(reader.has_frame());
  EXPECT_TRUE(std::ranges::equal(reader.take()->bytes(), Bytes(bytes).subspan(4)));
  EXPECT_TRUE(reader.at_boundary());
}

TEST(FrameReader, NegativeSizesAreMalformedAndLargeOnesPassTheLimit) {
  for (const std::int32_t size : {-1, INT32_MIN}) {
    FrameReader reader(kLimit);
    std::byte header[4];
    store_big_endian(header, size);
    const auto fed = feed(reader, header);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, Errc::malformed);
  }
  FrameReader reader(kLimit);
  std::byte header[4];
  store_big_endian(header, static_cast<std::int32_t>(kLimit + 1));
  const auto fed = feed(reader, header);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Errc::limit);
}

TEST(FrameReader, AFrameOfNoBytesIsAFrame) {
  FrameReader reader(kLimit);
  ASSERT_TRUE(feed(reader, frame_of(0)));
  ASSERT_TRUE(reader.has_frame());
  EXPECT_EQ(reader.take()->size(), 0U);
}

// F1: ten thousand clients that claim 100 MiB and send a few bytes must cost what they sent.
TEST(FrameReader, RoomFollowsTheBytesThatCameNotTheSizeThatIsClaimed) {
  EXPECT_EQ(frame_capacity(100 << 20, 1), 4096U);
  EXPECT_EQ(frame_capacity(100, 1), 100U) << "never more than the frame itself";
  for (std::size_t needed = 4096; needed < (50U << 20); needed = needed * 3 / 2) {
    EXPECT_LT(frame_capacity(100 << 20, needed), 4 * needed);
    EXPECT_GE(frame_capacity(100 << 20, needed), needed);
  }
}

TEST(FrameReader, WhateverThePiecesTheFramesAreTheSame) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint16_t>& sizes) {
    const std::size_t piece = *rc::gen::inRange<std::size_t>(1, 100'000);
    ByteBuffer stream;
    for (const std::uint16_t size : sizes) append_bytes(stream, frame_of(size, static_cast<std::byte>(size)));
    FrameReader reader(kLimit);
    RC_ASSERT(feed(reader, stream, piece).has_value());
    for (const std::uint16_t size : sizes) {
      RC_ASSERT(reader.has_frame());
      const FramePtr frame = reader.take();
      RC_ASSERT(frame->size() == size);
      RC_ASSERT(
          std::ranges::all_of(frame->bytes(), [&](std::byte byte) { return byte == static_cast<std::byte>(size); }));
    }
    RC_ASSERT(!reader.has_frame());
    RC_ASSERT(reader.at_boundary());
  }));
}

}  // namespace
}  // namespace gregor::broker
