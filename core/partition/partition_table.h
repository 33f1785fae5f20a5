// PartitionTable: the partitions that one shard owns, by topic id and index, and what is done to all of them.
// Who decides which partitions there are is the metadata's listener; nothing here knows an image.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "partition/partition.h"

namespace gregor::partition {

/// The shard that owns a partition: the same for every node with as many shards, in every life.
ShardId shard_of(const TopicId& topic_id, PartitionIndex partition, std::size_t shard_count);

class PartitionTable {
 public:
  explicit PartitionTable(const PartitionSeat& seat);

  /// Null where this shard has no such partition.
  [[nodiscard]] std::shared_ptr<Partition> find(const TopicId& topic_id, PartitionIndex partition) const;
  /// A partition that begins to open soon; the one there is, if there is one.
  std::shared_ptr<Partition> create(const TopicPartition& id, const config::TopicConfig& config);
  /// The partition is forgotten at once and its folder removed when nobody uses it any more; whoever waits for it is
  /// told `error` (Partition::retire). No-op where there is none.
  void remove(const TopicId& topic_id, PartitionIndex partition, PartitionError error);
  [[nodiscard]] std::size_t size() const { return partitions_.size(); }
  /// In order of topic ids and indexes.
  [[nodiscard]] std::vector<std::shared_ptr<Partition>> all() const;

  /// Suspends until all that exist now are open. Errors: the first that could not be opened, but for those that are
  /// bearable (Partition::is_bearable).
  Result<void> settle_all(env::Fiber& self);
  /// One round of housekeeping over all.
  void maintain_all(env::Fiber& self);
  [[nodiscard]] std::vector<CheckpointLine> checkpoint_lines() const;
  [[nodiscard]] std::vector<PartitionFigures> figures() const;
  /// A clean end of each. Errors: the first; the others are closed all the same.
  Result<void> close_all(env::Fiber& self);

 private:
  using Key = std::pair<TopicId, PartitionIndex>;
  void start_some();

  env::FiberMutex copying_;  ///< one at a time reads what it copies to another directory into memory
  const PartitionSeat seat_;
  std::map<Key, std::shared_ptr<Partition>> partitions_;
  std::deque<std::weak_ptr<Partition>> to_start_;
  std::size_t starters_ = 0;
  env::WaitQueue starter_ended_;
  std::vector<std::weak_ptr<Partition>> retiring_;
};

}  // namespace gregor::partition
