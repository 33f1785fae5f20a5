// Batches read forward from a file that may hold anything: each is whole and right, or the stream says where it is not.
#include "storage/batch_stream.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"
#include "tests/storage/support/batches.h"

namespace gregor::storage {
namespace {

constexpr std::size_t kCodecAt = 22;  // the low byte of the attributes: covered by the CRC, harmless in itself

struct Walk {
  std::vector<Offset> bases;
  std::vector<std::uint64_t> positions;
  std::uint64_t end = 0;
  bool is_whole = false;
};

Walk walk(const ByteBuffer& content, BatchTrust trust = BatchTrust::crc, std::uint64_t begin = 0) {
  const auto image = std::make_shared<sim::DiskImage>();
  image->put_file("log", content);
  return sim::run_fiber({.disk = image}, [&](env::Fiber& self, env::Shard& shard) {
    const auto file = shard.disk.open(self, "log", env::OpenMode::read_only).value();
    BatchStream stream(*file, FilePosition{begin}, FilePosition{content.size()}, trust);
    Walk found;
    for (;;) {
      const auto next = stream.next(self);
      EXPECT_TRUE(next || next.error().code == Errc::corrupt);
      found.is_whole = next.has_value();
      found.end = stream.position().value();
      if (!next || !*next) return found;
      found.bases.push_back((*next)->batch.base_offset());
      found.positions.push_back((*next)->position.value());
      EXPECT_EQ((*next)->indexed().last_offset, (*next)->batch.last_offset());
      EXPECT_EQ((*next)->indexed().size_bytes, (*next)->batch.size());
    }
  });
}

ByteBuffer three(int value_bytes = 10) {
  ByteBuffer content = make_batch({.base_offset = 0, .records = 2, .value_bytes = value_bytes});
  append_bytes(content, make_batch({.base_offset = 2, .value_bytes = value_bytes}));
  append_bytes(content, make_batch({.base_offset = 7, .value_bytes = value_bytes}));
  return content;
}

TEST(BatchStream, BatchesComeInOrderWithTheirPositions) {
  const ByteBuffer content = three();
  const Walk found = walk(content);
  EXPECT_TRUE(found.is_whole);
  EXPECT_EQ(found.bases, (std::vector{Offset{0}, Offset{2}, Offset{7}}));
  EXPECT_EQ(found.positions.front(), 0U);
  EXPECT_EQ(found.end, content.size());
}

TEST(BatchStream, ItBeginsWhereItIsTold) {
  const Walk all = walk(three());
  EXPECT_EQ(walk(three(), BatchTrust::crc, all.positions[1]).bases, (std::vector{Offset{2}, Offset{7}}));
}

TEST(BatchStream, ABatchLargerThanAPieceIsReadWhole) {
  EXPECT_EQ(walk(three(300 << 10)).bases.size(), 3U);
}

TEST(BatchStream, BatchesAcrossManyPiecesAreAllThere) {
  ByteBuffer content;
  for (int i = 0; i < 200; ++i) append_bytes(content, make_batch({.base_offset = i, .value_bytes = 5000}));
  EXPECT_EQ(walk(content).bases.size(), 200U);
}

TEST(BatchStream, AFileTornAtAnyByteYieldsTheWholeBatchesBeforeIt) {
  const ByteBuffer content = three();
  const auto positions = walk(content).positions;
  for (std::size_t size = 0; size < content.size(); ++size) {
    const Walk found = walk({content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size)});
    const auto whole = static_cast<std::size_t>(
        std::count_if(positions.begin() + 1, positions.end(), [&](std::uint64_t next) { return next <= size; }));
    ASSERT_EQ(found.bases.size(), whole) << size;
    const std::uint64_t end = whole == 0 ? 0 : positions[whole];
    ASSERT_EQ(found.end, end) << "the stream stands behind the last whole batch";
    ASSERT_EQ(found.is_whole, size == end);
  }
}

TEST(BatchStream, AFlippedBitIsFoundByTheCrcAlone) {
  ByteBuffer content = three();
  content[walk(content).positions[1] + kCodecAt] ^= std::byte{8};
  EXPECT_EQ(walk(content, BatchTrust::crc).bases, std::vector{Offset{0}});
  EXPECT_EQ(walk(content, BatchTrust::header).bases.size(), 3U);
}

TEST(BatchStream, OffsetsMustRise) {
  for (const std::int64_t again : {0, 1}) {
    ByteBuffer content = make_batch({.base_offset = 0, .records = 2});
    append_bytes(content, make_batch({.base_offset = again}));
    EXPECT_EQ(walk(content, BatchTrust::header).bases.size(), 1U) << again;
  }
}

TEST(BatchStream, ZerosAndGarbageAreNoBatches) {
  ByteBuffer content = three();
  const std::size_t end = content.size();
  content.resize(end + 4096);
  EXPECT_EQ(walk(content).end, end);
  EXPECT_FALSE(walk(content).is_whole);
  for (std::size_t i = end; i < content.size(); ++i) content[i] = static_cast<std::byte>(i * 37);
  EXPECT_EQ(walk(content).end, end);
}

TEST(StoredBatch, NegativeOffsetsAndDeltasAreRefused) {
  ByteBuffer batch = make_batch({.base_offset = 5});
  EXPECT_TRUE(check_stored_batch(batch, BatchTrust::crc));
  store_big_endian<std::int64_t>(batch.data(), -5);
  EXPECT_EQ(check_stored_batch(batch, BatchTrust::header).error().code, Errc::corrupt);
  store_big_endian<std::int64_t>(batch.data(), 5);
  store_big_endian<std::int32_t>(batch.data() + 23, -1);
  EXPECT_EQ(check_stored_batch(batch, BatchTrust::header).error().code, Errc::corrupt);
}

// One more offset than there are: the next one would not exist.
TEST(StoredBatch, ABatchAtTheEndOfAllOffsetsIsRefused) {
  ByteBuffer batch = make_batch({.base_offset = 5, .records = 3});
  for (const std::int64_t base : {INT64_MAX, INT64_MAX - 1, INT64_MAX - 2}) {
    store_big_endian<std::int64_t>(batch.data(), base);
    EXPECT_FALSE(check_stored_batch(batch, BatchTrust::header)) << base;
  }
  store_big_endian<std::int64_t>(batch.data(), INT64_MAX - 3);
  EXPECT_TRUE(check_stored_batch(batch, BatchTrust::header));
}

}  // namespace
}  // namespace gregor::storage
