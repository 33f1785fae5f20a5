// What a fetch brings is taken only as far as it is whole, right and without gaps.
#include "quorum/fetched_batches.h"

#include <gtest/gtest.h>

#include "quorum/metadata_batch.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {
namespace {

/// Of two records.
ByteBuffer batch_at(std::int64_t base, int epoch) {
  return encode_values(values({"one", "two"}), Offset{base}, LeaderEpoch{epoch}, WallTime{5});
}

ByteBuffer joined(std::initializer_list<ByteBuffer> parts) {
  ByteBuffer all;
  for (const ByteBuffer& part : parts) append_bytes(all, part);
  return all;
}

Errc refusal(Bytes records, std::int64_t from) {
  const auto pieces = check_fetched(records, Offset{from});
  EXPECT_FALSE(pieces);
  return pieces ? Errc::io : pieces.error().code;
}

TEST(FetchedBatches, WholeBatchesComeInOrderWithTheirEndsAndEpochs) {
  const ByteBuffer records = joined({batch_at(4, 1), batch_at(6, 1), batch_at(8, 3)});
  const auto pieces = check_fetched(records, Offset{4});
  ASSERT_TRUE(pieces) << why(pieces);
  ASSERT_EQ(pieces->size(), 3U);
  EXPECT_EQ((*pieces)[0].batch, (raft::Batch{Offset{6}, LeaderEpoch{1}}));
  EXPECT_EQ((*pieces)[2].batch, (raft::Batch{Offset{10}, LeaderEpoch{3}}));
  EXPECT_EQ((*pieces)[1].bytes.data(), records.data() + batch_at(4, 1).size());
}

TEST(FetchedBatches, ALastBatchThatWasCutShortIsLeftOut) {
  const ByteBuffer records = joined({batch_at(4, 1), batch_at(6, 1)});
  for (std::size_t size = 0; size < records.size(); ++size) {
    const auto pieces = check_fetched(Bytes(records).first(size), Offset{4});
    ASSERT_TRUE(pieces) << size << why(pieces);
    EXPECT_EQ(pieces->size(), size < batch_at(4, 1).size() ? 0U : 1U);
  }
}

TEST(FetchedBatches, AFlippedBitAGapAndAnEpochThatFallsAreCorrupt) {
  ByteBuffer flipped = joined({batch_at(4, 1), batch_at(6, 1)});
  flipped.back() ^= std::byte{1};
  EXPECT_EQ(refusal(flipped, 4), Errc::corrupt);
  EXPECT_EQ(refusal(batch_at(4, 1), 3), Errc::corrupt);
  EXPECT_EQ(refusal(joined({batch_at(4, 1), batch_at(7, 1)}), 4), Errc::corrupt);
  EXPECT_EQ(refusal(joined({batch_at(4, 1), batch_at(4, 1)}), 4), Errc::corrupt);
  EXPECT_EQ(refusal(joined({batch_at(4, 2), batch_at(6, 1)}), 4), Errc::corrupt);
}

}  // namespace
}  // namespace gregor::quorum
