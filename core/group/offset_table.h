// OffsetTable: committed offsets of all groups of a partition, and those that wait for their transaction's end
// (KIP-447). Values only: whether a commit is allowed, and when an offset expires, is decided elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace gregor::group {

struct StoredOffset {
  Offset offset = {};
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::string metadata = {};
  WallTime commit_time = {};
  std::optional<WallTime> expire_time = {};  ///< of commits below v5, which could name their retention
  TopicId topic_id = {};                     ///< zero where the commit carried none
  bool operator==(const StoredOffset&) const = default;
};

class OffsetTable {
 public:
  /// `order` is the commit's place in the log: of two commits the later one stands.
  struct Entry {
    StoredOffset stored = {};
    std::uint64_t order = 0;
  };
  using ByPartition = std::map<PartitionIndex, Entry>;
  using ByTopic = std::map<std::string, ByPartition, std::less<>>;
  using ByGroup = std::map<std::string, ByTopic, std::less<>>;

  void commit(std::string_view group, std::string_view topic, PartitionIndex partition, StoredOffset stored);
  void commit_pending(ProducerId producer, std::string_view group, std::string_view topic, PartitionIndex partition,
                      StoredOffset stored);
  /// The producer's pending offsets become committed, unless a later commit stands there already; or are dropped.
  void end_transaction(ProducerId producer, bool committed);
  /// Committed or pending, whatever is there.
  void remove(std::string_view group, std::string_view topic, PartitionIndex partition);

  [[nodiscard]] const StoredOffset* find(std::string_view group, std::string_view topic,
                                         PartitionIndex partition) const;
  [[nodiscard]] bool is_pending(std::string_view group, std::string_view topic, PartitionIndex partition) const;
  [[nodiscard]] bool has_open_transaction(std::string_view group) const { return open_.contains(group); }
  /// Null when nothing is committed.
  [[nodiscard]] const ByTopic* of(std::string_view group) const;
  [[nodiscard]] const ByGroup& all() const { return committed_; }
  /// Partitions of `group` with committed or pending offsets, each once, in order.
  [[nodiscard]] std::set<std::pair<std::string, PartitionIndex>> partitions_of(std::string_view group) const;
  /// Groups with committed or pending offsets of `topic`, each once, in order.
  [[nodiscard]] std::set<std::string> groups_of(std::string_view topic) const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void put(std::string_view group, std::string_view topic, PartitionIndex partition, Entry entry);

  ByGroup committed_;
  std::map<ProducerId, ByGroup> pending_;
  std::map<std::string, std::set<ProducerId>, std::less<>> open_;  ///< producers with pending offsets, by group
  std::uint64_t next_order_ = 1;
  std::size_t size_ = 0;  ///< of committed_
};

}  // namespace gregor::group
