// Gregor reads what Kafka wrote: every snapshot, checkpoint, epoch and transaction index in the data directories of a
// real Kafka 4.3 says what Kafka's own classes find in it (expected.json), and is written again to the same bytes.
#include <gtest/gtest.h>

#include "storage/aborted_transaction.h"
#include "storage/checkpoint_file.h"
#include "storage/clean_shutdown.h"
#include "storage/leader_epoch_cache.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "storage/producer_snapshot.h"
#include "storage/topic_folder.h"
#include "tests/storage/support/kafka_files.h"

namespace gregor::storage {
namespace {

using nlohmann::json;

template <class Value>
std::string why(const Result<Value>& result) {
  return result ? "" : result.error().text;
}

void check_meta(const std::filesystem::path& directory, const json& facts) {
  const auto meta = parse_meta_properties(file_content(directory / "meta.properties"));
  ASSERT_TRUE(meta) << why(meta);
  const json& expected = facts["meta.properties"];
  EXPECT_EQ(meta->cluster_id, expected["cluster.id"].get<std::string>());
  EXPECT_EQ(meta->directory_id->to_text(), expected["directory.id"].get<std::string>());
  EXPECT_EQ(std::to_string(meta->node_id->value()), expected["node.id"].get<std::string>());
  EXPECT_EQ(std::to_string(meta->version), expected["version"].get<std::string>());
}

void check_offsets(const std::filesystem::path& path, const json& expected) {
  const auto offsets = parse_offsets(file_content(path));
  ASSERT_TRUE(offsets) << path << ": " << why(offsets);
  json found = json::object();
  for (const auto& [key, offset] : *offsets) found[folder_name(key.topic, key.partition)] = offset.value();
  EXPECT_EQ(found, expected) << path;
}

TEST_P(KafkaFiles, MetaPropertiesAndOffsetCheckpointsSayWhatKafkaReadsInThem) {
  for (const auto& [node, facts] : found_->expected.at("disk").items()) {
    SCOPED_TRACE(node);
    check_meta(found_->files / node, facts);
    for (const auto& [name, offsets] : facts.items()) {
      if (name.ends_with("-checkpoint")) check_offsets(found_->files / node / name, offsets);
    }
  }
}

TEST_P(KafkaFiles, AMarkOfACleanEndIsWrittenToTheSameBytes) {
  for (const auto& [node, facts] : found_->expected.at("disk").items()) {
    const ByteBuffer mark = file_content(found_->files / node / kCleanShutdownFile);
    EXPECT_EQ(mark.empty(), !facts["cleanShutdown"].get<bool>()) << node;
    if (mark.empty()) continue;
    const auto epoch = parse_clean_shutdown(mark);
    ASSERT_TRUE(epoch) << text_of(mark);
    EXPECT_EQ(text_of(format_clean_shutdown(*epoch)), text_of(mark));
  }
}

TEST_P(KafkaFiles, PartitionMetadataIsReadAndWrittenToTheSameBytes) {
  for (const auto& [node, name, path, facts] : partitions_of(*found_)) {
    SCOPED_TRACE(node + "/" + name);
    EXPECT_TRUE(parse_folder_name(name));
    if (!facts.contains("topicId")) continue;
    const ByteBuffer content = file_content(path / kPartitionMetadataFile);
    const auto id = parse_partition_metadata(content);
    ASSERT_TRUE(id) << why(id);
    EXPECT_EQ(id->to_text(), facts["topicId"].get<std::string>());
    EXPECT_EQ(text_of(format_partition_metadata(*id)), text_of(content));
  }
}

TEST_P(KafkaFiles, LeaderEpochsAreReadAndWrittenToTheSameBytes) {
  for (const auto& [node, name, path, facts] : partitions_of(*found_)) {
    SCOPED_TRACE(node + "/" + name);
    if (!facts.contains("leaderEpochs")) continue;
    const ByteBuffer content = file_content(path / kLeaderEpochFile);
    const auto epochs = parse_leader_epochs(content);
    ASSERT_TRUE(epochs) << why(epochs);
    json found = json::array();
    for (const auto& entry : epochs->entries()) found.push_back({entry.epoch.value(), entry.start_offset.value()});
    EXPECT_EQ(found, facts["leaderEpochs"]);
    if (content.empty()) continue;  // Kafka leaves one so
    EXPECT_EQ(text_of(format_leader_epochs(*epochs)), text_of(content));
  }
}

void check_producer(const ProducerEntry& producer, const json& expected) {
  EXPECT_EQ(producer.producer_epoch.value(), expected["epoch"]);
  EXPECT_EQ(producer.coordinator_epoch, expected["coordinatorEpoch"]);
  EXPECT_EQ(producer.timestamp_ms, expected["lastTimestamp"]);
  EXPECT_EQ(producer.last_offset.value(), expected.value("lastOffset", -1));
  EXPECT_EQ(producer.last_sequence.value(), expected.value("lastSequence", -1));
  EXPECT_EQ(producer.offset_delta, expected.value("offsetDelta", 0));
  EXPECT_EQ(producer.current_txn_first_offset.value(), expected.value("transactionFirstOffset", -1));
}

TEST_P(KafkaFiles, ProducerSnapshotsAreReadAndWrittenToTheSameBytes) {
  for (const auto& [node, name, path, facts] : partitions_of(*found_)) {
    const json snapshots = facts.value("producerSnapshots", json::object());
    for (const auto& [file, expected] : snapshots.items()) {
      SCOPED_TRACE(node + "/" + name + "/" + file);
      const ByteBuffer content = file_content(path / file);
      const auto producers = parse_producer_snapshot(content);
      ASSERT_TRUE(producers) << why(producers);
      EXPECT_EQ(format_producer_snapshot(*producers), content);
      ASSERT_EQ(producers->size(), expected.size());
      for (const json& entry : expected) {
        const auto is_same = [&](const ProducerEntry& known) {
          return known.producer_id.value() == entry["producerId"];
        };
        const auto producer = std::find_if(producers->begin(), producers->end(), is_same);
        ASSERT_NE(producer, producers->end());
        check_producer(*producer, entry);
      }
    }
  }
}

TEST_P(KafkaFiles, TransactionIndexesAreReadAndWrittenToTheSameBytes) {
  for (const auto& [node, name, path, facts] : partitions_of(*found_)) {
    const json indexes = facts.value("abortedTransactions", json::object());
    for (const auto& [file, expected] : indexes.items()) {
      SCOPED_TRACE(node + "/" + name + "/" + file);
      const ByteBuffer content = file_content(path / file);
      const auto transactions = parse_transaction_index(content);
      ASSERT_TRUE(transactions) << why(transactions);
      json found = json::array();
      ByteBuffer again;
      for (const auto& transaction : *transactions) {
        found.push_back({{"producerId", transaction.producer_id.value()},
                         {"firstOffset", transaction.first_offset.value()},
                         {"lastOffset", transaction.last_offset.value()},
                         {"lastStableOffset", transaction.last_stable_offset.value()}});
        append_aborted_transaction(again, transaction);
      }
      EXPECT_EQ(found, expected);
      EXPECT_EQ(again, content);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, KafkaFiles, testing::ValuesIn(kKafkaCases), case_label);

}  // namespace
}  // namespace gregor::storage
