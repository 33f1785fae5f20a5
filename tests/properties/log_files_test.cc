// Segments as they lie on a disk: what stands in them, where the damage begins, and indexes that lie about them.
#include "properties/finally/log_files.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"

namespace gregor::properties {
namespace {

ByteBuffer batch(std::int64_t base, int records, std::int64_t timestamp_ms) {
  record::BatchSettings settings;
  settings.base_offset = Offset{base};
  record::BatchBuilder builder(settings);
  for (int i = 0; i < records; ++i) builder.add(WallTime{timestamp_ms}, std::nullopt, bytes_of("x"));
  record::CodecScratch scratch;
  return builder.encode(scratch).value();
}

/// Batches at 100-101, 102-104 and 105, at times 10, 30 and 20.
struct Written {
  Written() {
    for (const ByteBuffer& one : {batch(100, 2, 10), batch(102, 3, 30), batch(105, 1, 20)}) {
      positions.push_back(content.size());
      append_bytes(content, one);
    }
  }
  [[nodiscard]] StoredSegment read() const { return read_segment(Offset{100}, content); }
  ByteBuffer content;
  std::vector<std::size_t> positions;
};

ByteBuffer offset_entry(std::int32_t relative, std::size_t position) {
  ByteBuffer entry(8);
  store_big_endian(entry.data(), relative);
  store_big_endian(entry.data() + 4, static_cast<std::int32_t>(position));
  return entry;
}
ByteBuffer time_entry(std::int64_t timestamp_ms, std::int32_t relative) {
  ByteBuffer entry(12);
  store_big_endian(entry.data(), timestamp_ms);
  store_big_endian(entry.data() + 8, relative);
  return entry;
}
ByteBuffer joined(std::initializer_list<ByteBuffer> entries) {
  ByteBuffer all;
  for (const ByteBuffer& entry : entries) append_bytes(all, entry);
  return all;
}

std::size_t faults_of(const StoredSegment& segment, const ByteBuffer& offsets, const ByteBuffer& times) {
  Verdict verdict;
  judge_indexes(segment, offsets, times, "orders-0/100", verdict, MonotonicTime{});
  for (const Violation& violation : verdict.violations()) EXPECT_EQ(violation.invariant, "S3");
  return verdict.count();
}

TEST(LogFiles, ASegmentIsReadBatchByBatch) {
  const Written written;
  const StoredSegment segment = written.read();
  EXPECT_EQ(segment.damage, "");
  ASSERT_EQ(segment.batches.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(segment.batches[i].position.value(), written.positions[i]);
  EXPECT_EQ(segment.batches[1].base, Offset{102});
  EXPECT_EQ(segment.batches[1].last, Offset{104});
  EXPECT_EQ(segment.batches[1].max_timestamp_ms, 30);
}

TEST(LogFiles, ReadingEndsAtTheFirstBatchThatIsTornWrongOrOutOfPlace) {
  const Written written;
  ByteBuffer torn = written.content;
  torn.resize(torn.size() - 1);
  ByteBuffer flipped = written.content;
  flipped[written.positions[2] + 40] ^= std::byte{1};
  ByteBuffer gap = written.content;
  store_big_endian(gap.data() + written.positions[2], std::int64_t{106});
  for (const ByteBuffer& content : {torn, flipped, gap}) {
    const StoredSegment segment = read_segment(Offset{100}, content);
    EXPECT_EQ(segment.batches.size(), 2U);
    EXPECT_NE(segment.damage.find(std::to_string(written.positions[2])), std::string::npos) << segment.damage;
  }
  EXPECT_NE(read_segment(Offset{99}, written.content).damage, "") << "it does not begin where its name says";
}

TEST(LogFiles, S3IndexesThatAgreeBreakNothing) {
  const Written written;
  const auto& at = written.positions;
  EXPECT_EQ(faults_of(written.read(), joined({offset_entry(4, at[1]), offset_entry(5, at[2])}),
                      joined({time_entry(10, 1), time_entry(30, 4)})),
            0U);
  EXPECT_EQ(faults_of(written.read(), {}, {}), 0U);
}

TEST(LogFiles, S3AnOffsetIndexThatPointsAstrayIsSeen) {
  const Written written;
  const auto& at = written.positions;
  for (const ByteBuffer& offsets :
       {offset_entry(4, at[2]), offset_entry(3, at[1]), offset_entry(6, written.content.size()),
        joined({offset_entry(5, at[2]), offset_entry(4, at[1])}),
        joined({offset_entry(4, at[1]), offset_entry(4, at[1])}), ByteBuffer(7)}) {
    EXPECT_EQ(faults_of(written.read(), offsets, {}), 1U);
  }
}

TEST(LogFiles, S3ATimeIndexThatLiesIsSeen) {
  const Written written;
  for (const ByteBuffer& times : {time_entry(20, 5), time_entry(31, 4), time_entry(30, 3),
                                  joined({time_entry(30, 4), time_entry(10, 1)}), ByteBuffer(13)}) {
    EXPECT_EQ(faults_of(written.read(), {}, times), 1U) << "20 at offset 105 is not the greatest so far";
  }
}

}  // namespace
}  // namespace gregor::properties
