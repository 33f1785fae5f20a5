// Snapshots as we write them: read back, laid out as Kafka's, whole or absent after any power loss.
#include "quorum/snapshot_writer.h"

#include <gtest/gtest.h>

#include "record/record_view.h"
#include "sim/world.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {
namespace {

const SnapshotId kId{Offset{243}, LeaderEpoch{7}};
const raft::VoterSet kVoters{{.key = {NodeId{1}, Uuid{1, 2}},
                              .endpoints = {{"CONTROLLER", "localhost", 9093}},
                              .kraft_version_min = 0,
                              .kraft_version_max = 1},
                             {.key = {NodeId{5}, Uuid{3, 4}}}};

std::string path_of(const SnapshotId& id) {
  return kMetadataFolder + "/" + id.file_name();
}

Result<std::uint64_t> write(env::Fiber& self, env::Shard& shard, const SnapshotId& id,
                            const std::vector<ByteBuffer>& wrote, std::optional<raft::VoterSet> voters = {}) {
  const SnapshotContent content{.values = wrote, .voters = std::move(voters), .last_contained = WallTime{4711}};
  return write_snapshot(self, shard.disk, kMetadataFolder, id, content, WallTime{5000});
}

std::shared_ptr<sim::DiskImage> disk_with_folder() {
  auto disk = std::make_shared<sim::DiskImage>();
  disk->put_file(kMetadataFolder + "/partition.metadata", {});
  return disk;
}

TEST(SnapshotWriter, WhatWasWrittenIsReadBackWhole) {
  const auto disk = disk_with_folder();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    const auto wrote = values({"a", "b", "c"});
    const auto size = write(self, shard, kId, wrote, kVoters);
    ASSERT_TRUE(size) << why(size);
    const auto read = read_snapshot(self, shard.disk, path_of(kId));
    ASSERT_TRUE(read) << why(read);
    EXPECT_TRUE(read->is_whole);
    EXPECT_EQ(read->values, wrote);
    EXPECT_EQ(read->voters, kVoters);
    EXPECT_EQ(read->last_contained, WallTime{4711});
    EXPECT_EQ(read->size_bytes, *size);
    const auto header = read_snapshot_header(self, shard.disk, path_of(kId));
    ASSERT_TRUE(header) << why(header);
    EXPECT_EQ(header->last_contained, WallTime{4711});
    EXPECT_EQ(header->size_bytes, *size);
    EXPECT_FALSE(shard.disk.status(self, path_of(kId) + ".part"));
  });
  EXPECT_EQ(disk->durable_content_of(path_of(kId)), disk->content_of(path_of(kId)));
}

// Kafka's: control records of one batch first, offsets from 0 on without gaps, the id's epoch, the footer alone at the
// end.
TEST(SnapshotWriter, BatchesAreLaidOutAsKafkasAre) {
  const auto disk = disk_with_folder();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(write(self, shard, kId, values({"a", "b"}), kVoters));
  });
  const ByteBuffer content = *disk->content_of(path_of(kId));
  std::vector<std::pair<bool, std::int32_t>> seen;
  Offset next{0};
  for (Bytes rest = content; !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    ASSERT_TRUE(batch && batch->crc_is_right());
    EXPECT_EQ(batch->base_offset(), next);
    EXPECT_EQ(batch->leader_epoch(), kId.epoch);
    seen.emplace_back(batch->is_control(), batch->record_count());
    next = batch->next_offset();
    rest = rest.subspan(batch->size());
  }
  EXPECT_EQ(seen, (std::vector<std::pair<bool, std::int32_t>>{{true, 3}, {false, 2}, {true, 1}}));
}

TEST(SnapshotWriter, LargeOnesAreCutIntoBatchesOfABoundedSize) {
  const auto disk = disk_with_folder();
  const std::size_t half = kSnapshotBatchBytesMax / 2;
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    std::vector<ByteBuffer> wrote;
    for (int i = 0; i < 5; ++i) wrote.emplace_back(half, static_cast<std::byte>(i));
    ASSERT_TRUE(write(self, shard, kId, wrote));
    const auto read = read_snapshot(self, shard.disk, path_of(kId));
    ASSERT_TRUE(read) << why(read);
    EXPECT_EQ(read->values, wrote);
  });
  const ByteBuffer content = *disk->content_of(path_of(kId));
  for (Bytes rest = content; !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    ASSERT_TRUE(batch);
    EXPECT_LE(batch->size(), kSnapshotBatchBytesMax + 1024);
    rest = rest.subspan(batch->size());
  }
}

TEST(SnapshotWriter, AFullDiskLeavesNothing) {
  const auto disk = disk_with_folder();
  disk->law().capacity_bytes = 100;
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    const auto written = write(self, shard, kId, {ByteBuffer(5000)});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::no_space);
  });
  EXPECT_EQ(disk->file_paths(), (std::vector<std::string>{kMetadataFolder + "/partition.metadata"}));
}

TEST(SnapshotWriter, AFailedFlushLeavesNothingUnderTheName) {
  const auto disk = disk_with_folder();
  disk->law().sync_error = sim::kAlways;
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    EXPECT_FALSE(write(self, shard, kId, values({"a"})));
    EXPECT_FALSE(shard.disk.status(self, path_of(kId)));
  });
}

// INVARIANTS 62: what stands under the name is whole, however the power fails; what was reported stands.
TEST(SnapshotWriter, APowerLossAtAnyEventLeavesAWholeOneOrNone) {
  bool saw_none = false;
  bool saw_whole_unreported = false;
  for (std::uint64_t events = 1;; ++events) {
    const auto disk = disk_with_folder();
    disk->law() = sim::usual_disk_law();
    bool is_reported = false;
    sim::World world({.seed = events});
    world.add_node({.name = "n",
                    .body =
                        [&](env::Fiber& self, env::Shard& shard) {
                          ASSERT_TRUE(write(self, shard, kId, values({"a", "b"}), kVoters));
                          is_reported = true;
                          while (true) self.park();
                        },
                    .disk = disk});
    world.run_until([&] { return is_reported; }, {.events_max = events});
    world.lose_power(0);
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      const auto read = read_snapshot(self, shard.disk, path_of(kId));
      if (!read) {
        EXPECT_EQ(read.error().code, Errc::not_found) << read.error().text;
        EXPECT_FALSE(is_reported);
        saw_none = true;
        return;
      }
      EXPECT_TRUE(read->is_whole);
      EXPECT_EQ(read->values, values({"a", "b"}));
      saw_whole_unreported = saw_whole_unreported || !is_reported;
    });
    if (is_reported) break;
  }
  EXPECT_TRUE(saw_none);
  EXPECT_TRUE(saw_whole_unreported);
}

}  // namespace
}  // namespace gregor::quorum
