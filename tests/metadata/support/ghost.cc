#include "tests/metadata/support/ghost.h"

#include <algorithm>

#include "metadata/election_rules.h"
#include "metadata/node_ids.h"
#include "metadata/partition_change.h"
#include "metadata/placement.h"

namespace gregor::metadata {

namespace {

using Violation = std::optional<std::string>;

bool are_distinct_replicas(const Partition& partition) {
  std::vector<NodeId> trusted = partition.isr;
  trusted.insert(trusted.end(), partition.eligible_leader_replicas.begin(), partition.eligible_leader_replicas.end());
  std::sort(trusted.begin(), trusted.end());
  return std::adjacent_find(trusted.begin(), trusted.end()) == trusted.end() && holds_all(partition.replicas, trusted);
}

/// Led by one that nobody knows to be complete. A partition may be so led twice before it has recovered.
bool is_led_uncleanly(const Partition* then, const Partition& now) {
  if (now.leader == kNoLeader || now.leader_recovery_state != kRecovering) return false;
  if (then == nullptr || then->leader_recovery_state != kRecovering) return true;
  return now.leader != then->leader && !holds(then->isr, now.leader) &&
         !holds(then->eligible_leader_replicas, now.leader);
}

}  // namespace

Violation ImageChecks::check_partition(const Image& after, const PartitionKey&, const Partition& now) const {
  if (!are_distinct_replicas(now)) return "R4: the ISR and the eligible replicas are distinct replicas";
  if (now.leader != kNoLeader && !holds(now.isr, now.leader)) return "R4: the leader is in sync";
  if (now.leader != kNoLeader && !is_active(after, now.leader)) return "L1: the leader is active";
  const bool may_hold_the_last = !tracks_eligible_replicas(after) && now.isr.size() == 1 && now.leader == kNoLeader;
  for (const NodeId replica : now.isr) {
    if (!is_active(after, replica) && !may_hold_the_last) return "R4: who is in sync is active";
  }
  return std::nullopt;
}

Violation ImageChecks::check_change(const Partition& then, const Partition& now, bool is_asked_unclean) const {
  if (then == now) return std::nullopt;
  if (now.partition_epoch <= then.partition_epoch) return "K5: the partition epoch rises";
  if (now.leader_epoch < then.leader_epoch) return "K5: the leader epoch never falls";
  if (now.leader != then.leader && now.leader_epoch == then.leader_epoch) return "K5: a new leader has a new epoch";
  const auto needed = std::min<std::size_t>(static_cast<std::size_t>(min_insync_replicas_), now.replicas.size());
  if (!now.eligible_leader_replicas.empty() && now.isr.size() >= needed) return "R4: eligible only below min ISR";
  const bool is_unclean = is_led_uncleanly(&then, now);
  const bool is_last_leader = then.last_known_elr == std::vector<NodeId>{now.leader} && then.isr.empty();
  if (is_unclean && !is_unclean_allowed_ && !is_asked_unclean && !is_last_leader) return "R2: unclean, unasked";
  return std::nullopt;
}

Violation ImageChecks::check_content(const PartitionKey& key, const Partition& now) const {
  if (now.replicas.size() == 1) return std::nullopt;  // what it loses is lost
  GhostPartition& ghost = ghost_[key];
  std::vector<NodeId> trusted = now.isr;
  trusted.insert(trusted.end(), now.eligible_leader_replicas.begin(), now.eligible_leader_replicas.end());
  for (const NodeId replica : trusted) {
    if (suspects_.contains(replica) || ghost.held[replica] >= ghost.committed) continue;
    return "R3: replica " + std::to_string(replica.value()) + " is trusted with " +
           std::to_string(ghost.held[replica]) + " of " + std::to_string(ghost.committed) + " committed records";
  }
  return std::nullopt;
}

Violation ImageChecks::check(const Image& before, const Image& after, bool is_asked_unclean) {
  for (const auto& [id, topic] : after.topics_by_id()) {
    for (const auto& [index, now] : topic->partitions) {
      const PartitionKey key{id, index};
      const Partition* then = before.find_partition(id, index);
      const bool is_new_loss = is_led_uncleanly(then, now);
      GhostPartition& ghost = ghost_[key];
      if (is_new_loss || now.replicas.size() == 1) {
        ghost.committed =
            std::min(ghost.committed, ghost.held[now.replicas.size() == 1 ? now.replicas[0] : now.leader]);
      }
      Violation broken = check_partition(after, key, now);
      if (!broken && then != nullptr) broken = check_change(*then, now, is_asked_unclean);
      if (!broken && tracks_eligible_replicas(after)) broken = check_content(key, now);
      if (broken) return *broken + " (" + topic->name + "-" + std::to_string(index.value()) + ")";
    }
  }
  return std::nullopt;
}

}  // namespace gregor::metadata
