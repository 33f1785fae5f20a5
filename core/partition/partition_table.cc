#include "partition/partition_table.h"

#include "base/mutant.h"
#include "base/random.h"

namespace gregor::partition {
ShardId shard_of(const TopicId& topic_id, PartitionIndex partition, std::size_t shard_count) {
  if (shard_count == 1) return ShardId{0};
  std::byte bytes[16];
  topic_id.to_bytes(bytes);
  const std::uint64_t hash = hash_name(text_of(bytes), static_cast<std::uint64_t>(partition.value()));
  return ShardId{static_cast<std::uint32_t>(hash % shard_count)};
}

PartitionTable::PartitionTable(const PartitionSeat& seat)
    : seat_([&] {
        PartitionSeat own = seat;
        own.copying = &copying_;
        return own;
      }()) {}

std::shared_ptr<Partition> PartitionTable::find(const TopicId& topic_id, PartitionIndex partition) const {
  const auto found = partitions_.find({topic_id, partition});
  return found == partitions_.end() ? nullptr : found->second;
}

std::shared_ptr<Partition> PartitionTable::create(const TopicPartition& id, const config::TopicConfig& config) {
  auto& slot = partitions_[{id.topic_id, id.partition}];
  if (slot) return slot;
  slot = std::make_shared<Partition>(seat_, id, config);
  for (const auto& old : retiring_) {
    auto former = old.lock();
    const bool is_same = former && former->id().topic_id == id.topic_id && former->id().partition == id.partition;
    if (is_same && former->is_retiring() && !MUTANT(replica_returns_before_it_is_gone)) slot->come_after(former);
  }
  to_start_.push_back(slot);
  start_some();
  return slot;
}

void PartitionTable::start_some() {
  if (starters_ >= seat_.openings_max || starters_ >= to_start_.size()) return;
  ++starters_;
  seat_.shard.fibers.spawn("partition-starter", [this](env::Fiber& self) {
    while (!to_start_.empty()) {
      const auto partition = to_start_.front().lock();
      to_start_.pop_front();
      if (!partition) continue;
      partition->start();
      // What kept it from opening is the partition's to tell.
      static_cast<void>(partition->settled(self).has_value());
    }
    --starters_;
    starter_ended_.wake_all();
  });
}

void PartitionTable::remove(const TopicId& topic_id, PartitionIndex partition, PartitionError error) {
  const auto found = partitions_.find({topic_id, partition});
  if (found == partitions_.end()) return;
  found->second->retire(error);
  std::erase_if(retiring_, [](const std::weak_ptr<Partition>& old) { return old.expired(); });
  retiring_.push_back(found->second);
  partitions_.erase(found);
}

std::vector<std::shared_ptr<Partition>> PartitionTable::all() const {
  std::vector<std::shared_ptr<Partition>> all;
  all.reserve(partitions_.size());
  for (const auto& [key, partition] : partitions_) all.push_back(partition);
  return all;
}

Result<void> PartitionTable::settle_all(env::Fiber& self) {
  for (const auto& partition : all()) {
    auto settled = partition->settled(self);
    if (!settled && !partition->is_bearable(settled.error())) return fail(std::move(settled.error()));
  }
  return {};
}

void PartitionTable::maintain_all(env::Fiber& self) {
  for (const auto& partition : all()) partition->maintain(self);
}

std::vector<CheckpointLine> PartitionTable::checkpoint_lines() const {
  std::vector<CheckpointLine> lines;
  lines.reserve(partitions_.size());
  for (const auto& [key, partition] : partitions_) {
    if (auto line = partition->checkpoint_line()) lines.push_back(std::move(*line));
  }
  return lines;
}

std::vector<PartitionFigures> PartitionTable::figures() const {
  std::vector<PartitionFigures> figures;
  figures.reserve(partitions_.size());
  for (const auto& [key, partition] : partitions_) figures.push_back(partition->figures());
  return figures;
}

Result<void> PartitionTable::close_all(env::Fiber& self) {
  Result<void> outcome;
  seat_.directories.begin_to_close(seat_.shard);
  to_start_.clear();
  while (starters_ > 0) starter_ended_.wait(self);
  // Others may retire meanwhile, too.
  while (!retiring_.empty()) {
    const auto old = retiring_.back().lock();
    retiring_.pop_back();
    if (old) old->wait_until_idle(self);
  }
  for (const auto& partition : all()) {
    auto closed = partition->close(self);
    if (!closed && outcome) outcome = std::move(closed);
  }
  return outcome;
}

}  // namespace gregor::partition
