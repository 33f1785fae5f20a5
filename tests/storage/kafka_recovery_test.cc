// Gregor opens what Kafka left: after a clean end it holds the same and changes nothing; after a kill it recovers to
// the very offset that Kafka recovers to.
#include <gtest/gtest.h>

#include "record/batch_split.h"
#include "storage/checkpoint_file.h"
#include "storage/segment_name.h"
#include "storage/topic_folder.h"
#include "tests/storage/support/kafka_files.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

class KafkaCleanEnd : public KafkaFiles {};
class KafkaRecovery : public KafkaFiles {};

struct Checkpointed {
  LogCheckpoints checkpoints;
  bool is_internal = false;
};

Checkpointed checkpointed(const KafkaCase& found, const KafkaPartition& partition) {
  const auto& node = found.expected.at("disk").at(partition.node);
  const auto offset = [&](const std::string& file) {
    const auto offsets = node.value(file, nlohmann::json::object());
    return Offset{offsets.value(partition.name, std::int64_t{0})};
  };
  return {.checkpoints = {.clean_shutdown = node.at("cleanShutdown").get<bool>(),
                          .recovery_point = offset("recovery-point-offset-checkpoint"),
                          .log_start_offset = offset("log-start-offset-checkpoint")},
          .is_internal = partition.name.starts_with("__")};
}

void load(LogHome& home, const KafkaPartition& partition) {
  for (const std::string& name : names_in(partition.path)) home.put(name, file_content(partition.path / name));
}

/// What a life without writes may not change: all but Kafka's leftovers of a deletion, and the epochs.
std::vector<std::pair<std::string, ByteBuffer>> files_to_keep(const LogHome& home) {
  std::vector<std::pair<std::string, ByteBuffer>> files;
  for (const std::string& path : home.image->file_paths()) {
    if (path.ends_with(".deleted") || path.ends_with(kLeaderEpochFile)) continue;
    files.emplace_back(path, home.image->content_of(path).value());
  }
  return files;
}

LeaderEpochCache epochs_in(const LogHome& home) {
  return parse_leader_epochs(home.content(std::string(kLeaderEpochFile))).value();
}

TEST_P(KafkaCleanEnd, ALogIsHeldWholeAndItsFilesStayAsTheyAre) {
  int opened = 0;
  for (const KafkaPartition& partition : partitions_of(*found_)) {
    const auto known = checkpointed(*found_, partition);
    const bool is_live = parse_folder_name(partition.name).value().stage == FolderStage::live;
    if (!known.checkpoints.clean_shutdown || !is_live) continue;
    SCOPED_TRACE(partition.node + "/" + partition.name);
    LogHome home;
    home.config.dense_offsets = false;
    load(home, partition);
    const auto before = files_to_keep(home);
    LeaderEpochCache epochs = epochs_in(home);
    Offset end{0};
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard, known.checkpoints);
      ASSERT_TRUE(log) << log.error().text;
      EXPECT_EQ((*log)->log_end().value(), partition.facts.at("logEndOffset").get<std::int64_t>());
      EXPECT_EQ((*log)->recovered_bytes_truncated(), 0U);
      std::uint64_t bytes = 0;
      for (const auto& segment : partition.facts.at("segments")) bytes += segment.at("bytes").get<std::uint64_t>();
      EXPECT_EQ((*log)->size_bytes(), bytes);
      EXPECT_TRUE(read_everything(self, **log));
      end = (*log)->log_end();
      EXPECT_TRUE((*log)->close(self));
    });
    EXPECT_TRUE(files_to_keep(home) == before);
    epochs.truncate_from_end(end);  // as Kafka does: an epoch without a record is noted again by its next leader
    EXPECT_EQ(epochs_in(home).entries(), epochs.entries());
    ++opened;
  }
  EXPECT_GT(opened, 0);
}

TEST_P(KafkaRecovery, AKilledLogIsCutWhereKafkaCutsIt) {
  for (const KafkaPartition& partition : partitions_of(*found_)) {
    const auto known = checkpointed(*found_, partition);
    SCOPED_TRACE(partition.node + "/" + partition.name);
    LogHome home;
    home.config.dense_offsets = false;
    load(home, partition);
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard, known.checkpoints);
      ASSERT_TRUE(log) << log.error().text;
      EXPECT_EQ((*log)->log_end().value(), partition.facts.at("logEndOffset").get<std::int64_t>());
      EXPECT_TRUE(read_everything(self, **log));
      EXPECT_TRUE((*log)->close(self));
    });
    for (const auto& segment : partition.facts.at("segments")) {
      const std::string name = file_name(Offset{segment.at("baseOffset").get<std::int64_t>()}, FileKind::log);
      EXPECT_EQ(home.content(name).size(), segment.at("validBytes").get<std::size_t>()) << name;
    }
  }
}

TEST_P(KafkaRecovery, UserPartitionsEndWhereKafkasOwnRecoveryEndedThem) {
  int compared = 0;
  for (const KafkaPartition& after : partitions_of(*found_, "diskAfterRecovery")) {
    const auto known = checkpointed(*found_, after);
    const auto added = found_->expected.value("offsetsAddedByOpening", nlohmann::json::object());
    if (known.is_internal || added.dump().find(after.name) != std::string::npos) continue;
    SCOPED_TRACE(after.node + "/" + after.name);
    LogHome home;
    home.config.dense_offsets = false;
    load(home, after);
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard, known.checkpoints).value();
      EXPECT_EQ(log->log_end().value(), after.facts.at("logEndOffset").get<std::int64_t>());
      const auto& expected = after.facts.at("leaderEpochs");
      const auto& epochs = log->leader_epochs().entries();
      ASSERT_LE(epochs.size(), expected.size()) << "who opens a log may lead it in a new epoch, without records";
      for (std::size_t i = 0; i < epochs.size(); ++i) {
        EXPECT_EQ(nlohmann::json({epochs[i].epoch.value(), epochs[i].start_offset.value()}), expected[i]);
      }
      EXPECT_TRUE(log->close(self));
    });
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, KafkaCleanEnd,
                         testing::Values("codecs", "transactions", "compacted", "groups", "jbod", "cluster3"),
                         case_label);
INSTANTIATE_TEST_SUITE_P(Cases, KafkaRecovery, testing::Values("crashed", "crashed-truncated", "crashed-corrupt"),
                         case_label);

}  // namespace
}  // namespace gregor::storage
