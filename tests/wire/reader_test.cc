#include "wire/reader.h"

#include <gtest/gtest.h>

#include "tests/wire/support/golden.h"
#include "wire/fetch.h"
#include "wire/produce.h"

namespace gregor::wire {
namespace {

using test::from_hex;

template <class Message>
std::string fault_of(const std::string& hex, std::int16_t version) {
  const ByteBuffer bytes = from_hex(hex);
  Message message;
  const auto done = decode_body(bytes, message, version);
  if (done) return "decoded";
  EXPECT_EQ(done.error().code, Errc::malformed);
  return done.error().text;
}

// transactional id null, acks 1, timeout 0x64, one topic "t", one partition 0, records of 2 bytes
constexpr const char* kProduceV9 =
    "00"
    "0001"
    "00000064"
    "02"
    "0274"
    "02"
    "00000000"
    "03aabb"
    "00"
    "00"
    "00";

TEST(Reader, BorrowsTextsAndBytesFromTheFrame) {
  const ByteBuffer frame = from_hex(kProduceV9);
  ProduceRequest request;
  ASSERT_TRUE(decode_body(frame, request, 9));
  const std::string_view name = request.topic_data[0].name;
  EXPECT_EQ(name, "t");
  EXPECT_EQ(reinterpret_cast<const std::byte*>(name.data()), frame.data() + 9);
  EXPECT_EQ(request.topic_data[0].partition_data[0].records->data(), frame.data() + 16);
}

TEST(Reader, AFaultNamesTheFieldItsPathAndThePosition) {
  const std::string cut = std::string(kProduceV9).substr(0, 2 * 14);
  EXPECT_EQ(
      fault_of<ProduceRequest>(cut, 9),
      "ProduceRequest v9: topicData[0].partitionData: an array of 1 elements does not fit in what is left, at byte 11");
  EXPECT_EQ(fault_of<ProduceRequest>("000001", 9), "ProduceRequest v9: timeoutMs: the frame ends early, at byte 3");
}

TEST(Reader, ACountThatCannotFitIsRefusedBeforeAnyoneAllocates) {
  EXPECT_NE(fault_of<ProduceRequest>("00"
                                     "0001"
                                     "00000064"
                                     "ffffffff07",
                                     9)
                .find("topicData: an array of 2147483646 elements"),
            std::string::npos);
  EXPECT_NE(fault_of<ProduceRequest>("ffff"
                                     "0001"
                                     "00000064"
                                     "7fffffff",
                                     3)
                .find("an array of 2147483647 elements"),
            std::string::npos);
}

TEST(Reader, NullWhereItMayNotBeIsAFault) {
  EXPECT_EQ(fault_of<ProduceRequest>("00"
                                     "0001"
                                     "00000064"
                                     "00"
                                     "00",
                                     9),
            "ProduceRequest v9: topicData: may not be null, at byte 8");
  EXPECT_EQ(fault_of<ProduceRequest>("00"
                                     "0001"
                                     "00000064"
                                     "02"
                                     "0001"
                                     "0000000000",
                                     9),
            "ProduceRequest v9: topicData[0].name: may not be null, at byte 9");
}

TEST(Reader, LengthsBelowMinusOneAreNullAsInKafka) {
  const ByteBuffer frame = from_hex(
      "fffe"
      "0001"
      "00000064"
      "00000000");
  ProduceRequest request;
  ASSERT_TRUE(decode_body(frame, request, 3));
  EXPECT_FALSE(request.transactional_id.has_value());
}

TEST(Reader, AStringBeyond32767BytesIsRefusedInTheCompactFormToo) {
  std::string hex = "818002";  // 32769 = 32768 + 1
  hex += std::string(2 * 40000, '0');
  EXPECT_NE(fault_of<ProduceRequest>(hex, 9).find("transactionalId: a string is longer than 32767 bytes"),
            std::string::npos);
}

TEST(Reader, TaggedFieldsMustRiseAndUseTheirSize) {
  const std::string body =
      "00"
      "0001"
      "00000064"
      "01";
  EXPECT_EQ(fault_of<ProduceRequest>(body + "02"
                                            "0501aa"
                                            "0501bb",
                                     9),
            "ProduceRequest v9: tagged fields: tag numbers do not rise, at byte 14");
  EXPECT_EQ(fault_of<ProduceRequest>(body + "01"
                                            "05"
                                            "7f",
                                     9),
            "ProduceRequest v9: tagged fields: the frame ends early, at byte 11");
  EXPECT_NE(fault_of<ProduceRequest>(body + "ffffff7f", 9).find("more tagged fields than fit"), std::string::npos);
  // FetchRequest v12, tag 0 (clusterId "c" in 2 bytes) said to have 3
  EXPECT_NE(fault_of<FetchRequest>("ffffffff"
                                   "00000000"
                                   "00000000"
                                   "00000000"
                                   "00"
                                   "00000000"
                                   "00000000"
                                   "01"
                                   "01"
                                   "01"
                                   "01"
                                   "0003"
                                   "0263"
                                   "00",
                                   12)
                .find("clusterId: a tagged field is not as long as its size says"),
            std::string::npos);
}

TEST(Reader, AVarintThatGoesOnIsRefused) {
  EXPECT_NE(fault_of<ProduceRequest>("ffffffffff01", 9).find("goes on after five bytes"), std::string::npos);
  EXPECT_NE(fault_of<ProduceRequest>("ffff", 9).find("ends early"), std::string::npos);
}

TEST(Reader, FinishRefusesWhatIsLeft) {
  EXPECT_EQ(fault_of<ProduceRequest>(std::string(kProduceV9) + "00", 9), "1 bytes too many, at byte 21");
}

TEST(Reader, DecodingIntoAUsedMessageLeavesNothingOfTheOldOne) {
  ProduceRequest request{.transactional_id = "old", .topic_data = {{.name = "gone"}, {.name = "gone"}}};
  request.unknown_tags.add(9, bytes_of("gone"));
  ASSERT_TRUE(decode_body(from_hex("00"
                                   "0001"
                                   "00000064"
                                   "01"
                                   "00"),
                          request, 9));
  EXPECT_FALSE(request.transactional_id.has_value());
  EXPECT_TRUE(request.topic_data.empty());
  EXPECT_TRUE(request.unknown_tags.empty());
}

}  // namespace
}  // namespace gregor::wire
