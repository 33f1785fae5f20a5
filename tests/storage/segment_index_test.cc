// The sparse indexes by Kafka's rule: an entry when more than index.interval.bytes stand since the last one. What
// kafka_index_test.cc shows on Kafka's files, here by hand, and what must be found wrong in a file.
#include "storage/segment_index.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gregor::storage {
namespace {

constexpr Offset kBase{1000};
constexpr std::int64_t kInterval = 100;
constexpr Offset kEnd{INT64_MAX};
constexpr std::uint64_t kLogBytes = 10'000;

IndexedBatch batch(std::int64_t last, std::int64_t timestamp_ms, std::uint64_t position, std::uint64_t bytes = 60) {
  return {Offset{last}, timestamp_ms, FilePosition{position}, bytes};
}
OffsetEntry at(std::int64_t offset, std::uint64_t position) {
  return {Offset{offset}, FilePosition{position}};
}
TimeEntry when(std::int64_t timestamp_ms, std::int64_t offset) {
  return {timestamp_ms, Offset{offset}};
}

/// Batches of 60 bytes: every third one gets an entry.
SegmentIndex index_of(const std::vector<std::int64_t>& timestamps) {
  SegmentIndex index(kBase);
  std::int64_t i = 0;
  for (const std::int64_t timestamp_ms : timestamps) {
    index.add(batch(kBase.value() + i, timestamp_ms, static_cast<std::uint64_t>(i) * 60), kInterval);
    ++i;
  }
  return index;
}

bool decodes(Bytes offsets, Bytes times, Offset end = kEnd) {
  const auto index = SegmentIndex::decode(kBase, end, kLogBytes, offsets, times);
  EXPECT_TRUE(index || index.error().code == Errc::corrupt);
  return index.has_value();
}

ByteBuffer offset_file(const std::vector<std::pair<std::int32_t, std::uint32_t>>& entries) {
  ByteBuffer content(entries.size() * kOffsetEntryBytes);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    store_big_endian(content.data() + i * kOffsetEntryBytes, entries[i].first);
    store_big_endian(content.data() + i * kOffsetEntryBytes + 4, entries[i].second);
  }
  return content;
}

ByteBuffer time_file(const std::vector<std::pair<std::int64_t, std::int32_t>>& entries) {
  ByteBuffer content(entries.size() * kTimeEntryBytes);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    store_big_endian(content.data() + i * kTimeEntryBytes, entries[i].first);
    store_big_endian(content.data() + i * kTimeEntryBytes + 8, entries[i].second);
  }
  return content;
}

TEST(SegmentIndex, AnEntryComesWhenMoreThanTheIntervalStandsSinceTheLast) {
  const SegmentIndex index = index_of({1, 2, 3, 4, 5});
  EXPECT_EQ(index.offset_entries(), (std::vector{at(1002, 120), at(1004, 240)}))
      << "the entry names the batch's last offset and first byte, and its own bytes count for the next";
}

TEST(SegmentIndex, ExactlyTheIntervalIsNotMore) {
  SegmentIndex index(kBase);
  index.add(batch(1000, 1, 0, 100), kInterval);
  index.add(batch(1001, 1, 100, 100), kInterval);
  EXPECT_TRUE(index.offset_entries().empty());
}

TEST(SegmentIndex, ATimeEntryHoldsTheGreatestTimestampSoFarAndTheFirstBatchThatHadIt) {
  const SegmentIndex index = index_of({5, 9, 9, 3, 4});
  EXPECT_EQ(index.time_entries(), std::vector{when(9, 1001)}) << "none where the greatest did not grow";
}

TEST(SegmentIndex, SealingAddsTheGreatestTimestampOnce) {
  SegmentIndex index = index_of({5, 9});
  index.seal();
  index.seal();
  EXPECT_EQ(index.time_entries(), std::vector{when(9, 1001)});
  SegmentIndex empty(kBase);
  empty.seal();
  EXPECT_TRUE(empty.time_entries().empty());
}

TEST(SegmentIndex, BatchesWithoutTimestampsGetNoTimeEntries) {
  SegmentIndex index = index_of({-1, -1, -1, -1});
  index.seal();
  EXPECT_TRUE(index.time_entries().empty());
  EXPECT_EQ(index.offset_entries().size(), 1U);
}

TEST(SegmentIndex, ALookUpLandsAtOrBeforeWhatIsWanted) {
  const SegmentIndex index = index_of({10, 20, 30, 40, 50});
  EXPECT_EQ(index.find(Offset{1001}), std::nullopt);
  EXPECT_EQ(index.find(Offset{1002}), at(1002, 120));
  EXPECT_EQ(index.find(Offset{1003}), at(1002, 120));
  EXPECT_EQ(index.find(Offset{9999}), at(1004, 240));
  EXPECT_EQ(index.find_time(29), std::nullopt);
  EXPECT_EQ(index.find_time(30), when(30, 1002));
  EXPECT_EQ(index.find_time(49), when(30, 1002));
}

// Kafka counts from 0 in a segment that was cut or opened.
TEST(SegmentIndex, ACutDropsEntriesAndStartsTheIntervalAnew) {
  SegmentIndex index = index_of({10, 20, 30, 40, 50});
  index.truncate_to(Offset{1004});
  EXPECT_EQ(index.offset_entries(), std::vector{at(1002, 120)});
  EXPECT_EQ(index.time_entries(), std::vector{when(30, 1002)});
  index.rescan(batch(1002, 30, 120));
  index.rescan(batch(1003, 40, 180));
  EXPECT_EQ(index.cursor().bytes_since_entry, 0);
  EXPECT_EQ(index.cursor().max_timestamp_ms, 40);
  index.seal();
  EXPECT_EQ(index.time_entries().back(), when(40, 1003));
}

TEST(SegmentIndex, TheFilesComeBack) {
  SegmentIndex index = index_of({10, 20, 30, 40, 50});
  index.seal();
  const auto again =
      SegmentIndex::decode(kBase, kBase + 5, kLogBytes, index.encode_offsets(), index.encode_times()).value();
  EXPECT_EQ(again.offset_entries(), index.offset_entries());
  EXPECT_EQ(again.time_entries(), index.time_entries());
  EXPECT_EQ(again.last_offset_entry(), at(1004, 240));
  EXPECT_EQ(again.cursor().max_timestamp_ms, 50);
}

TEST(SegmentIndex, AnOffsetEntryThatBreaksARuleCondemnsTheFile) {
  EXPECT_TRUE(decodes(offset_file({{2, 120}, {4, 240}}), {}));
  EXPECT_FALSE(decodes(offset_file({{4, 240}, {2, 120}}), {})) << "offsets fall";
  EXPECT_FALSE(decodes(offset_file({{2, 120}, {2, 240}}), {})) << "an offset twice";
  EXPECT_FALSE(decodes(offset_file({{2, 120}, {3, 120}}), {})) << "a position twice";
  EXPECT_FALSE(decodes(offset_file({{-1, 120}}), {})) << "below the segment";
  EXPECT_FALSE(decodes(offset_file({{2, kLogBytes}}), {})) << "beyond the bytes";
  EXPECT_FALSE(decodes(offset_file({{2, 120}}), {}, kBase + 2)) << "beyond the offsets";
  EXPECT_FALSE(decodes(offset_file({{2, 120}, {0, 0}}), {})) << "what Kafka preallocates";
}

TEST(SegmentIndex, ATimeEntryThatBreaksARuleCondemnsTheFile) {
  EXPECT_TRUE(decodes({}, time_file({{10, 2}, {20, 2}})));
  EXPECT_FALSE(decodes({}, time_file({{10, 2}, {10, 3}}))) << "a timestamp twice";
  EXPECT_FALSE(decodes({}, time_file({{10, 3}, {20, 2}}))) << "offsets fall";
  EXPECT_FALSE(decodes({}, time_file({{-1, 2}}))) << "no timestamp";
  EXPECT_FALSE(decodes({}, time_file({{10, 2}}), kBase + 2)) << "beyond the offsets";
  EXPECT_FALSE(decodes({}, time_file({{10, -5}}))) << "below the segment";
}

TEST(SegmentIndex, ATornFileIsCondemned) {
  const ByteBuffer offsets = offset_file({{2, 120}});
  const ByteBuffer times = time_file({{10, 2}});
  for (std::size_t size = 1; size < offsets.size(); ++size) EXPECT_FALSE(decodes(Bytes(offsets).first(size), {}));
  for (std::size_t size = 1; size < times.size(); ++size) EXPECT_FALSE(decodes({}, Bytes(times).first(size)));
}

// Segments may begin anywhere: the entries of a file of any name are read without an overflow.
TEST(SegmentIndex, EntriesBehindTheLastOffsetThereIsAreCondemned) {
  const Offset last{INT64_MAX};
  EXPECT_FALSE(SegmentIndex::decode(last, kEnd, kLogBytes, offset_file({{1, 120}}), {}));
  EXPECT_FALSE(SegmentIndex::decode(last, kEnd, kLogBytes, {}, time_file({{10, 1}})));
  EXPECT_EQ(raw_offset_entries(last, offset_file({{1, 120}})).size(), 1U);
}

TEST(SegmentIndex, ADumpStopsAtThePreallocatedZeros) {
  ByteBuffer offsets = offset_file({{2, 120}, {4, 240}});
  ByteBuffer times = time_file({{10, 2}});
  offsets.resize(800);
  times.resize(1200);
  EXPECT_EQ(raw_offset_entries(kBase, offsets), (std::vector{at(1002, 120), at(1004, 240)}));
  EXPECT_EQ(raw_time_entries(kBase, times), std::vector{when(10, 1002)});
}

TEST(SegmentIndex, AnyBatchesYieldAnIndexThatIsItsOwnFile) {
  EXPECT_TRUE(rc::check(
      "an index passes its own check", [](const std::vector<std::pair<std::uint8_t, std::uint16_t>>& batches) {
        SegmentIndex index(kBase);
        std::uint64_t position = 0;
        Offset next = kBase;
        for (const auto& [steps, timestamp] : batches) {
          const std::uint64_t bytes = 61 + timestamp % 90;
          index.add({next + steps, timestamp, FilePosition{position}, bytes}, kInterval);
          position += bytes;
          next = next + steps + 1;
        }
        index.seal();
        RC_CLASSIFY(index.offset_entries().size() > 3, "some entries");
        const auto again = SegmentIndex::decode(kBase, next, position, index.encode_offsets(), index.encode_times());
        RC_ASSERT(again.has_value());
        RC_ASSERT(again->offset_entries() == index.offset_entries());
        RC_ASSERT(again->time_entries() == index.time_entries());
      }));
}

}  // namespace
}  // namespace gregor::storage
