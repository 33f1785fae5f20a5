// Snapshots and bootstrap.checkpoint (KIP-630), ours and Kafka's.
#include "quorum/snapshot_file.h"

#include <gtest/gtest.h>

#include "quorum/snapshot_writer.h"
#include "record/batch_builder.h"
#include "record/record_view.h"
#include "tests/quorum/support/metadata_home.h"
#include "tests/storage/support/kafka_files.h"

namespace gregor::quorum {
namespace {

const SnapshotId kId{Offset{243}, LeaderEpoch{1}};

TEST(SnapshotFile, NamesAreKafkas) {
  EXPECT_EQ(kId.file_name(), "00000000000000000243-0000000001.checkpoint");
  EXPECT_EQ(SnapshotId::from_file_name(kId.file_name()), kId);
  for (const char* other :
       {"00000000000000000243-0000000001.checkpoint.part", "00000000000000000243-0000000001.checkpoint.deleted",
        "243-1.checkpoint", "bootstrap.checkpoint", "00000000000000000243-000000000x.checkpoint",
        "-0000000000000000243-0000000001.checkpoint", "00000000000000000243.log", ""}) {
    EXPECT_FALSE(SnapshotId::from_file_name(other)) << other;
  }
}

TEST(SnapshotFile, BootstrapIsDurableAndReadBack) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const auto wrote = values({"feature", "another"});
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(write_bootstrap(self, shard.disk, ".", wrote, WallTime{77}));
    const auto read = read_snapshot(self, shard.disk, "./bootstrap.checkpoint");
    ASSERT_TRUE(read) << why(read);
    EXPECT_EQ(read->values, wrote);
    EXPECT_FALSE(read->voters);
  });
  EXPECT_TRUE(disk->durable_content_of("bootstrap.checkpoint"));
}

TEST(SnapshotFile, DamageAnywhereIsCorruptAndNamesTheFile) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(write_bootstrap(self, shard.disk, ".", values({"feature"}), WallTime{77}));
    const ByteBuffer whole = *disk->content_of("bootstrap.checkpoint");
    for (std::size_t at = 0; at < whole.size(); ++at) {
      // The partition leader epoch of a batch is outside its CRC (a leader overwrites it): not damage that one can see.
      ByteBuffer damaged = whole;
      damaged[at] ^= std::byte{0x10};
      disk->put_file("d", damaged);
      const auto read = read_snapshot(self, shard.disk, "d");
      if (read) {
        EXPECT_EQ(read->values, values({"feature"})) << "byte " << at;
        continue;
      }
      EXPECT_EQ(read.error().code, Errc::corrupt) << "byte " << at << ": " << read.error().text;
      EXPECT_EQ(read.error().text.find("d: "), 0U) << read.error().text;
    }
    disk->put_file("d", Bytes(whole).first(whole.size() - 3));
    EXPECT_FALSE(read_snapshot(self, shard.disk, "d")) << "its end is missing";
  });
}

TEST(SnapshotFile, AnAbsentOneIsNotFound) {
  on_disk(std::make_shared<sim::DiskImage>(), [](env::Fiber& self, env::Shard& shard) {
    const auto read = read_snapshot(self, shard.disk, "none");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::not_found);
  });
}

using storage::KafkaFiles;
class SnapshotOfKafka : public KafkaFiles {};

TEST_P(SnapshotOfKafka, IsReadWholeAndSetsTheVotersOfADynamicQuorum) {
  int seen = 0;
  for (const auto& partition : storage::partitions_of(*found_)) {
    if (partition.name != "__cluster_metadata-0") continue;
    for (const std::string& name : storage::names_in(partition.path)) {
      const auto id = SnapshotId::from_file_name(name);
      if (!id) continue;
      ++seen;
      const auto disk = std::make_shared<sim::DiskImage>();
      disk->put_file("s", storage::file_content(partition.path / name));
      const auto snapshot =
          on_disk(disk, [](env::Fiber& self, env::Shard& shard) { return read_snapshot(self, shard.disk, "s"); });
      ASSERT_TRUE(snapshot) << name << ": " << why(snapshot);
      EXPECT_FALSE(snapshot->values.empty()) << name;
      const auto& voter = found_->expected.at("wire").at("cluster").at("voters").at(0);
      const raft::VoterSet voters{
          {NodeId{voter.at("id").get<int>()}, *Uuid::from_text(voter.at("directoryId").get<std::string>())}};
      if (!voters.front().key.directory_id.is_zero()) {
        ASSERT_TRUE(snapshot->voters) << name;
        EXPECT_EQ(snapshot->voters->front().key, voters.front().key) << name;
        EXPECT_FALSE(snapshot->voters->front().endpoints.empty()) << name;
      }
    }
  }
  EXPECT_EQ(seen > 0, found_->name == "groups") << "the others are too small for one";
}

/// What Kafka wrote at one moment or another, with the moments taken out.
ByteBuffer without_times(const ByteBuffer& content) {
  ByteBuffer plain;
  for (Bytes rest = content; !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    EXPECT_TRUE(batch && batch->crc_is_right());
    record::BatchSettings settings = record::settings_of(*batch);
    record::BatchBuilder builder(settings);
    record::RecordIterator records(*batch, batch->record_bytes());
    for (auto record = records.next(); record && *record; record = records.next()) {
      builder.add(WallTime{1}, (*record)->key, (*record)->value);
    }
    record::CodecScratch scratch;
    EXPECT_TRUE(builder.encode(scratch, plain));
    rest = rest.subspan(batch->size());
  }
  return plain;
}

TEST_P(SnapshotOfKafka, WrittenAgainHasKafkasBytesButForTheMomentOfWriting) {
  for (const auto& partition : storage::partitions_of(*found_)) {
    if (partition.name != "__cluster_metadata-0") continue;
    for (const std::string& name : storage::names_in(partition.path)) {
      const auto id = SnapshotId::from_file_name(name);
      if (!id) continue;
      const ByteBuffer theirs = storage::file_content(partition.path / name);
      const auto disk = std::make_shared<sim::DiskImage>();
      disk->put_file("s", theirs);
      on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
        const auto read = read_snapshot(self, shard.disk, "s");
        ASSERT_TRUE(read) << why(read);
        EXPECT_TRUE(read->is_whole);
        const SnapshotContent content{read->values, read->voters, read->last_contained};
        ASSERT_TRUE(write_snapshot(self, shard.disk, ".", *id, content, WallTime{1}));
      });
      EXPECT_EQ(*disk->content_of(id->file_name()), without_times(theirs)) << name;
    }
  }
}

TEST_P(SnapshotOfKafka, BootstrapCheckpointOfTheFormatStepIsRead) {
  for (const auto& [node, facts] : found_->expected.at("disk").items()) {
    const auto path = found_->files / node / "bootstrap.checkpoint";
    if (!std::filesystem::exists(path)) continue;
    const auto disk = std::make_shared<sim::DiskImage>();
    disk->put_file("b", storage::file_content(path));
    const auto snapshot =
        on_disk(disk, [](env::Fiber& self, env::Shard& shard) { return read_snapshot(self, shard.disk, "b"); });
    ASSERT_TRUE(snapshot) << node << ": " << why(snapshot);
    EXPECT_FALSE(snapshot->values.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, SnapshotOfKafka, testing::ValuesIn(storage::kKafkaCases), storage::case_label);

}  // namespace
}  // namespace gregor::quorum
