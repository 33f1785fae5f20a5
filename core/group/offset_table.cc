#include "group/offset_table.h"

#include <iterator>
#include <utility>

namespace gregor::group {
namespace {

template <class Map>
typename Map::mapped_type& place_in(Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found != map.end() ? found->second : map.emplace(std::string(key), typename Map::mapped_type{}).first->second;
}

const OffsetTable::Entry* find_in(const OffsetTable::ByGroup& groups, std::string_view group, std::string_view topic,
                                  PartitionIndex partition) {
  const auto topics = groups.find(group);
  if (topics == groups.end()) return nullptr;
  const auto partitions = topics->second.find(topic);
  if (partitions == topics->second.end()) return nullptr;
  const auto entry = partitions->second.find(partition);
  return entry == partitions->second.end() ? nullptr : &entry->second;
}

/// True when something was there. Leaves no empty maps behind.
bool erase_from(OffsetTable::ByGroup& groups, std::string_view group, std::string_view topic,
                PartitionIndex partition) {
  const auto topics = groups.find(group);
  if (topics == groups.end()) return false;
  const auto partitions = topics->second.find(topic);
  if (partitions == topics->second.end() || partitions->second.erase(partition) == 0) return false;
  if (partitions->second.empty()) topics->second.erase(partitions);
  if (topics->second.empty()) groups.erase(topics);
  return true;
}

}  // namespace

void OffsetTable::commit(std::string_view group, std::string_view topic, PartitionIndex partition,
                         StoredOffset stored) {
  put(group, topic, partition, {std::move(stored), next_order_++});
}

void OffsetTable::put(std::string_view group, std::string_view topic, PartitionIndex partition, Entry entry) {
  ByPartition& partitions = place_in(place_in(committed_, group), topic);
  size_ += partitions.insert_or_assign(partition, std::move(entry)).second ? 1 : 0;
}

void OffsetTable::commit_pending(ProducerId producer, std::string_view group, std::string_view topic,
                                 PartitionIndex partition, StoredOffset stored) {
  place_in(place_in(pending_[producer], group), topic)
      .insert_or_assign(partition, Entry{std::move(stored), next_order_++});
  place_in(open_, group).insert(producer);
}

void OffsetTable::end_transaction(ProducerId producer, bool committed) {
  auto ended = pending_.extract(producer);
  if (ended.empty()) return;
  for (auto& [group, topics] : ended.mapped()) {
    if (const auto open = open_.find(group); open != open_.end()) {
      open->second.erase(producer);
      if (open->second.empty()) open_.erase(open);
    }
    if (!committed) continue;
    for (auto& [topic, partitions] : topics) {
      for (auto& [partition, entry] : partitions) {
        const Entry* standing = find_in(committed_, group, topic, partition);
        if (standing == nullptr || standing->order < entry.order) put(group, topic, partition, std::move(entry));
      }
    }
  }
}

void OffsetTable::remove(std::string_view group, std::string_view topic, PartitionIndex partition) {
  if (erase_from(committed_, group, topic, partition)) --size_;
  const auto open = open_.find(group);
  if (open == open_.end()) return;
  for (auto producer = open->second.begin(); producer != open->second.end();) {
    const auto offsets = pending_.find(*producer);
    if (offsets != pending_.end()) erase_from(offsets->second, group, topic, partition);
    const bool waits_still = offsets != pending_.end() && offsets->second.contains(group);
    producer = waits_still ? std::next(producer) : open->second.erase(producer);
  }
  if (open->second.empty()) open_.erase(open);
}

const StoredOffset* OffsetTable::find(std::string_view group, std::string_view topic, PartitionIndex partition) const {
  const Entry* entry = find_in(committed_, group, topic, partition);
  return entry == nullptr ? nullptr : &entry->stored;
}

bool OffsetTable::is_pending(std::string_view group, std::string_view topic, PartitionIndex partition) const {
  const auto open = open_.find(group);
  if (open == open_.end()) return false;
  for (const ProducerId producer : open->second) {
    if (const auto offsets = pending_.find(producer);
        offsets != pending_.end() && find_in(offsets->second, group, topic, partition) != nullptr)
      return true;
  }
  return false;
}

const OffsetTable::ByTopic* OffsetTable::of(std::string_view group) const {
  const auto found = committed_.find(group);
  return found == committed_.end() ? nullptr : &found->second;
}

std::set<std::pair<std::string, PartitionIndex>> OffsetTable::partitions_of(std::string_view group) const {
  std::set<std::pair<std::string, PartitionIndex>> partitions;
  const auto add = [&](const ByGroup& groups) {
    const auto topics = groups.find(group);
    if (topics == groups.end()) return;
    for (const auto& [topic, entries] : topics->second) {
      for (const auto& [partition, entry] : entries) partitions.emplace(topic, partition);
    }
  };
  add(committed_);
  if (const auto open = open_.find(group); open != open_.end()) {
    for (const ProducerId producer : open->second) {
      if (const auto offsets = pending_.find(producer); offsets != pending_.end()) add(offsets->second);
    }
  }
  return partitions;
}

std::set<std::string> OffsetTable::groups_of(std::string_view topic) const {
  std::set<std::string> found;
  const auto add = [&](const ByGroup& groups) {
    for (const auto& [group, topics] : groups) {
      if (topics.contains(topic)) found.insert(group);
    }
  };
  add(committed_);
  for (const auto& [producer, groups] : pending_) add(groups);
  return found;
}

}  // namespace gregor::group
