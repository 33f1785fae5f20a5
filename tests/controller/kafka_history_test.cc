// Every metadata log that a real Kafka 4.3 left behind replays into an image: through the node where one voter made it,
// batch by batch where there were three. What the image says of topics is what Kafka's own admin client saw
// (expected.json).
#include <gtest/gtest.h>

#include "metadata/replay.h"
#include "quorum/metadata_batch.h"
#include "tests/quorum/support/metadata_home.h"
#include "tests/storage/support/kafka_files.h"

namespace gregor::controller {
namespace {

using nlohmann::json;
using quorum::kHome;
using quorum::kMetadataFolder;
using quorum::on_disk;
using quorum::Watching;
using quorum::why;
using storage::KafkaFiles;
class KafkaHistory : public KafkaFiles {};

/// The files of one node's metadata directory, under kHome.
std::shared_ptr<sim::DiskImage> disk_of(const storage::KafkaPartition& metadata) {
  const auto disk = std::make_shared<sim::DiskImage>();
  for (const auto& directory : {metadata.path.parent_path(), metadata.path}) {
    for (const std::string& name : storage::names_in(directory)) {
      if (!std::filesystem::is_regular_file(directory / name)) continue;
      const std::string folder = directory == metadata.path ? kMetadataFolder : kHome;
      disk->put_file(folder + "/" + name, storage::file_content(directory / name));
    }
  }
  return disk;
}

void expect_topics(const metadata::Image& image, const json& topics) {
  EXPECT_EQ(image.topics().size(), topics.size());
  for (const auto& [name, facts] : topics.items()) {
    const metadata::Topic* topic = image.find_topic(name);
    ASSERT_NE(topic, nullptr) << name;
    EXPECT_EQ(topic->id.to_text(), facts.at("id").get<std::string>()) << name;
    EXPECT_EQ(topic->partitions.size(), facts.at("partitions").size()) << name;
    for (const json& partition : facts.at("partitions")) {
      const auto* found = image.find_partition(topic->id, PartitionIndex{partition.at("partition").get<int>()});
      ASSERT_NE(found, nullptr) << name;
      std::vector<int> replicas;
      for (const NodeId replica : found->replicas) replicas.push_back(replica.value());
      EXPECT_EQ(replicas, partition.at("replicas").get<std::vector<int>>()) << name;
    }
    if (!facts.contains("configs")) continue;
    json configs = json::object();
    for (const auto& [key, set] : image.topic_configs(name)) configs[key] = set;
    EXPECT_EQ(configs, facts.at("configs")) << name;
  }
}

void expect_features(const metadata::Image& image, const json& features) {
  for (const auto& [name, level] : features.items()) {
    if (name == "kraft.version") continue;  // of the quorum's control records, not of the image
    EXPECT_EQ(image.feature_level(name), level.get<int>()) << name;
  }
}

class Folding final : public quorum::CommitListener {
 public:
  Result<void> on_committed(const quorum::CommittedBatch& batch) override {
    return replay.apply_batch(batch.values, batch.last_offset, batch.epoch);
  }
  metadata::Replay replay;
};

/// As Node does, without an election.
metadata::Replay replay_folder(const std::shared_ptr<sim::DiskImage>& disk) {
  return on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Watching observer;
    observe::NullLog log;
    const TopicPartition partition{"__cluster_metadata", quorum::kMetadataTopicId, PartitionIndex{0}};
    const auto opened = storage::PartitionLog::open(
        self, {shard.disk, shard.clock, observer, log, partition, kMetadataFolder, nullptr}, {}, {});
    EXPECT_TRUE(opened) << why(opened);
    metadata::Replay replay;
    record::CodecScratch scratch;
    const auto scanned = (*opened)->scan(self, (*opened)->log_start(), (*opened)->log_end(),
                                         [&](const record::BatchView& batch) -> Result<void> {
                                           TRY_ASSIGN(const auto found, quorum::values_of(batch, scratch));
                                           return replay.apply_batch(found, batch.last_offset(), batch.leader_epoch());
                                         });
    EXPECT_TRUE(scanned) << why(scanned);
    return replay;
  });
}

/// As a node of that cluster starts, twice: the second time over what the first one wrote.
void expect_node_replays(const storage::KafkaPartition& metadata, const json& wire) {
  const auto disk = disk_of(metadata);
  const auto meta = storage::parse_meta_properties(*disk->content_of(kHome + "/meta.properties"));
  ASSERT_TRUE(meta) << why(meta);
  Uuid first_hash;
  for (int life_number = 1; life_number <= 2; ++life_number) {
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      observe::NullLog log;
      Watching observer;
      Folding folding;
      config::BrokerConfig config;
      config.node_id = *meta->node_id;
      const auto directory = storage::LogDirectory::open(self, shard.disk, log, kHome);
      ASSERT_TRUE(directory) << why(directory);
      ASSERT_TRUE((*directory)->begin_use(self));
      const quorum::Identity identity{config.node_id, *meta->cluster_id, {*meta->directory_id}, *meta->directory_id};
      const auto node = quorum::Node::open(self, {shard, observer, log, config, **directory, folding}, identity);
      ASSERT_TRUE(node) << why(node);
      EXPECT_FALSE((*node)->is_blank());
      EXPECT_EQ(metadata.facts.at("logEndOffset").get<std::int64_t>() + life_number, (*node)->log_end().value());
      const metadata::Image& image = folding.replay.image();
      EXPECT_EQ(image.offset() + 1, (*node)->log_end());
      expect_topics(image, wire.at("topics"));
      expect_features(image, wire.at("cluster").at("finalizedFeatures"));
      EXPECT_EQ((*node)->kraft_version(), wire.at("cluster").at("finalizedFeatures").value("kraft.version", 0));
      if (life_number == 1) first_hash = image.hash();
      EXPECT_EQ(image.hash(), first_hash) << "elections change nothing";
    });
  }
}

TEST_P(KafkaHistory, ReplaysIntoTheImageThatKafkaShowed) {
  const json& wire = found_->expected.at("wire");
  const bool is_alone = wire.at("cluster").at("voters").size() == 1;
  int seen = 0;
  for (const auto& partition : storage::partitions_of(*found_)) {
    if (partition.name != "__cluster_metadata-0") continue;
    SCOPED_TRACE(partition.node);
    ++seen;
    if (is_alone) {
      expect_node_replays(partition, wire);
      continue;
    }
    const metadata::Replay replay = replay_folder(disk_of(partition));
    expect_topics(replay.image(), wire.at("topics"));
    expect_features(replay.image(), wire.at("cluster").at("finalizedFeatures"));
  }
  EXPECT_GT(seen, 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, KafkaHistory, testing::ValuesIn(storage::kKafkaCases), storage::case_label);

}  // namespace
}  // namespace gregor::controller
