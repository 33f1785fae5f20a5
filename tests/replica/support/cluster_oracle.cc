// What must hold after every event, and at rest.
#include <algorithm>
#include <utility>

#include "tests/replica/support/cluster.h"

namespace gregor::replica {

void Cluster::violate(const char* invariant, std::string text) {
  if (!violation_) violation_ = Violation{invariant, std::move(text)};
}

Offset Cluster::held(const Node& node) const {
  return settings_.mode == Mode::flushed ? node.log.flushed() : node.log.end();
}

void Cluster::judge() {
  for (Node& node : nodes_) {
    if (node.is_up) judge_high_watermark(node);
  }
  for (Node& node : nodes_) answer_waiting(node);
  judge_candidates();
  judge_maximal_isr();
}

void Cluster::judge_high_watermark(Node& node) {
  const Replica& replica = *node.replica;
  const Offset high_watermark = replica.high_watermark();
  if (replica.log_end_offset() != node.log.end()) violate("R8", "the machine has lost sight of its log");
  if (replica.role() == Role::leader) {
    if (!ghost_.note_high_watermark(node.id, node.life, replica.leader_epoch(), high_watermark)) {
      violate("R5", "a leader's high watermark fell");
    }
    if (high_watermark > ghost_.end()) ghost_.expose(node.log, high_watermark);
  }
  if (!ghost_.agrees(node.log, high_watermark)) {
    violate(replica.role() == Role::leader ? "R1" : "R5", "shows what was never committed, or something else");
  }
}

/// R3: who may be elected holds all that is committed, and (S6) nothing whose deletion was acknowledged. Who lost
/// something inside the budget is found whole first.
void Cluster::judge_candidates() {
  for (const NodeId id : controller_.candidates()) {
    const Node& member = node(id);
    const bool is_whole = ghost_.is_whole_in(member.log, held(member));
    if (is_suspect(id)) {
      if (is_whole && member.is_up && controller_.broker(id).epoch == member.broker_epoch) suspects_.erase(id);
    } else if (!is_whole) {
      violate("R3", "a member of ISR or ELR lacks committed records");
    } else if (!ghost_.keeps_deleted(member.log)) {
      violate("S6", "a member of ISR or ELR would show deleted records again");
    }
  }
}

void Cluster::judge_maximal_isr() {
  const PartitionState& partition = controller_.partition();
  if (partition.leader == kNoNodeId) return;
  const Node& leader = node(partition.leader);
  if (!leader.is_up || leader.replica->role() != Role::leader) return;
  if (leader.replica->leader_epoch() != partition.leader_epoch) return;
  const Isr& isr = leader.replica->leadership().isr();
  const auto is_counted = [&](NodeId id) { return isr.may_hold(id); };
  if (!std::all_of(partition.isr.begin(), partition.isr.end(), is_counted)) {
    violate("R4", "the leader does not count a member of the controller's ISR");
  }
  const bool has_min = static_cast<int>(isr.committed().size()) >= controller_.min_isr();
  if (has_min && !std::all_of(partition.elr.begin(), partition.elr.end(), is_counted)) {
    violate("R4", "the leader does not count a member of the ELR though its ISR is large enough");
  }
}

/// L1, L2, L4 and R1 over whole logs.
void Cluster::judge_rest() {
  const PartitionState& partition = controller_.partition();
  if (partition.leader == kNoNodeId) return violate("L1", "nobody leads though all are back");
  const Node& leader = node(partition.leader);
  if (partition.isr.size() != partition.replicas.size()) return violate("L2", "the ISR has not healed");
  for (const Node& member : nodes_) {
    if (member.log.end() != leader.log.end()) violate("L2", "a replica has not caught up");
    if (!ghost_.is_whole_in(member.log, member.log.end())) violate("R7", "committed records are gone");
    if (!member.log.history_is_true()) violate("R9", "a history of epochs that its records do not bear out");
  }
  if (leader.replica->high_watermark() != leader.log.end()) violate("L4", "the last writes are not committed");
  if (ghost_.end() != leader.log.end()) violate("R1", "the logs differ from what is committed");
}

}  // namespace gregor::replica
