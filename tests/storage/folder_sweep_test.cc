// What a crash in the middle of a roll, a deletion or a cleaning leaves, and what is left of it when the folder is
// opened: Kafka's rules for .deleted, .cleaned and .swap.
#include "storage/folder_sweep.h"

#include <gtest/gtest.h>

#include "tests/storage/support/batches.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

class FolderSweep : public testing::Test {
 protected:
  FolderSweep() { image_->put_file("orders-0/partition.metadata", {}); }
  void put(const std::string& name, Bytes content = {}) { image_->put_file("orders-0/" + name, content); }
  void put_segment(std::int64_t base, const std::string& stage = "") {
    const ByteBuffer batch = make_batch({.base_offset = base, .records = 10});
    put(file_name(Offset{base}, FileKind::log) + stage, batch);
    for (const FileKind kind : {FileKind::offset_index, FileKind::time_index})
      put(file_name(Offset{base}, kind) + stage);
  }
  SweptFolder sweep() {
    return sim::run_fiber({.disk = image_}, [](env::Fiber& self, env::Shard& shard) {
      SegmentFiles files(shard.disk, "orders-0");
      return sweep_folder(self, files).value();
    });
  }
  [[nodiscard]] bool has(const std::string& name) const { return image_->content_of("orders-0/" + name).has_value(); }
  [[nodiscard]] std::size_t files() const { return image_->file_paths().size(); }

  std::shared_ptr<sim::DiskImage> image_ = std::make_shared<sim::DiskImage>();
};

TEST_F(FolderSweep, LiveFilesAreListedAndLeftAlone) {
  put_segment(0);
  put_segment(10);
  put("00000000000000000010.snapshot");
  put("leader-epoch-checkpoint");
  put("00000000000000000000-0000000001.checkpoint");
  put("quorum-state");
  const std::size_t before = files();
  const SweptFolder swept = sweep();
  EXPECT_EQ(swept.segments, (std::set{Offset{0}, Offset{10}}));
  EXPECT_EQ(swept.snapshots, std::set{Offset{10}});
  EXPECT_EQ(files(), before);
}

TEST_F(FolderSweep, ADeletionIsFinished) {
  put_segment(0, ".deleted");
  put_segment(10);
  EXPECT_EQ(sweep().segments, std::set{Offset{10}});
  EXPECT_FALSE(has("00000000000000000000.log.deleted"));
}

TEST_F(FolderSweep, ACleaningThatDidNotEndIsUndone) {
  put_segment(0);
  put_segment(0, ".cleaned");
  EXPECT_EQ(sweep().segments, std::set{Offset{0}});
  EXPECT_TRUE(has("00000000000000000000.log"));
  EXPECT_FALSE(has("00000000000000000000.log.cleaned"));
}

TEST_F(FolderSweep, ACleaningThatReachedItsLastStepIsFinished) {
  put_segment(0);
  put_segment(5);
  put_segment(20);
  const ByteBuffer cleaned = make_batch({.base_offset = 0, .records = 10, .timestamp_ms = 77});
  put("00000000000000000000.log.swap", cleaned);
  EXPECT_EQ(sweep().segments, (std::set{Offset{0}, Offset{20}})) << "what lies in the range of the swap is replaced";
  EXPECT_EQ(image_->content_of("orders-0/00000000000000000000.log"), cleaned);
  EXPECT_FALSE(has("00000000000000000005.log"));
  EXPECT_FALSE(has("00000000000000000000.index")) << "the old index is not the new segment's";
}

TEST_F(FolderSweep, ASplitThatWasNotAllRenamedIsUndone) {
  put_segment(0);
  put_segment(0, ".cleaned");
  put_segment(5, ".swap");
  EXPECT_EQ(sweep().segments, std::set{Offset{0}});
  EXPECT_FALSE(has("00000000000000000005.log.swap"));
  EXPECT_TRUE(has("00000000000000000000.log"));
}

TEST_F(FolderSweep, FilesWithoutTheirLogGo) {
  put_segment(0);
  put("00000000000000000010.index");
  put("00000000000000000010.timeindex");
  put("00000000000000000010.txnindex");
  put("00000000000000000010.snapshot");
  const SweptFolder swept = sweep();
  EXPECT_FALSE(has("00000000000000000010.index"));
  EXPECT_FALSE(has("00000000000000000010.txnindex"));
  EXPECT_EQ(swept.snapshots, std::set{Offset{10}}) << "a snapshot stands for itself";
}

TEST_F(FolderSweep, HalfWrittenReplacementsGo) {
  put("leader-epoch-checkpoint.tmp");
  put("partition.metadata.tmp");
  sweep();
  EXPECT_FALSE(has("leader-epoch-checkpoint.tmp"));
  EXPECT_FALSE(has("partition.metadata.tmp"));
}

}  // namespace
}  // namespace gregor::storage
