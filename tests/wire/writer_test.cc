#include "wire/writer.h"

#include <gtest/gtest.h>

#include "wire/fetch.h"
#include "wire/frame.h"

namespace gregor::wire {
namespace {

FetchResponse response_with(Bytes first, Bytes second) {
  return {.responses = {{.topic = "orders",
                         .partitions = {{.partition_index = 0, .high_watermark = 9, .records = first},
                                        {.partition_index = 1, .high_watermark = 8, .records = second}}}}};
}

TEST(Writer, LongRecordsAreReferredToAndShortOnesCopied) {
  const ByteBuffer long_records(100'000, std::byte{7});
  const ByteBuffer short_records(kBorrowBytesMin - 1, std::byte{8});
  const auto frame = encode_response_frame(1, response_with(long_records, short_records), 12);
  ASSERT_TRUE(frame.has_value());
  ASSERT_EQ(frame->pieces.size(), 1U);
  EXPECT_EQ(frame->pieces[0].bytes.data(), long_records.data()) << "no copy was made";
  EXPECT_LT(frame->own.size(), 2 * short_records.size());

  const ByteBuffer flat = frame->flatten();
  EXPECT_EQ(flat.size(), frame->size());
  EXPECT_EQ(load_big_endian<std::int32_t>(flat.data()), static_cast<std::int32_t>(flat.size() - 4));
  Reader from(Bytes(flat).subspan(4));
  ASSERT_TRUE(decode_response_header(from, ApiKey::fetch, 12));
  FetchResponse again;
  ASSERT_TRUE(decode(from, again, 12));
  ASSERT_TRUE(from.finish());
  EXPECT_TRUE(std::ranges::equal(*again.responses[0].partitions[0].records, long_records));
  EXPECT_TRUE(std::ranges::equal(*again.responses[0].partitions[1].records, short_records));
}

TEST(Writer, SpansGoOutInOrderAndNoneIsEmpty) {
  const ByteBuffer records(2 * kBorrowBytesMin, std::byte{7});
  const GatheredFrame frame = encode_response_frame(1, response_with(records, records), 11).value();
  const std::vector<Bytes> spans = frame.spans();
  ASSERT_EQ(spans.size(), 4U) << "head, records, the second partition's head, records; v11 has nothing behind them";
  EXPECT_EQ(spans[1].data(), records.data());
  EXPECT_EQ(spans[3].data(), records.data());
  std::size_t sum = 0;
  for (const Bytes span : spans) sum += span.size();
  EXPECT_EQ(sum, frame.size());
}

TEST(Writer, SizesAreExactForEveryTextLengthAroundAVarintsEdge) {
  const std::string text(400, 'x');
  for (const std::size_t length : {0U, 1U, 126U, 127U, 128U, 400U}) {
    for (const bool compact : {false, true}) {
      Size size;
      size.add_text(std::string_view(text).substr(0, length), compact);
      ByteBuffer room(size.bytes);
      Writer to{MutableBytes(room)};
      to.write_text(std::string_view(text).substr(0, length), compact);
      to.finish();
    }
  }
}

TEST(WriterDeathTest, WritingPastTheEndCrashes) {
  ByteBuffer room(3);
  Writer to{MutableBytes(room)};
  EXPECT_DEATH(to.write(std::int32_t{1}), "CHECK|end_");
}

}  // namespace
}  // namespace gregor::wire
