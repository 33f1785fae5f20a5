// Whose directories these are: KIP-631 and KIP-858 (meta.properties), without a format step.
#include "quorum/identity.h"

#include <gtest/gtest.h>

#include "quorum/snapshot_file.h"
#include "sim/world.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {
namespace {

const std::string kA = "a";
const std::string kB = "b";
const std::string kCluster = "4L6g3nShT-eMCtK--X86sw";

/// What identify() says of directories a (with the metadata) and b.
Result<Identity> identify_both(env::Fiber& self, env::Shard& shard, NodeId node = NodeId{1}) {
  observe::NullLog log;
  TRY_ASSIGN(const auto a, storage::LogDirectory::open(self, shard.disk, log, kA));
  TRY_ASSIGN(const auto b, storage::LogDirectory::open(self, shard.disk, log, kB));
  RandomStream ids = shard.entropy.stream("identity");
  return identify(self, shard.disk, {{a.get(), b.get()}, a.get()}, node, values({"first record"}), ids,
                  shard.clock.wall_now());
}
Result<Identity> identify_on(const std::shared_ptr<sim::DiskImage>& disk, NodeId node = NodeId{1}) {
  return on_disk(disk, [&](env::Fiber& self, env::Shard& shard) { return identify_both(self, shard, node); });
}

void put_meta(sim::DiskImage& disk, const std::string& directory, const storage::MetaProperties& meta) {
  disk.put_file(directory + "/meta.properties", storage::format_meta_properties(meta));
}
storage::MetaProperties meta_of(NodeId node, const std::string& cluster, std::uint64_t directory) {
  return {.cluster_id = cluster, .node_id = node, .directory_id = Uuid{9, directory}, .others = {}};
}

/// That it refuses with one sentence that names `words`, and that check_directories() says the same beforehand, with
/// nothing touched at all.
void expect_refused(const std::shared_ptr<sim::DiskImage>& disk, Errc code, std::initializer_list<const char*> words) {
  const auto before = disk->file_paths();
  const auto looked = on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    return check_directories(self, shard.disk, {kA, kB}, kA, NodeId{1});
  });
  EXPECT_EQ(disk->file_paths(), before);
  const auto refused = identify_on(disk);
  ASSERT_FALSE(refused);
  ASSERT_FALSE(looked);
  EXPECT_EQ(looked.error().text, refused.error().text);
  EXPECT_EQ(refused.error().code, code) << refused.error().text;
  for (const char* word : words) EXPECT_NE(refused.error().text.find(word), std::string::npos) << refused.error().text;
  EXPECT_EQ(refused.error().text.find('\n'), std::string::npos);
  auto after = disk->file_paths();
  std::erase_if(after, [](const std::string& path) { return path.ends_with("/.lock"); });
  EXPECT_EQ(after, before);
}

TEST(Identity, WhatIsFineIsFineBeforehandToo) {
  const auto disk = std::make_shared<sim::DiskImage>();
  for (int life_number = 1; life_number <= 2; ++life_number) {
    const auto looked = on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
      return check_directories(self, shard.disk, {kA, kB}, kA, NodeId{1});
    });
    EXPECT_TRUE(looked) << why(looked);
    EXPECT_EQ(disk->file_paths().empty(), life_number == 1) << "an absent directory stays absent";
    ASSERT_TRUE(identify_on(disk));
  }
}

TEST(Identity, EmptyDirectoriesFormatThemselvesAsOneClusterAndRememberIt) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const auto first = identify_on(disk);
  ASSERT_TRUE(first) << why(first);
  EXPECT_EQ(first->cluster_id.size(), 22U);
  EXPECT_EQ(first->directory_ids.size(), 2U);
  EXPECT_NE(first->directory_ids[0], first->directory_ids[1]);
  EXPECT_EQ(first->metadata_directory_id, first->directory_ids[0]);
  const auto again = identify_on(disk);
  ASSERT_TRUE(again) << why(again);
  EXPECT_EQ(again->cluster_id, first->cluster_id);
  EXPECT_EQ(again->directory_ids, first->directory_ids);
  EXPECT_TRUE(disk->durable_content_of(kA + "/bootstrap.checkpoint"));
  EXPECT_FALSE(disk->content_of(kB + "/bootstrap.checkpoint")) << "beside the metadata alone";
}

TEST(Identity, ANewLogDirectoryJoinsTheOthers) {
  const auto disk = std::make_shared<sim::DiskImage>();
  put_meta(*disk, kA, meta_of(NodeId{1}, kCluster, 1));
  const auto identity = identify_on(disk);
  ASSERT_TRUE(identity) << why(identity);
  EXPECT_EQ(identity->cluster_id, kCluster);
  const auto joined = storage::parse_meta_properties(*disk->durable_content_of(kB + "/meta.properties"));
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->cluster_id, kCluster);
  EXPECT_EQ(joined->directory_id, identity->directory_ids[1]);
}

TEST(Identity, AnIdOfKafkasFormatStepIsAnyTextAndAMissingDirectoryIdIsDrawn) {
  const auto disk = std::make_shared<sim::DiskImage>();
  put_meta(*disk, kA, {.cluster_id = "my cluster", .node_id = NodeId{1}, .directory_id = {}, .others = {{"k", "v"}}});
  const auto identity = identify_on(disk);
  ASSERT_TRUE(identity) << why(identity);
  EXPECT_EQ(identity->cluster_id, "my cluster");
  const auto meta = storage::parse_meta_properties(*disk->durable_content_of(kA + "/meta.properties"));
  EXPECT_EQ(meta->directory_id, identity->metadata_directory_id);
  EXPECT_EQ(meta->others.at("k"), "v") << "what we do not know is kept";
}

TEST(Identity, AnotherNodesDirectoryIsRefused) {
  const auto disk = std::make_shared<sim::DiskImage>();
  put_meta(*disk, kA, meta_of(NodeId{2}, kCluster, 1));
  expect_refused(disk, Errc::invalid, {"a/meta.properties", "node.id=2", "node.id=1"});
}

TEST(Identity, TwoClustersInOneNodeAreRefused) {
  const auto disk = std::make_shared<sim::DiskImage>();
  put_meta(*disk, kA, meta_of(NodeId{1}, kCluster, 1));
  put_meta(*disk, kB, meta_of(NodeId{1}, "another", 2));
  expect_refused(disk, Errc::invalid,
                 {"cluster.id="
                  "another",
                  "cluster.id=4L6g3nShT-eMCtK--X86sw"});
}

TEST(Identity, AnEmptyMetadataDirectoryBesideAUsedOneIsRefused) {
  const auto disk = std::make_shared<sim::DiskImage>();
  put_meta(*disk, kB, meta_of(NodeId{1}, kCluster, 2));
  expect_refused(disk, Errc::invalid, {"metadata directory a is empty", "metadata.log.dir"});
}

TEST(Identity, PartitionsWithoutMetaPropertiesAreRefused) {
  const auto disk = std::make_shared<sim::DiskImage>();
  disk->put_file(kB + "/orders-0/00000000000000000000.log", {});
  expect_refused(disk, Errc::invalid, {"b holds partitions but no meta.properties"});
}

TEST(Identity, ZooKeepersVersionIsRefusedWithTheWayOut) {
  const auto disk = std::make_shared<sim::DiskImage>();
  disk->put_file(kA + "/meta.properties", bytes_of("version=0\nbroker.id=1\ncluster.id=x\n"));
  expect_refused(disk, Errc::unsupported, {"a/meta.properties", "KRaft"});
}

TEST(Identity, ACopyOfADirectoryIsRefused) {
  const auto disk = std::make_shared<sim::DiskImage>();
  put_meta(*disk, kA, meta_of(NodeId{1}, kCluster, 7));
  put_meta(*disk, kB, meta_of(NodeId{1}, kCluster, 7));
  expect_refused(disk, Errc::invalid, {"b has the directory.id of another directory"});
}

TEST(Identity, MetaPropertiesWithoutClusterOrNodeAreRefused) {
  const auto no_cluster = std::make_shared<sim::DiskImage>();
  put_meta(*no_cluster, kA, {.cluster_id = {}, .node_id = NodeId{1}, .directory_id = {}, .others = {}});
  expect_refused(no_cluster, Errc::invalid, {"names no cluster.id"});
  const auto no_node = std::make_shared<sim::DiskImage>();
  put_meta(*no_node, kA, {.cluster_id = kCluster, .node_id = {}, .directory_id = {}, .others = {}});
  expect_refused(no_node, Errc::invalid, {"names no node.id"});
}

TEST(Identity, DrawnIdsAreNeitherReservedNorLikeAnOption) {
  RandomStream random(3);
  for (int draw = 0; draw < 1000; ++draw) {
    const Uuid id = draw_id(random);
    EXPECT_NE(id.to_text().front(), '-');
    EXPECT_TRUE(id.high != 0 || id.low >= 100);
  }
}

// Method: the power fails after each event of a first start in turn; the next start must succeed, and must keep what
// the first one had said.
TEST(Identity, APowerLossAnywhereInTheFirstStartLeavesDirectoriesThatFormatThemselvesAgain) {
  int formatted_again = 0;
  int kept = 0;
  for (std::uint64_t events = 1;; ++events) {
    auto disk = std::make_shared<sim::DiskImage>();
    std::string said;
    sim::World world({.seed = events});
    world.add_node({.name = "n",
                    .body =
                        [&](env::Fiber& self, env::Shard& shard) {
                          const auto identity = identify_both(self, shard);
                          ASSERT_TRUE(identity) << why(identity);
                          said = identity->cluster_id;
                        },
                    .disk = disk});
    world.run_until([&] { return !said.empty(); }, {.events_max = events});
    const auto meta = disk->durable_content_of(kA + "/meta.properties");
    if (world.is_alive(0)) world.lose_power(0);
    const auto again = identify_on(disk);
    ASSERT_TRUE(again) << "after " << events << " events: " << why(again);
    if (!said.empty()) {
      EXPECT_EQ(again->cluster_id, said);
      break;
    }
    const auto durable = meta ? storage::parse_meta_properties(*meta) : storage::MetaProperties{};
    ASSERT_TRUE(durable) << "what is durable under the name is whole";
    if (durable->cluster_id) {
      EXPECT_EQ(again->cluster_id, *durable->cluster_id);
    }
    (durable->cluster_id ? kept : formatted_again) += 1;
  }
  EXPECT_GT(formatted_again, 3);
  EXPECT_GT(kept, 3);
}

}  // namespace
}  // namespace gregor::quorum
