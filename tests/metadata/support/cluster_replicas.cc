// What the model's replicas do: write, follow, ask for ISRs, move, fail.
#include <algorithm>

#include "metadata/directory_failures.h"
#include "metadata/node_ids.h"
#include "metadata/placement.h"
#include "metadata/reassignments.h"
#include "tests/metadata/support/cluster_model.h"

namespace gregor::metadata {

void ClusterModel::produce() {
  const auto target = any_partition();
  if (!target || !is_led(*target)) return;
  ghost_[target->key].held[target->partition->leader] += static_cast<int>(random_.between(1, 3));
  commit(*target);
}

/// The high watermark: over all that are, or may be, in the ISR; and not below min.insync.replicas (KIP-966).
void ClusterModel::commit(const Target& target) {
  GhostPartition& ghost = ghost_[target.key];
  const auto needed =
      std::min<std::size_t>(static_cast<std::size_t>(rules_.min_insync_replicas), target.partition->replicas.size());
  if (target.partition->isr.size() < needed) return;
  int least = ghost.held[target.partition->leader];
  for (const NodeId replica : target.partition->isr) least = std::min(least, ghost.held[replica]);
  for (const NodeId replica : ghost.proposed) least = std::min(least, ghost.held[replica]);
  ghost.committed = std::max(ghost.committed, least);
}

void ClusterModel::replicate() {
  const auto target = any_partition();
  if (!target || !is_led(*target)) return;
  GhostPartition& ghost = ghost_[target->key];
  const NodeId leader = target->partition->leader;
  for (const NodeId replica : target->partition->replicas) {
    if (replica == leader || !is_at_work(replica, *target->partition) || random_.chance(1, 4)) continue;
    ghost.held[replica] = ghost.held[leader];
    ghost.heard[replica] = {.epoch = processes_[replica].epoch, .held = ghost.held[leader]};
  }
  commit(*target);
}

void ClusterModel::ask_for_isr() {
  const auto target = any_partition();
  if (!target || !is_led(*target)) return;
  GhostPartition& ghost = ghost_[target->key];
  const Partition& partition = *target->partition;
  AlterPartition::Partition asked{.index = target->key.index.value(),
                                  .leader_epoch = partition.leader_epoch,
                                  .partition_epoch = partition.partition_epoch};
  for (const NodeId replica : partition.replicas) {
    if (replica == partition.leader) {
      asked.isr.push_back({.id = replica, .epoch = processes_[replica].epoch});
      continue;
    }
    const auto heard = ghost.heard.find(replica);
    const bool is_in_sync = heard != ghost.heard.end() && heard->second.held >= ghost.committed;
    const bool stays = holds(partition.isr, replica) && random_.chance(9, 10);
    if (!stays && !is_in_sync) continue;
    const BrokerRegistration* broker = image_.find_broker(replica);
    const BrokerEpoch known = broker == nullptr ? BrokerEpoch{0} : broker->epoch;
    asked.isr.push_back({.id = replica, .epoch = heard != ghost.heard.end() ? heard->second.epoch : known});
  }
  if (partition.leader_recovery_state == 1 && asked.isr.size() > 1 && random_.chance(1, 2)) {
    asked.leader_recovery_state = 1;  // refused: it is to settle first
  }
  for (const AlterPartition::Member& member : asked.isr) ghost.proposed.insert(member.id);
  const AlterPartition request{.broker = partition.leader,
                               .broker_epoch = processes_[partition.leader].epoch,
                               .topics = {{.id = target->key.topic, .partitions = {asked}}}};
  if (random_.chance(1, 2)) {
    late_.emplace_back(request);
  } else {
    take_isr(request);
  }
}

void ClusterModel::take_isr(const AlterPartition& request) {
  const BrokerRegistration* broker = image_.find_broker(request.broker);
  const bool is_of_this_life = broker != nullptr && broker->epoch == request.broker_epoch;
  const auto decision = decide_alter_partition(image_, rules_, request);
  if (!decision) {
    ++counts_.refused_lives;
    return;
  }
  const AlterPartition::Partition& asked = request.topics.front().partitions.front();
  const TopicId topic = request.topics.front().id;
  const Partition* present = image_.find_partition(topic, PartitionIndex{asked.index});
  const bool is_up_to_date = is_of_this_life && present != nullptr && present->leader_epoch == asked.leader_epoch &&
                             present->partition_epoch == asked.partition_epoch;
  if (!is_up_to_date && !decision->records.empty()) return violate("K5: a stale request changed an ISR");
  counts_.isr_changes += decision->records.empty() ? 0 : 1;
  write(decision->records);
  // Answered: what it proposed is known to be, or not to be. Others of its requests were of the same partition epoch.
  const auto ghost = ghost_.find({topic, PartitionIndex{asked.index}});
  if (ghost != ghost_.end() && !decision->records.empty()) ghost->second.proposed.clear();
}

void ClusterModel::deliver_late() {
  if (late_.empty()) return;
  const std::size_t which = random_.below(late_.size());
  const Late message = late_[which];
  late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(which));
  ++counts_.late_requests;
  if (const auto* heartbeat = std::get_if<BrokerHeartbeat>(&message)) return take_heartbeat(*heartbeat);
  take_isr(std::get<AlterPartition>(message));
}

void ClusterModel::reassign() {
  const auto target = any_partition();
  if (!target) return;
  AlterReassignments::Partition asked{.index = target->key.index.value()};
  if (random_.chance(3, 4)) asked.replicas = some_brokers();
  write(decide_alter_reassignments(image_, rules_, {.topics = {{target->topic->name, {asked}}}}).records);
}

void ClusterModel::fail_directory() {
  const NodeId id = any_broker();
  const BrokerRegistration* broker = image_.find_broker(id);
  Process& process = processes_[id];
  if (broker == nullptr || !process.is_alive || broker->epoch != process.epoch || broker->log_dirs.size() < 2) return;
  process.offline = {broker->log_dirs.front()};
  send_heartbeat(id);
}

void ClusterModel::assign_directory() {
  const auto target = any_partition();
  if (!target || target->partition->replicas.empty()) return;
  const NodeId id = target->partition->replicas[random_.below(target->partition->replicas.size())];
  const BrokerRegistration* broker = image_.find_broker(id);
  if (broker == nullptr || broker->epoch != processes_[id].epoch || broker->log_dirs.empty()) return;
  const Uuid chosen = broker->log_dirs[random_.below(broker->log_dirs.size())];
  const AssignReplicas request{.broker = id,
                               .broker_epoch = broker->epoch,
                               .directories = {{chosen, {{target->key.topic, {target->key.index.value()}}}}}};
  write(decide_assign_replicas(image_, rules_, request).value().records);
}

}  // namespace gregor::metadata
