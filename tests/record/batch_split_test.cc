// Batches one after the other are handed out whole; what is cut at the end waits, what cannot be a batch is corrupt.
#include "record/batch_split.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "record/batch_builder.h"

namespace gregor::record {
namespace {

ByteBuffer batch_of(std::size_t value_size) {
  BatchBuilder builder(BatchSettings{});
  const std::string value(value_size, 'x');
  builder.add(WallTime{1}, std::nullopt, bytes_of(value));
  CodecScratch scratch;
  return builder.encode(scratch).value();
}

/// A length and a magic, with as many bytes behind as the length says.
ByteBuffer stub(std::int32_t length, std::int8_t magic) {
  ByteBuffer bytes(12 + static_cast<std::size_t>(std::max(length, 5)));
  store_big_endian(bytes.data() + kBatchLengthAt, length);
  bytes[kMagicAt] = static_cast<std::byte>(magic);
  return bytes;
}

TEST(BatchSplitter, HandsOutWholeBatchesAndKeepsTheBeginningOfOne) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& sizes) {
    ByteBuffer range;
    std::vector<std::size_t> ends;
    for (const std::uint8_t size : sizes) {
      append_bytes(range, batch_of(size));
      ends.push_back(range.size());
    }
    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, range.size() + 1);
    BatchSplitter splitter(Bytes(range).first(cut));
    std::size_t taken = 0;
    std::size_t count = 0;
    for (auto frame = splitter.next(); frame && *frame; frame = splitter.next()) {
      RC_ASSERT((*frame)->magic == 2);
      taken += (*frame)->bytes.size();
      RC_ASSERT(taken == ends.at(count++));
    }
    RC_ASSERT(splitter.rest().size() == cut - taken);
    RC_ASSERT((count == ends.size() || cut < ends[count]));
  }));
}

TEST(BatchSplitter, LengthsThatNoBatchHasAndUnknownMagicsAreCorrupt) {
  for (const auto& [length, magic] : std::vector<std::pair<std::int32_t, std::int8_t>>{
           {13, 2}, {0, 2}, {-1, 2}, {INT32_MIN, 2}, {100, 3}, {100, -1}, {100, 127}}) {
    const ByteBuffer bytes = stub(length, magic);
    BatchSplitter splitter(bytes);
    const auto frame = splitter.next();
    ASSERT_FALSE(frame) << length << " magic " << int{magic};
    EXPECT_EQ(frame.error().code, Errc::corrupt);
    EXPECT_FALSE(batch_size_at(bytes));
  }
}

TEST(BatchSplitter, OlderMessagesAreToldByTheirMagic) {
  for (const std::int8_t magic : {0, 1, 2}) {
    const ByteBuffer bytes = stub(14, magic);
    BatchSplitter splitter(bytes);
    const auto frame = splitter.next();
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->magic, magic);
    EXPECT_EQ((*frame)->bytes.size(), 26U);
  }
}

TEST(BatchSizeAt, IsKnownFromTheMagicOn) {
  const ByteBuffer batch = batch_of(100);
  for (std::size_t size = 0; size < batch.size(); ++size) {
    const auto known = batch_size_at(Bytes(batch).first(size));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->has_value(), size >= kBytesUpToMagic);
    EXPECT_EQ(known->value_or(batch.size()), batch.size());
  }
}

}  // namespace
}  // namespace gregor::record
