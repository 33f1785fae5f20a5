// What Kafka's own logs say of producers and aborted transactions, when every file that is derived from them is gone:
// replayed, the batches give Kafka's transaction indexes to the byte and the producers of its last snapshot.
#include <gtest/gtest.h>

#include "partition/producer_replay.h"
#include "partition/snapshot_entries.h"
#include "storage/segment_name.h"
#include "storage/topic_folder.h"
#include "tests/storage/support/kafka_files.h"
#include "tests/storage/support/log_home.h"

namespace gregor::partition {
namespace {

using storage::FileKind;
using storage::KafkaPartition;

class KafkaTransactions : public storage::KafkaFiles {};

bool is_derived(const std::string& name) {
  return name.ends_with(".txnindex") || name.ends_with(".snapshot");
}

/// Everything but what follows from the batches.
void load_batches(storage::LogHome& home, const KafkaPartition& partition) {
  for (const std::string& name : storage::names_in(partition.path)) {
    if (!is_derived(name)) home.put(name, storage::file_content(partition.path / name));
  }
}

Result<void> replay_all(env::Fiber& self, storage::PartitionLog& log, replica::ProducerTable& table) {
  std::vector<storage::AbortedTransaction> aborted;
  TRY(log.scan(self, log.log_start(), log.log_end(), [&](const record::BatchView& batch) -> Result<void> {
    TRY_ASSIGN(const auto ended, replay(table, batch));
    if (ended) aborted.push_back(*ended);
    return {};
  }));
  return log.rewrite_aborted(self, aborted);
}

/// The snapshot that Kafka wrote when it ended, or none.
std::optional<ByteBuffer> last_snapshot(const KafkaPartition& partition, Offset end) {
  const std::string name = storage::file_name(end, FileKind::producer_snapshot);
  const auto names = storage::names_in(partition.path);
  if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
  return storage::file_content(partition.path / name);
}

TEST_P(KafkaTransactions, AreMadeAgainFromTheBatchesAlone) {
  int indexes = 0;
  int snapshots = 0;
  for (const KafkaPartition& partition : storage::partitions_of(*found_)) {
    if (storage::parse_folder_name(partition.name).value().stage != storage::FolderStage::live) continue;
    SCOPED_TRACE(partition.node + "/" + partition.name);
    storage::LogHome home;
    home.config.dense_offsets = false;
    load_batches(home, partition);
    home.run([&](env::Fiber& self, env::Shard& shard) {
      const auto log = home.open(self, shard).value();
      replica::ProducerTable table;
      const auto replayed = replay_all(self, *log, table);
      ASSERT_TRUE(replayed) << replayed.error().text;
      const auto snapshot = last_snapshot(partition, log->log_end());
      if (!snapshot) return;
      EXPECT_EQ(storage::format_producer_snapshot(storage_entries(table.entries())).size(), snapshot->size());
      auto kafkas = storage::parse_producer_snapshot(*snapshot).value();
      std::sort(kafkas.begin(), kafkas.end(),
                [](const auto& a, const auto& b) { return a.producer_id < b.producer_id; });
      EXPECT_TRUE(storage_entries(table.entries()) == kafkas);
      ++snapshots;
    });
    for (const std::string& name : storage::names_in(partition.path)) {
      if (!name.ends_with(".txnindex")) continue;
      EXPECT_TRUE(home.content(name) == storage::file_content(partition.path / name)) << name;
      indexes += home.content(name).empty() ? 0 : 1;
    }
  }
  std::cout << indexes << " transaction indexes, " << snapshots << " producer snapshots\n";
  EXPECT_GT(indexes, 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, KafkaTransactions, testing::Values("transactions", "crashed"), storage::case_label);

}  // namespace
}  // namespace gregor::partition
