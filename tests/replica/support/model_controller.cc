#include "tests/replica/support/model_controller.h"

#include <algorithm>

namespace gregor::replica {

bool is_among(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

ModelController::ModelController(const std::vector<NodeId>& replicas, int min_insync, bool has_elr)
    : min_insync_(min_insync), has_elr_(has_elr) {
  for (const NodeId node : replicas) current_.brokers[node] = {BrokerEpoch{++registrations_}, true};
  current_.partition = {.leader = replicas.front(),
                        .leader_epoch = LeaderEpoch{0},
                        .partition_epoch = PartitionEpoch{0},
                        .replicas = replicas,
                        .isr = replicas};
  versions_.push_back(current_);
}

int ModelController::min_isr() const {
  return std::min(min_insync_, static_cast<int>(current_.partition.replicas.size()));
}

std::vector<NodeId> ModelController::candidates() const {
  std::vector<NodeId> all = current_.partition.isr;
  all.insert(all.end(), current_.partition.elr.begin(), current_.partition.elr.end());
  return all;
}

void ModelController::register_broker(NodeId node, bool was_clean) {
  BrokerRecord& broker = current_.brokers[node];
  broker = {BrokerEpoch{++registrations_}, false};
  PartitionState& partition = current_.partition;
  if (has_elr_ && !was_clean) {
    const bool was_member = std::erase(partition.isr, node) + std::erase(partition.elr, node) > 0;
    if (partition.leader == node) {
      elect();
    } else if (was_member) {
      ++partition.partition_epoch;
    }
  } else {
    leave_isr(node);
  }
  publish();
}

void ModelController::fence(NodeId node) {
  if (!current_.brokers[node].is_in_service) return;
  current_.brokers[node].is_in_service = false;
  leave_isr(node);
  publish();
}

void ModelController::leave_isr(NodeId node) {
  PartitionState& partition = current_.partition;
  const std::vector<NodeId> before = partition.isr;
  const bool leaves = is_among(before, node) && before.size() > 1;
  if (leaves) std::erase(partition.isr, node);
  keep_elr(before);
  if (partition.leader == node) {
    elect();
  } else if (leaves) {
    ++partition.partition_epoch;
  }
}

/// KIP-966: who left an ISR that is now below min.insync.replicas still holds all that is committed.
void ModelController::keep_elr(const std::vector<NodeId>& isr_before) {
  PartitionState& partition = current_.partition;
  if (!has_elr_ || static_cast<int>(partition.isr.size()) >= min_isr()) {
    partition.elr.clear();
    return;
  }
  for (const NodeId node : isr_before) {
    if (!is_among(partition.elr, node)) partition.elr.push_back(node);
  }
  std::erase_if(partition.elr, [&](NodeId node) { return is_among(partition.isr, node); });
}

void ModelController::elect() {
  PartitionState& partition = current_.partition;
  ++partition.leader_epoch;
  ++partition.partition_epoch;
  partition.leader = kNoNodeId;
  const auto can_lead = [&](NodeId node) { return current_.brokers.at(node).is_in_service; };
  for (const NodeId node : partition.isr) {
    if (partition.leader == kNoNodeId && can_lead(node)) partition.leader = node;
  }
  if (partition.leader != kNoNodeId) return;
  for (const NodeId node : partition.elr) {
    if (!can_lead(node)) continue;
    const std::vector<NodeId> before = partition.isr;
    partition.leader = node;
    partition.isr = {node};
    keep_elr(before);
    return;
  }
}

void ModelController::unfence(NodeId node) {
  current_.brokers[node].is_in_service = true;
  if (current_.partition.leader == kNoNodeId && is_among(candidates(), node)) elect();
  publish();
}

void ModelController::move_leadership(NodeId to) {
  PartitionState& partition = current_.partition;
  if (to == partition.leader || !is_among(partition.isr, to) || !current_.brokers[to].is_in_service) return;
  partition.leader = to;
  ++partition.leader_epoch;
  ++partition.partition_epoch;
  publish();
}

void ModelController::remove_replica(NodeId node) {
  PartitionState& partition = current_.partition;
  std::erase(partition.replicas, node);
  std::erase(partition.isr, node);
  std::erase(partition.elr, node);
  ++partition.leader_epoch;  // the leader must forget what the one removed had fetched
  ++partition.partition_epoch;
  publish();
}

void ModelController::add_replica(NodeId node) {
  current_.partition.replicas.push_back(node);
  ++current_.partition.partition_epoch;
  publish();
}

AlterPartitionAnswer ModelController::alter(NodeId from, BrokerEpoch from_epoch, const AlterPartition& proposal) {
  PartitionState& partition = current_.partition;
  AlterPartitionAnswer answer{.request = proposal.request};
  if (current_.brokers.at(from).epoch != from_epoch) return answer;
  answer.verdict = AlterPartitionVerdict::fenced;
  if (partition.leader != from || partition.leader_epoch != proposal.leader_epoch) return answer;
  if (partition.partition_epoch != proposal.partition_epoch) return answer;
  answer.verdict = AlterPartitionVerdict::refused;
  std::vector<NodeId> isr;
  for (const IsrMember& member : proposal.isr) {
    const BrokerRecord& broker = current_.brokers.at(member.replica);
    const bool is_that_life = member.broker_epoch == kNoBrokerEpoch || member.broker_epoch == broker.epoch;
    if (!is_among(partition.replicas, member.replica) || !broker.is_in_service || !is_that_life) return answer;
    isr.push_back(member.replica);
  }
  const std::vector<NodeId> before = partition.isr;
  partition.isr = isr;
  keep_elr(before);
  ++partition
        .partition_epoch;  // an unchanged ISR too: the leader asks so when it does not know what became of a proposal
  publish();
  return {.request = proposal.request,
          .verdict = AlterPartitionVerdict::accepted,
          .leader_epoch = partition.leader_epoch,
          .partition_epoch = partition.partition_epoch,
          .isr = isr};
}

void ModelController::publish() {
  versions_.push_back(current_);
}

}  // namespace gregor::replica
