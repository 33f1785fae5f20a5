// What a cleaner leaves of one batch.
#include "storage/clean_batch.h"

#include <gtest/gtest.h>

#include "tests/storage/support/keyed_batches.h"

namespace gregor::storage {
namespace {

constexpr WallTime kNow{50'000};

class CleanBatch : public testing::Test {
 protected:
  /// The keys a to e, of which b and d have later records, in batches of every codec.
  [[nodiscard]] static ByteBuffer five(record::BatchSettings settings = {}) {
    settings.base_offset = Offset{10};
    return keyed_batch(settings, {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "5"}});
  }
  CleanBatch() {
    latest_.put(bytes_of("b"), Offset{20});
    latest_.put(bytes_of("d"), Offset{13});
    latest_.put(bytes_of("e"), Offset{21});
  }
  CleanedBatch clean(Bytes batch, const BatchStanding& standing = {}, WallTime now = kNow) {
    const CleanRules rules{.latest = latest_, .map_end = map_end_, .now = now, .delete_retention_ms = 1000};
    return clean_batch(record::BatchView::parse(batch).value(), standing, rules, scratch_).value();
  }
  static std::vector<std::int64_t> offsets(const CleanedBatch& cleaned) {
    std::vector<std::int64_t> found;
    for (const auto& record : records_of(cleaned.bytes)) found.push_back(record.offset);
    return found;
  }

  KeyOffsets latest_{{1, 2}, {}};
  Offset map_end_{100};
  record::CodecScratch scratch_;
};

TEST_F(CleanBatch, KeepsTheLastRecordOfEachKeyWithItsOffsetTimeAndCodec) {
  for (const auto codec :
       {record::Codec::none, record::Codec::gzip, record::Codec::snappy, record::Codec::lz4, record::Codec::zstd}) {
    const ByteBuffer batch = five({.codec = codec,
                                   .producer_id = ProducerId{7},
                                   .producer_epoch = ProducerEpoch{1},
                                   .base_sequence = Sequence{3}});
    const CleanedBatch cleaned = clean(batch);
    ASSERT_EQ(cleaned.fate, CleanedBatch::Fate::rewritten);
    EXPECT_EQ(records_of(cleaned.bytes),
              (std::vector<StoredRecord>{{10, "a", "1", 1000}, {12, "c", "3", 1002}, {13, "d", "4", 1003}}));
    const auto view = record::BatchView::parse(cleaned.bytes).value();
    EXPECT_TRUE(view.crc_is_right());
    EXPECT_EQ(view.codec(), codec);
    EXPECT_EQ(view.base_offset(), Offset{10});
    EXPECT_EQ(view.last_offset(), Offset{14}) << "the end stays though its record went";
    EXPECT_EQ(view.base_sequence(), Sequence{3});
    EXPECT_EQ(view.last_sequence(), Sequence{7});
    EXPECT_FALSE(view.delete_horizon());
  }
}

TEST_F(CleanBatch, LeavesABatchOfWhichAllStaysByteForByte) {
  const ByteBuffer batch = keyed_batch({.base_offset = Offset{10}}, {{"a", "1"}, {"c", "3"}});
  EXPECT_EQ(clean(batch).fate, CleanedBatch::Fate::as_it_is);
}

TEST_F(CleanBatch, LooksAtNothingFromTheEndOfTheMapOn) {
  map_end_ = Offset{11};
  EXPECT_EQ(clean(five()).fate, CleanedBatch::Fate::as_it_is) << "b has a later record, but is itself beyond";
  map_end_ = Offset{12};
  EXPECT_EQ(offsets(clean(five())), (std::vector<std::int64_t>{10, 12, 13, 14}));
}

TEST_F(CleanBatch, GivesTombstonesAHorizonAndDropsThemWhenItHasPassed) {
  const ByteBuffer batch = keyed_batch({.base_offset = Offset{10}}, {{"a", std::nullopt}, {"c", "3"}});
  const CleanedBatch first = clean(batch);
  ASSERT_EQ(first.fate, CleanedBatch::Fate::rewritten);
  const auto view = record::BatchView::parse(first.bytes).value();
  EXPECT_EQ(view.delete_horizon(), WallTime{kNow.ms + 1000});
  EXPECT_EQ(records_of(first.bytes), (std::vector<StoredRecord>{{10, "a", std::nullopt, 1000}, {11, "c", "3", 1001}}))
      << "times are told from the horizon now, and are the same";
  EXPECT_EQ(clean(first.bytes, {}, WallTime{kNow.ms + 999}).fate, CleanedBatch::Fate::as_it_is);
  const CleanedBatch last = clean(first.bytes, {}, WallTime{kNow.ms + 1000});
  EXPECT_EQ(records_of(last.bytes), (std::vector<StoredRecord>{{11, "c", "3", 1001}}));
}

TEST_F(CleanBatch, AbortedDataGoesAndMarkersStayWhateverTheirKeySays) {
  EXPECT_EQ(clean(five({.producer_id = ProducerId{7}, .is_transactional = true}), {.is_aborted = true}).fate,
            CleanedBatch::Fate::dropped);
  const ByteBuffer marker = record::end_transaction_marker(Offset{15}, LeaderEpoch{0}, WallTime{5}, ProducerId{7},
                                                           ProducerEpoch{0}, record::ControlType::abort, 0);
  const auto key =
      record::RecordIterator(record::BatchView::parse(marker).value(), record::BatchView::parse(marker)->record_bytes())
          .next()
          .value()
          ->key;
  latest_.put(*key, Offset{90});
  EXPECT_EQ(clean(marker).fate, CleanedBatch::Fate::as_it_is);
  const CleanedBatch marked = clean(marker, {.is_empty_marker = true});
  ASSERT_EQ(marked.fate, CleanedBatch::Fate::rewritten) << "it is given a horizon first";
  EXPECT_EQ(clean(marked.bytes, {.is_empty_marker = true}, WallTime{kNow.ms + 999}).fate, CleanedBatch::Fate::as_it_is);
  EXPECT_EQ(clean(marked.bytes, {.is_empty_marker = true}, WallTime{kNow.ms + 1000}).fate, CleanedBatch::Fate::dropped);
  EXPECT_EQ(clean(marked.bytes, {}, WallTime{kNow.ms + 1000}).fate, CleanedBatch::Fate::as_it_is);
}

TEST_F(CleanBatch, KeepsAnEmptyBatchWhereAProducerOrTheSegmentsEndHangsOnIt) {
  const ByteBuffer batch = keyed_batch({.codec = record::Codec::lz4,
                                        .base_offset = Offset{10},
                                        .producer_id = ProducerId{7},
                                        .producer_epoch = ProducerEpoch{2},
                                        .base_sequence = Sequence{5}},
                                       {{"b", "2"}, {"b", "3"}});
  EXPECT_EQ(clean(batch).fate, CleanedBatch::Fate::dropped);
  for (const BatchStanding standing :
       {BatchStanding{.is_last_of_producer = true}, BatchStanding{.is_last_of_segment = true}}) {
    const CleanedBatch empty = clean(batch, standing);
    const auto view = record::BatchView::parse(empty.bytes).value();
    EXPECT_EQ(view.record_count(), 0);
    EXPECT_EQ(view.last_offset(), Offset{11});
    EXPECT_EQ(view.last_sequence(), Sequence{6});
    EXPECT_EQ(view.max_timestamp(), WallTime{1001});
    EXPECT_TRUE(view.crc_is_right());
    EXPECT_EQ(clean(empty.bytes, standing).fate, CleanedBatch::Fate::as_it_is);
    EXPECT_EQ(clean(empty.bytes).fate, CleanedBatch::Fate::dropped) << "once a newer batch tells as much";
  }
}

TEST_F(CleanBatch, RefusesRecordsThatDoNotParse) {
  ByteBuffer batch = five();
  batch[record::kBatchHeaderBytes] = std::byte{0x7f};
  const CleanRules rules{.latest = latest_, .map_end = map_end_, .now = kNow, .delete_retention_ms = 1};
  EXPECT_FALSE(clean_batch(record::BatchView::parse(batch).value(), {}, rules, scratch_));
}

TEST(IsLastOfProducer, ComparesDataByOffsetAndMarkersByEpoch) {
  const ByteBuffer data = keyed_batch({.base_offset = Offset{10},
                                       .producer_id = ProducerId{7},
                                       .producer_epoch = ProducerEpoch{2},
                                       .base_sequence = Sequence{0}},
                                      {{"a", "1"}});
  const auto batch = record::BatchView::parse(data).value();
  EXPECT_TRUE(is_last_of_producer(batch, LastOfProducer{Offset{10}, ProducerEpoch{2}}));
  EXPECT_FALSE(is_last_of_producer(batch, LastOfProducer{Offset{11}, ProducerEpoch{2}}));
  EXPECT_FALSE(is_last_of_producer(batch, std::nullopt));
  EXPECT_FALSE(is_last_of_producer(batch, LastOfProducer{std::nullopt, ProducerEpoch{2}})) << "not a marker";
  const ByteBuffer marker = record::end_transaction_marker(Offset{15}, LeaderEpoch{0}, WallTime{5}, ProducerId{7},
                                                           ProducerEpoch{2}, record::ControlType::commit, 0);
  EXPECT_TRUE(
      is_last_of_producer(record::BatchView::parse(marker).value(), LastOfProducer{std::nullopt, ProducerEpoch{2}}));
}

}  // namespace
}  // namespace gregor::storage
