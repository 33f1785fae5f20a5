#include "wire/record_frame.h"

#include <gtest/gtest.h>

#include "tests/wire/support/golden.h"
#include "wire/consumer_protocol.h"
#include "wire/control_records.h"
#include "wire/group_records.h"
#include "wire/metadata_records.h"

namespace gregor::wire {
namespace {

using test::from_hex;
using test::to_hex;

TEST(RecordFrame, AMetadataRecordCarriesFrameVersionTypeAndVersion) {
  const ByteBuffer framed = encode_framed(TopicRecord{.name = "a", .topic_id = {0, 1}}, 0).value();
  EXPECT_EQ(to_hex(framed),
            "01"
            "02"
            "00"
            "0261"
            "00000000000000000000000000000001"
            "00");
  TopicRecord again;
  EXPECT_EQ(decode_framed(framed, again).value(), 0);
  EXPECT_EQ(again.name, "a");
  PartitionRecord other;
  EXPECT_EQ(decode_framed(framed, other).error().code, Errc::unsupported);
}

TEST(RecordFrame, ATypeOrVersionNobodyKnowsIsUnsupported) {
  EXPECT_EQ(decode_metadata_record(from_hex("01fe0100")).error().code, Errc::unsupported);
  EXPECT_EQ(decode_metadata_record(from_hex("010209")).error().code, Errc::unsupported);
  EXPECT_EQ(decode_metadata_record(from_hex("020200")).error().code, Errc::unsupported) << "frame version 2";
  EXPECT_EQ(decode_metadata_record(from_hex("01")).error().code, Errc::malformed);
  EXPECT_EQ(decode_metadata_record(from_hex("01ffff7f00")).error().code, Errc::malformed) << "no int16";
  EXPECT_EQ(decode_group_record_key(from_hex("7fff")).error().code, Errc::unsupported);
}

TEST(RecordFrame, ACoordinatorKeyCarriesItsTypeAndAValueItsVersion) {
  const ByteBuffer key = encode_key(OffsetCommitKey{.group = "g", .topic = "t", .partition = 3}).value();
  EXPECT_EQ(to_hex(key),
            "0001"
            "000167"
            "000174"
            "00000003");
  EXPECT_TRUE(std::holds_alternative<OffsetCommitKey>(decode_group_record_key(key).value()));
  const ByteBuffer value = encode_versioned(OffsetCommitValue{.offset = 7}, 3).value();
  OffsetCommitValue again;
  EXPECT_EQ(decode_versioned(value, again).value(), 3);
  EXPECT_EQ(again.offset, 7);
}

TEST(RecordFrame, ControlKeysAreFourBytes) {
  EXPECT_EQ(to_hex(encode_control_key(ControlRecordType::leader_change)), "00000002");
  EXPECT_EQ(decode_control_key(from_hex("00000001")).value(), ControlRecordType::commit);
  EXPECT_EQ(decode_control_key(from_hex("00000007")).error().code, Errc::unsupported);
  EXPECT_EQ(decode_control_key(from_hex("000000")).error().code, Errc::malformed);
  EXPECT_EQ(to_hex(encode_versioned(EndTxnMarker{.coordinator_epoch = 2}, 0).value()),
            "0000"
            "00000002");
}

}  // namespace
}  // namespace gregor::wire
