// A snapshot in pieces: from one folder to another, with pieces of any size, repeated, late, wrong and damaged.
#include "quorum/snapshot_transfer.h"

#include <gtest/gtest.h>

#include "quorum/snapshot_writer.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {
namespace {

const SnapshotId kId{Offset{50}, LeaderEpoch{3}};

std::shared_ptr<sim::DiskImage> two_folders() {
  auto disk = std::make_shared<sim::DiskImage>();
  disk->put_file("from/x", {});
  disk->put_file("to/x", {});
  return disk;
}

void put(env::Fiber& self, env::Shard& shard) {
  const auto wrote = values({"one", "two", "three"});
  const SnapshotContent content{.values = wrote, .last_contained = WallTime{9}};
  ASSERT_TRUE(write_snapshot(self, shard.disk, "from", kId, content, WallTime{1}));
}

/// Fetches until the receiver has all of it.
Result<void> fetch_all(env::Fiber& self, env::Shard& shard, SnapshotReceiver& receiver, std::size_t bytes_max) {
  while (!receiver.is_complete()) {
    const auto at = receiver.position();
    TRY_ASSIGN(const SnapshotPart part,
               read_snapshot_part(self, shard.disk, "from", kId, static_cast<std::int64_t>(at), bytes_max));
    EXPECT_LE(part.bytes.size(), std::max<std::size_t>(bytes_max, 1));
    TRY(receiver.append(self, at, part.bytes, part.size_bytes));
  }
  return {};
}

TEST(SnapshotTransfer, PiecesOfAnySizeMakeTheSameFile) {
  for (const std::size_t piece :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{100}, std::size_t{1} << 20}) {
    const auto disk = two_folders();
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      put(self, shard);
      auto receiver = SnapshotReceiver::begin(self, shard.disk, "to", kId).value();
      const auto fetched = fetch_all(self, shard, *receiver, piece);
      ASSERT_TRUE(fetched) << why(fetched);
      EXPECT_FALSE(disk->content_of("to/" + kId.file_name())) << "it has no name before it is finished";
      const auto snapshot = receiver->finish(self);
      ASSERT_TRUE(snapshot) << why(snapshot);
      EXPECT_EQ(snapshot->values, values({"one", "two", "three"}));
    });
    EXPECT_EQ(disk->durable_content_of("to/" + kId.file_name()), disk->content_of("from/" + kId.file_name()));
  }
}

TEST(SnapshotTransfer, ServingRefusesWhatIsNotThere) {
  on_disk(two_folders(), [](env::Fiber& self, env::Shard& shard) {
    put(self, shard);
    const auto code_at = [&](const SnapshotId& id, std::int64_t at) {
      const auto part = read_snapshot_part(self, shard.disk, "from", id, at, 10);
      return part ? std::nullopt : std::optional(part.error().code);
    };
    const auto size = static_cast<std::int64_t>(shard.disk.status(self, "from/" + kId.file_name())->size);
    EXPECT_EQ(code_at(kId, 0), std::nullopt);
    EXPECT_EQ(code_at(kId, size - 1), std::nullopt);
    EXPECT_EQ(code_at(kId, size), Errc::invalid);
    EXPECT_EQ(code_at(kId, -1), Errc::invalid);
    EXPECT_EQ(code_at({Offset{51}, LeaderEpoch{3}}, 0), Errc::not_found);
    EXPECT_EQ(code_at({Offset{50}, LeaderEpoch{4}}, 0), Errc::not_found);
  });
}

TEST(SnapshotTransfer, PiecesOutOfTurnChangeNothing) {
  const auto disk = two_folders();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    put(self, shard);
    auto receiver = SnapshotReceiver::begin(self, shard.disk, "to", kId).value();
    const auto code_of = [&](std::uint64_t at, std::string_view piece, std::uint64_t size) {
      const auto taken = receiver->append(self, at, bytes_of(piece), size);
      return taken ? std::nullopt : std::optional(taken.error().code);
    };
    const SnapshotPart first = read_snapshot_part(self, shard.disk, "from", kId, 0, 5).value();
    ASSERT_TRUE(receiver->append(self, 0, first.bytes, first.size_bytes));
    EXPECT_EQ(code_of(0, "again", first.size_bytes), Errc::stale) << "an answer that came twice";
    EXPECT_EQ(code_of(9, "early", first.size_bytes), Errc::stale);
    EXPECT_EQ(code_of(5, "", first.size_bytes), Errc::malformed) << "no progress";
    EXPECT_EQ(code_of(5, "x", first.size_bytes + 1), Errc::malformed) << "another size";
    EXPECT_EQ(code_of(5, std::string(first.size_bytes, 'x'), first.size_bytes), Errc::malformed) << "beyond the end";
    EXPECT_EQ(code_of(5, "x", kSnapshotBytesMax + 1), Errc::limit);
    EXPECT_EQ(receiver->position(), 5U);
    ASSERT_TRUE(fetch_all(self, shard, *receiver, 64));
    EXPECT_TRUE(receiver->finish(self));
  });
}

TEST(SnapshotTransfer, DamageOrAMissingFooterIsFoundBeforeItHasAName) {
  for (const bool is_cut : {false, true}) {
    const auto disk = two_folders();
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      put(self, shard);
      ByteBuffer content = *disk->content_of("from/" + kId.file_name());
      const auto first = record::BatchView::parse(content);
      if (is_cut) content.resize(first->size());
      if (!is_cut) content[content.size() / 2] ^= std::byte{1};
      auto receiver = SnapshotReceiver::begin(self, shard.disk, "to", kId).value();
      ASSERT_TRUE(receiver->append(self, 0, content, content.size()));
      const auto finished = receiver->finish(self);
      ASSERT_FALSE(finished);
      EXPECT_EQ(finished.error().code, Errc::corrupt);
    });
    EXPECT_FALSE(disk->content_of("to/" + kId.file_name()));
  }
}

TEST(SnapshotTransfer, BeginningAgainForgetsWhatWasThere) {
  const auto disk = two_folders();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    put(self, shard);
    {
      auto given_up = SnapshotReceiver::begin(self, shard.disk, "to", kId).value();
      ASSERT_TRUE(given_up->append(self, 0, ByteBuffer(4000), 5000));
    }
    auto receiver = SnapshotReceiver::begin(self, shard.disk, "to", kId).value();
    ASSERT_TRUE(fetch_all(self, shard, *receiver, 100));
    ASSERT_TRUE(receiver->finish(self));
  });
  EXPECT_EQ(disk->content_of("to/" + kId.file_name()), disk->content_of("from/" + kId.file_name()));
}

}  // namespace
}  // namespace gregor::quorum
