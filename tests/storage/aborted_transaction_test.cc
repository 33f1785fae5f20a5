// KIP-98's transaction index: 34 bytes an entry (version, producer id, first, last and last stable offset).
#include "storage/aborted_transaction.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

const AbortedTransaction kAborted{ProducerId{7}, Offset{10}, Offset{0x102030405}, Offset{12}};

ByteBuffer encoded(const AbortedTransaction& transaction) {
  ByteBuffer content;
  append_aborted_transaction(content, transaction);
  return content;
}

TEST(AbortedTransaction, AnEntryIsBigEndianBehindItsVersion) {
  const ByteBuffer content = encoded(kAborted);
  ASSERT_EQ(content.size(), kAbortedTransactionBytes);
  EXPECT_EQ(load_big_endian<std::int16_t>(content.data()), 0);
  EXPECT_EQ(load_big_endian<std::int64_t>(content.data() + 2), 7);
  EXPECT_EQ(load_big_endian<std::int64_t>(content.data() + 10), 10);
  EXPECT_EQ(load_big_endian<std::int64_t>(content.data() + 18), 0x102030405);
  EXPECT_EQ(load_big_endian<std::int64_t>(content.data() + 26), 12);
}

TEST(AbortedTransaction, EntriesComeBackInOrder) {
  ByteBuffer content = encoded(kAborted);
  const AbortedTransaction other{ProducerId{8}, Offset{20}, Offset{30}, Offset{20}};
  append_aborted_transaction(content, other);
  EXPECT_EQ(parse_transaction_index(content).value(), (std::vector{kAborted, other}));
  EXPECT_TRUE(parse_transaction_index({}).value().empty());
}

TEST(AbortedTransaction, ATornEntryIsMalformed) {
  const ByteBuffer content = encoded(kAborted);
  for (std::size_t size = 1; size < content.size(); ++size) {
    EXPECT_EQ(parse_transaction_index(Bytes(content).first(size)).error().code, Errc::malformed) << size;
  }
}

TEST(AbortedTransaction, AnUnknownVersionIsNotGuessedAt) {
  ByteBuffer content = encoded(kAborted);
  content[1] = std::byte{1};
  EXPECT_EQ(parse_transaction_index(content).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace gregor::storage
