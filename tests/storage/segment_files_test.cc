// The files of segments on a disk: what is durable when, and which of two files goes first.
#include "storage/segment_files.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"
#include "storage/aborted_transaction.h"

namespace gregor::storage {
namespace {

class SegmentFilesOnDisk : public testing::Test {
 protected:
  SegmentFilesOnDisk() { image_->put_file("f/keep", {}); }
  template <class Body>
  void run(Body body) {
    sim::run_fiber({.disk = image_}, [&](env::Fiber& self, env::Shard& shard) {
      SegmentFiles files(shard.disk, "f");
      body(self, files);
    });
  }
  std::shared_ptr<sim::DiskImage> image_ = std::make_shared<sim::DiskImage>();
};

SegmentIndex some_index() {
  SegmentIndex index(Offset{0});
  for (int i = 0; i < 10; ++i)
    index.add({Offset{i}, i + 1, FilePosition{static_cast<std::uint64_t>(i) * 100}, 100}, 150);
  index.seal();
  return index;
}

// KAFKA-3968.
TEST_F(SegmentFilesOnDisk, TheNamesOfANewSegmentAreDurable) {
  run([](env::Fiber& self, SegmentFiles& files) { ASSERT_TRUE(files.create(self, Offset{7})); });
  const auto names = image_->durable_file_paths();
  for (const std::string name :
       {"f/00000000000000000007.log", "f/00000000000000000007.index", "f/00000000000000000007.timeindex"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
}

TEST_F(SegmentFilesOnDisk, WhatAFailedAttemptLeftOfASegmentIsEmptied) {
  for (const std::string kind : {"log", "index", "timeindex", "txnindex"}) {
    image_->put_file("f/00000000000000000007." + kind, bytes_of("left over"));
  }
  run([](env::Fiber& self, SegmentFiles& files) { ASSERT_TRUE(files.create(self, Offset{7})); });
  EXPECT_EQ(image_->content_of("f/00000000000000000007.log"), ByteBuffer{});
  EXPECT_EQ(image_->content_of("f/00000000000000000007.index"), ByteBuffer{});
  EXPECT_EQ(image_->content_of("f/00000000000000000007.txnindex"), std::nullopt);
}

TEST_F(SegmentFilesOnDisk, IndexesAreDurableAndComeBack) {
  run([](env::Fiber& self, SegmentFiles& files) {
    ASSERT_TRUE(files.write_index(self, some_index()));
    const auto again = files.read_index(self, Offset{0}, Offset{10}, 1000).value();
    EXPECT_EQ(again.offset_entries(), some_index().offset_entries());
    EXPECT_EQ(again.time_entries(), some_index().time_entries());
    EXPECT_EQ(files.probe_index(self, Offset{0}, Offset{10}, 1000).value(), some_index().time_entries().back());
  });
  EXPECT_EQ(image_->content_of("f/00000000000000000000.index"), some_index().encode_offsets());
}

TEST_F(SegmentFilesOnDisk, AShorterIndexLeavesNothingOfALongerOne) {
  image_->put_file("f/00000000000000000000.index", ByteBuffer(10'000));
  run([](env::Fiber& self, SegmentFiles& files) { ASSERT_TRUE(files.write_index(self, some_index())); });
  EXPECT_EQ(image_->content_of("f/00000000000000000000.index"), some_index().encode_offsets());
}

TEST_F(SegmentFilesOnDisk, AnIndexThatDoesNotFitIsToldFromOneThatIsAbsent) {
  run([](env::Fiber& self, SegmentFiles& files) {
    EXPECT_EQ(files.probe_index(self, Offset{0}, Offset{10}, 1000).error().code, Errc::not_found);
    EXPECT_EQ(files.read_index(self, Offset{0}, Offset{10}, 1000).error().code, Errc::not_found);
    ASSERT_TRUE(files.write_index(self, some_index()));
    EXPECT_EQ(files.probe_index(self, Offset{0}, Offset{9}, 1000).error().code, Errc::corrupt);
    EXPECT_EQ(files.read_index(self, Offset{0}, Offset{10}, 500).error().code, Errc::corrupt);
    EXPECT_TRUE(is_absent(Error{Errc::not_found, ""}));
    EXPECT_FALSE(is_absent(Error{Errc::io, ""}));
  });
  image_->put_file("f/00000000000000000000.timeindex", ByteBuffer(13));
  run([](env::Fiber& self, SegmentFiles& files) {
    EXPECT_EQ(files.probe_index(self, Offset{0}, Offset{10}, 1000).error().code, Errc::corrupt);
  });
}

TEST_F(SegmentFilesOnDisk, ARemovedLogIsDurablyGoneWithAllThatBelongsToIt) {
  run([](env::Fiber& self, SegmentFiles& files) {
    ASSERT_TRUE(files.create(self, Offset{7}));
    ASSERT_TRUE(files.remove(self, Offset{7}));
    EXPECT_TRUE(files.remove(self, Offset{7})) << "absent is fine";
  });
  EXPECT_EQ(image_->durable_content_of("f/00000000000000000007.log"), std::nullopt);
  EXPECT_EQ(image_->file_paths(), std::vector<std::string>{"f/keep"});
}

TEST_F(SegmentFilesOnDisk, TransactionsThatEndBehindACutGo) {
  ByteBuffer content;
  for (const std::int64_t last : {5, 8, 12}) {
    append_aborted_transaction(content, {ProducerId{1}, Offset{last - 3}, Offset{last}, Offset{last}});
  }
  const Bytes all(content);
  image_->put_file("f/00000000000000000000.txnindex", all);
  image_->law().capacity_bytes = image_->used_bytes();  // a cut takes no space
  run([](env::Fiber& self, SegmentFiles& files) {
    EXPECT_TRUE(files.trim_transaction_index(self, Offset{0}, Offset{9}));
    EXPECT_TRUE(files.trim_transaction_index(self, Offset{50}, Offset{60})) << "absent is fine";
  });
  EXPECT_EQ(image_->durable_content_of("f/00000000000000000000.txnindex").value(),
            ByteBuffer(all.begin(), all.begin() + 2 * kAbortedTransactionBytes));
}

TEST_F(SegmentFilesOnDisk, ATornTransactionEntryGoesAndTheWholeOnesStay) {
  ByteBuffer content;
  append_aborted_transaction(content, {ProducerId{1}, Offset{1}, Offset{2}, Offset{1}});
  const ByteBuffer whole = content;
  content.resize(content.size() + 20);
  image_->put_file("f/00000000000000000000.txnindex", content);
  run([](env::Fiber& self, SegmentFiles& files) {
    ASSERT_TRUE(files.trim_transaction_index(self, Offset{0}, Offset{100}));
  });
  EXPECT_EQ(image_->content_of("f/00000000000000000000.txnindex"), whole);
}

}  // namespace
}  // namespace gregor::storage
