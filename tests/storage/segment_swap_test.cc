// A cleaned segment takes the place of the old ones: all of it or nothing, whatever is left undone.
#include "storage/segment_swap.h"

#include <gtest/gtest.h>

#include "storage/cleaned_segment.h"
#include "storage/folder_sweep.h"
#include "tests/storage/support/batches.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

class SegmentSwapTest : public testing::Test {
 protected:
  static constexpr AbortedTransaction kAborted{ProducerId{1}, Offset{0}, Offset{3}, Offset{0}};

  SegmentSwapTest() {
    for (const std::int64_t base : {0, 10}) {
      put(file_name(Offset{base}, FileKind::log), make_batch({.base_offset = base, .records = 10}));
      put(file_name(Offset{base}, FileKind::offset_index), {});
      put(file_name(Offset{base}, FileKind::time_index), {});
    }
    put(file_name(Offset{10}, FileKind::transaction_index), bytes_of("the old one"));
  }
  void put(const std::string& name, Bytes content) { image_->put_file("orders-0/" + name, content); }
  [[nodiscard]] bool has(const std::string& name) const { return image_->content_of("orders-0/" + name).has_value(); }
  /// Runs `steps` on a cleaned segment for 0 to 20.
  void run(UniqueFunction<void(env::Fiber&, SegmentSwap&)> steps) {
    sim::run_fiber({.disk = image_}, [&](env::Fiber& self, env::Shard& shard) {
      SegmentFiles files(shard.disk, "orders-0");
      auto segment = CleanedSegment::create(self, files, Offset{0}, 4096).value();
      ASSERT_TRUE(segment.append(self, cleaned_));
      ASSERT_TRUE(segment.finish(self, {kAborted}));
      EXPECT_EQ(segment.size_bytes(), cleaned_.size());
      EXPECT_EQ(segment.aborted_bytes(), kAbortedTransactionBytes);
      SegmentSwap swap(files, Offset{0}, true, {Offset{0}, Offset{10}});
      steps(self, swap);
    });
  }
  void sweep() {
    sim::run_fiber({.disk = image_}, [](env::Fiber& self, env::Shard& shard) {
      SegmentFiles files(shard.disk, "orders-0");
      ASSERT_TRUE(sweep_folder(self, files));
    });
  }
  void expect_new() const {
    EXPECT_EQ(image_->content_of("orders-0/00000000000000000000.log"), cleaned_);
    EXPECT_EQ(image_->content_of("orders-0/00000000000000000000.txnindex")->size(), kAbortedTransactionBytes);
    EXPECT_FALSE(has("00000000000000000010.log"));
    EXPECT_FALSE(has("00000000000000000010.txnindex"));
    EXPECT_EQ(image_->file_paths().size(), 4U);
  }
  void expect_old() const {
    EXPECT_NE(image_->content_of("orders-0/00000000000000000000.log"), cleaned_);
    EXPECT_TRUE(has("00000000000000000010.log"));
    EXPECT_EQ(image_->file_paths().size(), 7U);
  }

  ByteBuffer cleaned_ = make_batch({.base_offset = 0, .records = 20, .timestamp_ms = 77});
  std::shared_ptr<sim::DiskImage> image_ = std::make_shared<sim::DiskImage>();
};

TEST_F(SegmentSwapTest, FinishedItStandsInThePlaceOfTheOldOnes) {
  run([](env::Fiber& self, SegmentSwap& swap) {
    ASSERT_TRUE(swap.commit(self));
    ASSERT_TRUE(swap.finish(self));
  });
  expect_new();
}

TEST_F(SegmentSwapTest, UndoneItLeavesNothing) {
  run([](env::Fiber& self, SegmentSwap& swap) { ASSERT_TRUE(swap.undo(self)); });
  expect_old();
}

TEST_F(SegmentSwapTest, CommittedItIsFinishedByTheNextStart) {
  run([](env::Fiber& self, SegmentSwap& swap) { ASSERT_TRUE(swap.commit(self)); });
  RandomStream stream(1);
  image_->lose_power(stream);
  sweep();
  expect_new();
}

TEST_F(SegmentSwapTest, WrittenItIsForgottenByTheNextStart) {
  run([](env::Fiber&, SegmentSwap&) {});
  sweep();
  expect_old();
}

}  // namespace
}  // namespace gregor::storage
