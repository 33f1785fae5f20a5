// What a leader writes into a producer's batch: offset and epoch without touching the checksum, a time with a new one.
#include "record/batch_stamp.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"
#include "record/record_view.h"

namespace gregor::record {
namespace {

ByteBuffer batch() {
  BatchBuilder builder(BatchSettings{});
  builder.add(WallTime{10}, std::nullopt, bytes_of("a"));
  builder.add(WallTime{30}, std::nullopt, bytes_of("b"));
  CodecScratch scratch;
  return builder.encode(scratch).value();
}

TEST(BatchStamp, OffsetAndEpochLeaveEverythingElseAsItWas) {
  const ByteBuffer before = batch();
  ByteBuffer after = before;
  stamp_batch(after, {.base_offset = Offset{1'000}, .leader_epoch = LeaderEpoch{7}});
  const auto stamped = BatchView::parse(after);
  EXPECT_EQ(stamped->base_offset(), Offset{1'000});
  EXPECT_EQ(stamped->last_offset(), Offset{1'001});
  EXPECT_EQ(stamped->leader_epoch(), LeaderEpoch{7});
  EXPECT_TRUE(stamped->crc_is_right());
  EXPECT_EQ(stamped->crc(), BatchView::parse(before)->crc());
  EXPECT_TRUE(std::equal(before.begin() + kMagicAt, before.end(), after.begin() + kMagicAt));
}

TEST(BatchStamp, ATimeOfAppendIsThatOfEveryRecordUnderAGoodChecksum) {
  ByteBuffer bytes = batch();
  stamp_batch(bytes, {.base_offset = Offset{0},
                      .leader_epoch = LeaderEpoch{0},
                      .time = BatchStamp::Time{.type = TimestampType::log_append_time, .max_timestamp = WallTime{99}}});
  const auto stamped = BatchView::parse(bytes);
  EXPECT_TRUE(stamped->crc_is_right());
  EXPECT_EQ(stamped->timestamp_type(), TimestampType::log_append_time);
  EXPECT_EQ(stamped->max_timestamp(), WallTime{99});
  RecordIterator records(*stamped, stamped->record_bytes());
  for (auto record = records.next(); record && *record; record = records.next())
    EXPECT_EQ((*record)->timestamp, WallTime{99});
}

TEST(BatchStamp, ANewTimeClearsAttributeBitsThatNobodyDefined) {
  ByteBuffer bytes = batch();
  store_big_endian(bytes.data() + kAttributesAt, std::int16_t{0x7f00});
  stamp_batch(bytes, {.base_offset = Offset{0},
                      .leader_epoch = LeaderEpoch{0},
                      .time = BatchStamp::Time{.type = TimestampType::create_time, .max_timestamp = WallTime{31}}});
  EXPECT_EQ(BatchView::parse(bytes)->attributes(), 0);
  EXPECT_TRUE(BatchView::parse(bytes)->crc_is_right());
}

TEST(BatchStamp, TheHeaderApartIsTheHeaderInPlace) {
  ByteBuffer bytes = batch();
  const ByteBuffer before = bytes;
  const BatchStamp stamp{.base_offset = Offset{5},
                         .leader_epoch = LeaderEpoch{6},
                         .time = BatchStamp::Time{TimestampType::log_append_time, WallTime{7}}};
  const StampedHeader apart = stamped_header(*BatchView::parse(bytes), stamp);
  EXPECT_EQ(bytes, before) << "nothing of the batch is touched";
  stamp_batch(bytes, stamp);
  EXPECT_TRUE(std::equal(apart.begin(), apart.end(), bytes.begin()));
}

}  // namespace
}  // namespace gregor::record
