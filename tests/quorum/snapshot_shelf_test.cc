// Which snapshots a folder holds, what former lives left of others, and which go first.
#include "quorum/snapshot_shelf.h"

#include <gtest/gtest.h>

#include "quorum/snapshot_writer.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {
namespace {

SnapshotId id_of(std::int64_t end, std::int32_t epoch = 1) {
  return {Offset{end}, LeaderEpoch{epoch}};
}

StoredSnapshot stored(std::int64_t end, std::uint64_t size, std::int64_t time_ms = 0) {
  return {id_of(end), size, WallTime{time_ms}};
}

Result<void> put(env::Fiber& self, env::Shard& shard, const SnapshotId& id) {
  const SnapshotContent content{.values = {}, .last_contained = WallTime{id.end_offset.value()}};
  TRY(write_snapshot(self, shard.disk, "f", id, content, WallTime{1}));
  return {};
}

TEST(SnapshotRetention, TheOldestGoWhileTooMuchIsHeldAndOneAlwaysStays) {
  const SnapshotRetention small{.bytes_max = 100};
  const WallTime now{0};
  EXPECT_TRUE(may_drop_oldest({stored(1, 40), stored(2, 40)}, 21, small, now));
  EXPECT_FALSE(may_drop_oldest({stored(1, 40), stored(2, 40)}, 20, small, now)) << "just as much as is allowed";
  EXPECT_FALSE(may_drop_oldest({stored(2, 4000)}, 4000, small, now)) << "the only one";
  EXPECT_FALSE(may_drop_oldest({}, 4000, small, now));
  EXPECT_FALSE(may_drop_oldest({stored(1, 4000), stored(2, 4000)}, 4000, {}, now)) << "no bound";
}

TEST(SnapshotRetention, TheOldestGoWhileTheyAreTooOld) {
  const SnapshotRetention young{.age_ms_max = 100};
  EXPECT_TRUE(may_drop_oldest({stored(1, 1, 500), stored(2, 1, 550)}, 1, young, WallTime{601}));
  EXPECT_FALSE(may_drop_oldest({stored(1, 1, 500), stored(2, 1, 550)}, 1, young, WallTime{600}));
  EXPECT_FALSE(may_drop_oldest({stored(2, 1, 500)}, 1, young, WallTime{9999}));
}

TEST(SnapshotShelf, OpeningRemovesLeftoversAndListsTheRestOldestFirst) {
  const auto disk = std::make_shared<sim::DiskImage>();
  for (const char* leftover :
       {"00000000000000000999-0000000001.checkpoint.part", "00000000000000000999-0000000001-1234.checkpoint.part",
        "00000000000000000003-0000000001.checkpoint.deleted"}) {
    disk->put_file(std::string("f/") + leftover, {});
  }
  disk->put_file("f/00000000000000000000.log", {});
  disk->put_file("f/bootstrap.checkpoint", {});
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    for (const std::int64_t end : {100, 9, 30}) ASSERT_TRUE(put(self, shard, id_of(end)));
    auto shelf = SnapshotShelf::open(self, shard.disk, "f");
    ASSERT_TRUE(shelf) << why(shelf);
    ASSERT_EQ(shelf->all().size(), 3U);
    EXPECT_EQ(shelf->oldest(), id_of(9));
    EXPECT_EQ(shelf->all()[1].id, id_of(30));
    EXPECT_EQ(shelf->newest(), id_of(100));
    EXPECT_EQ(shelf->all()[1].last_contained, WallTime{30});
    EXPECT_TRUE(shelf->contains(id_of(30)));
    EXPECT_FALSE(shelf->contains(id_of(30, 2)));
    EXPECT_EQ(shard.disk.list(self, "f")->size(), 5U);
  });
}

TEST(SnapshotShelf, RemovesDurablyWhatEndsBelowAndNeverTheNewest) {
  const auto disk = std::make_shared<sim::DiskImage>();
  disk->put_file("f/x", {});
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    for (const std::int64_t end : {9, 30, 100}) ASSERT_TRUE(put(self, shard, id_of(end)));
    auto shelf = SnapshotShelf::open(self, shard.disk, "f").value();
    ASSERT_TRUE(shelf.remove_below(self, Offset{30}));
    EXPECT_EQ(shelf.oldest(), id_of(30));
    EXPECT_FALSE(disk->durable_content_of(shelf.path_of(id_of(9))));
    ASSERT_TRUE(shelf.remove_below(self, Offset{1000}));
    EXPECT_EQ(shelf.all().size(), 1U);
    EXPECT_EQ(shelf.newest(), id_of(100));
    EXPECT_TRUE(disk->durable_content_of(shelf.path_of(id_of(100))));
  });
}

TEST(SnapshotShelf, AFinishedFileWithoutAHeaderIsCorrupt) {
  const auto disk = std::make_shared<sim::DiskImage>();
  disk->put_file("f/" + id_of(5).file_name(), {});
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    const auto shelf = SnapshotShelf::open(self, shard.disk, "f");
    ASSERT_FALSE(shelf);
    EXPECT_EQ(shelf.error().code, Errc::corrupt);
  });
}

}  // namespace
}  // namespace gregor::quorum
