#include "properties/always/replica_watch.h"

#include <algorithm>

#include "properties/history.h"

namespace gregor::properties {
namespace {

std::string words_of(Offset offset) {
  return std::to_string(offset.value());
}

std::string words_of(NodeId node) {
  return "node " + std::to_string(node.value());
}

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::ranges::find(nodes, node) != nodes.end();
}

template <class T>
const TopicPartition* partition_in(const T& event) {
  if constexpr (requires { event.partition; }) return &event.partition;
  return nullptr;
}

}  // namespace

observe::Observer& ReplicaWatch::of(NodeId node, const GhostLog& ghost) {
  auto& ear = ears_[node];
  if (!ear) ear = std::make_unique<Ear>(*this, node, ghost);
  return *ear;
}

void ReplicaWatch::Ear::on(const observe::Event& event) {
  if (std::holds_alternative<observe::NodeReady>(event)) serves = true;
  std::visit(
      [this](const auto& typed) {
        const TopicPartition* partition = partition_in(typed);
        if (partition == nullptr || partition->topic == kMetadataTopic || watch.removed_.contains(*partition)) return;
        ++watch.checked_;
        watch.judge(*this, typed);
      },
      event);
}

void ReplicaWatch::lost_content(NodeId node) {
  for (const auto& [name, partition] : partitions_) lost_copy(node, name);
}

void ReplicaWatch::lost_copy(NodeId node, const TopicPartition& name) {
  const auto place = partitions_.find(name);
  if (place == partitions_.end() || !holds(place->second.replicas, node)) return;
  place->second.suspects.insert(node);
  ears_.at(node)->in_doubt.insert(name);
}

bool ReplicaWatch::has_another(NodeId node) const {
  return std::ranges::all_of(partitions_, [&](const auto& entry) {
    const TopicPartition& name = entry.first;
    const Partition& partition = entry.second;
    if (!holds(partition.replicas, node)) return true;
    return std::ranges::any_of(partition.replicas, [&](NodeId other) {
      const Ear& ear = *ears_.at(other);
      return other != node && ear.serves && ear.troubles == 0 && holds(partition.may_lead, other) &&
             !partition.suspects.contains(other) && !is_rotten(other, name) && holds_all(other, name, partition);
    });
  });
}

bool ReplicaWatch::may_lose_copy(NodeId node) const {
  const bool few_are_in_doubt = std::ranges::all_of(partitions_, [&](const auto& entry) {
    const Partition& partition = entry.second;
    const auto others = std::ranges::count_if(partition.suspects, [&](NodeId suspect) { return suspect != node; });
    return !holds(partition.replicas, node) || others + 1 < rules_.min_insync_replicas;
  });
  return few_are_in_doubt && has_another(node);
}

bool ReplicaWatch::any_suspect() const {
  return std::ranges::any_of(partitions_, [](const auto& entry) { return !entry.second.suspects.empty(); });
}

bool ReplicaWatch::any_in_trouble() const {
  return std::ranges::any_of(ears_, [](const auto& entry) { return entry.second->troubles > 0; });
}

bool ReplicaWatch::is_level() const {
  return std::ranges::all_of(partitions_, [this](const auto& entry) {
    const auto& [name, partition] = entry;
    for (const NodeId node : partition.replicas) {
      if (!holds(partition.isr, node) || !is_level(name, partition, node)) return false;
    }
    return true;
  });
}

bool ReplicaWatch::is_level(const TopicPartition& name, const Partition& partition, NodeId node) const {
  const GhostLog::Partition* log = find_log(ears_.at(node)->ghost, name);
  if (log == nullptr) return false;
  if (!rules_.elects_unclean) return log->log_end == partition.committed.end() && holds_all(node, name, partition);
  const GhostLog::Partition* first = find_log(ears_.at(partition.replicas.front())->ghost, name);
  return first != nullptr && first->log_end == log->log_end;
}

std::string ReplicaWatch::difference(Ear& ear, const TopicPartition& name, const Partition& partition,
                                     Offset end) const {
  return partition.committed.difference(find_log(ear.ghost, name), end, ear.matched[name]);
}

bool ReplicaWatch::holds_all(NodeId node, const TopicPartition& name, const Partition& partition) const {
  return difference(*ears_.at(node), name, partition, partition.committed.end()).empty();
}

bool ReplicaWatch::is_rotten(NodeId node, const TopicPartition& name) const {
  const GhostLog::Partition* log = find_log(ears_.at(node)->ghost, name);
  return log != nullptr && log->is_rotten;
}

void ReplicaWatch::judge(Ear& ear, const observe::LogOpened& event) {
  ear.matched.erase(event.partition);
  ear.in_doubt.erase(event.partition);
}

void ReplicaWatch::judge(Ear& ear, const observe::LogTruncated& event) {
  ear.matched.erase(event.partition);
}

void ReplicaWatch::judge(Ear& ear, const observe::LogBegunAnew& event) {
  ear.matched.erase(event.partition);
}

void ReplicaWatch::judge(Ear&, const observe::SegmentsCompacted& event) {
  partitions_[event.partition].committed.compacted_below(event.end);
}

void ReplicaWatch::judge(Ear&, const observe::PartitionRemoved& event) {
  partitions_.erase(event.partition);
  removed_.insert(event.partition);
}

void ReplicaWatch::judge(Ear& ear, const observe::HighWatermarkMoved& event) {
  if (rules_.elects_unclean) return;
  Partition& partition = partitions_[event.partition];
  const std::string differs =
      difference(ear, event.partition, partition, std::min(event.to, partition.committed.end()));
  if (!differs.empty()) {
    violated("R1", event.partition,
             words_of(ear.node) + " shows records up to " + words_of(event.to) + " and " + differs);
  }
  if (event.to > partition.committed.end()) commit(ear, event.partition, partition, event.to);
}

void ReplicaWatch::commit(Ear& ear, const TopicPartition& name, Partition& partition, Offset to) {
  const GhostLog::Partition* log = find_log(ear.ghost, name);
  if (log == nullptr) return;
  for (const GhostLog::Batch& batch : partition.committed.extend(*log, to)) {
    // Who lost it since told the leader of it: nobody there can know yet.
    const auto holders = std::ranges::count_if(ears_, [&](const auto& entry) {
      return partition.suspects.contains(entry.first) || holds_batch(find_log(entry.second->ghost, name), batch);
    });
    const auto wanted = std::min<std::ptrdiff_t>(rules_.min_insync_replicas, std::ssize(partition.replicas));
    if (holders >= wanted) continue;
    violated("R5", name,
             words_of(ear.node) + " committed offset " + words_of(batch.base) + ", which " + std::to_string(holders) +
                 " replicas hold and not " + std::to_string(wanted));
  }
}

void ReplicaWatch::judge(Ear& ear, const observe::LeadershipBegan& event) {
  Partition& partition = partitions_[event.partition];
  const auto [place, is_first] = partition.leaders.try_emplace(event.epoch, ear.node);
  if (!is_first && place->second != ear.node) {
    violated("R6", event.partition,
             words_of(ear.node) + " leads epoch " + std::to_string(event.epoch.value()) + ", which " +
                 words_of(place->second) + " leads");
  }
  // A node that comes late to an epoch that is over leads nobody.
  if (event.epoch < partition.leaders.rbegin()->first || rules_.elects_unclean) return;
  const std::string differs = difference(ear, event.partition, partition, partition.committed.end());
  if (differs.empty()) return;
  violated("R2", event.partition,
           words_of(ear.node) + " leads epoch " + std::to_string(event.epoch.value()) + " and " + differs);
}

void ReplicaWatch::judge(Ear&, const observe::PartitionChanged& event) {
  Partition& partition = partitions_[event.partition];
  if (event.partition_epoch <= partition.partition_epoch) return;
  if (event.leader_epoch < partition.leader_epoch) {
    violated("R6", event.partition, "the leader epoch fell to " + std::to_string(event.leader_epoch.value()));
  }
  partition.partition_epoch = event.partition_epoch;
  partition.leader_epoch = event.leader_epoch;
  partition.replicas.assign(event.replicas.begin(), event.replicas.end());
  partition.isr.assign(event.isr.begin(), event.isr.end());
  partition.may_lead = partition.isr;
  partition.may_lead.insert(partition.may_lead.end(), event.eligible_leader_replicas.begin(),
                            event.eligible_leader_replicas.end());
  clear_suspects(event.partition, partition);
  for (const NodeId node : event.replicas) {
    if (!holds(partition.may_lead, node) || partition.suspects.contains(node)) continue;
    const std::string differs = difference(*ears_.at(node), event.partition, partition, partition.committed.end());
    if (differs.empty()) continue;
    violated(
        "R3", event.partition,
        words_of(node) + " may lead by partition epoch " + std::to_string(event.partition_epoch) + " and " + differs);
  }
}

void ReplicaWatch::clear_suspects(const TopicPartition& name, Partition& partition) {
  std::erase_if(partition.suspects, [&](NodeId node) {
    const Ear& ear = *ears_.at(node);
    const bool is_known = ear.serves && !ear.in_doubt.contains(name);
    return !holds(partition.replicas, node) ||
           (is_known && holds(partition.isr, node) && !is_rotten(node, name) && holds_all(node, name, partition));
  });
}

void ReplicaWatch::judge(Ear& ear, const observe::ProduceAcknowledged& event) {
  if (event.acks != -1 || rules_.elects_unclean) return;
  const Partition& partition = partitions_[event.partition];
  const GhostLog::Batch* batch = partition.committed.find(event.base);
  if (batch != nullptr && batch->last == event.last && (event.duplicate || batch->crc == event.crc)) return;
  violated("R7", event.partition,
           words_of(ear.node) + " acknowledged " + words_of(event.base) + ".." + words_of(event.last) +
               (batch == nullptr ? ", which is not committed" : ", where another batch is committed"));
}

void ReplicaWatch::violated(const char* invariant, const TopicPartition& name, const std::string& text) {
  verdict_.violated(invariant, to_text(name) + ": " + text, now_());
}

}  // namespace gregor::properties
