// Records are read in place, each length checked against the record it stands in. Kafka's own records are compared in
// batch_view_test.cc; here is what malformed ones come to.
#include "record/record_view.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/crc32c.h"
#include "record/batch_builder.h"

namespace gregor::record {
namespace {

ByteBuffer batch_of(int count) {
  BatchBuilder builder(BatchSettings{});
  const HeaderView headers[] = {{"h", bytes_of("1")}, {"null", std::nullopt}};
  for (int i = 0; i < count; ++i) builder.add(WallTime{i}, bytes_of("key"), bytes_of("value"), headers);
  CodecScratch scratch;
  return builder.encode(scratch).value();
}

/// How many records could be read before the end or an error.
std::pair<int, std::optional<Errc>> walk(const BatchView& batch, Bytes plain) {
  RecordIterator records(batch, plain);
  for (int count = 0;; ++count) {
    const auto record = records.next();
    if (!record) return {count, record.error().code};
    if (!*record) return {count, std::nullopt};
  }
}

TEST(RecordIterator, ReadsAsManyAsTheHeaderCountsAndEveryHeaderOfEach) {
  const ByteBuffer bytes = batch_of(3);
  const auto batch = BatchView::parse(bytes);
  EXPECT_EQ(walk(*batch, batch->record_bytes()), (std::pair<int, std::optional<Errc>>{3, std::nullopt}));
  RecordIterator records(*batch, batch->record_bytes());
  const auto first = records.next();
  ASSERT_TRUE(first && *first);
  ASSERT_EQ((*first)->headers.size(), 2U);
  auto header = (*first)->headers.begin();
  EXPECT_EQ((*header).key, "h");
  EXPECT_EQ(text_of(*(*header).value), "1");
  ++header;
  EXPECT_EQ((*header).key, "null");
  EXPECT_FALSE((*header).value.has_value());
}

TEST(RecordIterator, BytesThatEndEarlyOrAreLeftOverAreMalformed) {
  const ByteBuffer bytes = batch_of(3);
  const auto batch = BatchView::parse(bytes);
  const Bytes plain = batch->record_bytes();
  for (std::size_t size = 0; size < plain.size(); ++size)
    EXPECT_EQ(walk(*batch, plain.first(size)).second, Errc::malformed);
  ByteBuffer longer(plain.begin(), plain.end());
  longer.push_back(std::byte{0});
  EXPECT_EQ(walk(*batch, longer).second, Errc::malformed);
}

TEST(RecordIterator, WhateverTheBytesItReadsNothingBeyondThem) {
  const ByteBuffer bytes = batch_of(4);
  const auto batch = BatchView::parse(bytes);
  EXPECT_TRUE(rc::check([&](const std::vector<std::pair<std::uint16_t, std::uint8_t>>& changes) {
    // On the heap at its exact size, so that a sanitizer sees a read beyond it.
    ByteBuffer plain(batch->record_bytes().begin(), batch->record_bytes().end());
    plain.shrink_to_fit();
    for (const auto& [at, value] : changes) plain[at % plain.size()] = static_cast<std::byte>(value);
    RecordIterator records(*batch, plain);
    std::size_t bytes_seen = 0;
    while (true) {
      const auto record = records.next();
      if (!record || !*record) break;
      bytes_seen += (*record)->key.value_or(Bytes{}).size() + (*record)->value.value_or(Bytes{}).size();
      for (const HeaderView header : (*record)->headers) bytes_seen += header.key.size();
    }
    RC_ASSERT(bytes_seen <= plain.size());
  }));
}

TEST(PlainRecords, AreBorrowedWithoutACodecAndBoundedWithOne) {
  const ByteBuffer bytes = batch_of(3);
  const auto batch = BatchView::parse(bytes);
  CodecScratch scratch;
  EXPECT_EQ(PlainRecords::of(*batch, scratch)->bytes().data(), batch->record_bytes().data());

  BatchSettings settings;
  settings.codec = Codec::gzip;
  BatchBuilder builder(settings);
  const std::string large(100'000, 'x');
  builder.add(WallTime{1}, std::nullopt, bytes_of(large));
  const ByteBuffer packed = builder.encode(scratch).value();
  const auto view = BatchView::parse(packed);
  const auto bounded = PlainRecords::of(*view, scratch, 50'000);
  ASSERT_FALSE(bounded);
  EXPECT_EQ(bounded.error().code, Errc::limit);
  EXPECT_GT(PlainRecords::of(*view, scratch)->bytes().size(), 100'000U);
}

TEST(PlainRecords, OfACodecThatNobodyKnowsAreUnsupported) {
  ByteBuffer bytes = batch_of(1);
  store_big_endian(bytes.data() + kAttributesAt, std::int16_t{7});
  CodecScratch scratch;
  const auto plain = PlainRecords::of(*BatchView::parse(bytes), scratch);
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().code, Errc::unsupported);
}

TEST(ControlRecords, AreToldByTheirKeysAndOddOnesAreNone) {
  const ByteBuffer key_commit = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  const ByteBuffer key_cut = {std::byte{0}, std::byte{0}, std::byte{0}};
  RecordView record;
  EXPECT_EQ(control_type_of(record), std::nullopt) << "no key";
  record.key = key_cut;
  EXPECT_EQ(control_type_of(record), std::nullopt);
  record.key = key_commit;
  EXPECT_EQ(control_type_of(record), ControlType::commit);
  EXPECT_FALSE(coordinator_epoch_of(record)) << "no value";
}

}  // namespace
}  // namespace gregor::record
