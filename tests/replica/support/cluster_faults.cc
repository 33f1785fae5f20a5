// What befalls the cluster: one drawn event a step, then rest.
#include <algorithm>

#include "tests/replica/support/cluster.h"

namespace gregor::replica {

ClusterSettings settings_of(std::uint64_t seed) {
  RandomStream draw(hash_name("settings", seed));
  ClusterSettings settings;
  constexpr int kNodes[] = {1, 2, 3, 3, 3, 3, 4, 5};
  settings.nodes = kNodes[draw.below(std::size(kNodes))];
  settings.min_insync = draw.chance(2, 3) ? 2 : static_cast<int>(draw.between(1, 3));
  settings.mode = static_cast<Mode>(draw.below(3));
  return settings;
}

void Cluster::run() {
  for (int step = 0; step < settings_.steps && !violation_; ++step) {
    act();
    for (Node& node : nodes_) tell_controller(node);
    judge();
  }
  if (!violation_) settle();
}

Cluster::Node& Cluster::any_node() {
  return nodes_[draw_.below(nodes_.size())];
}

void Cluster::act() {
  if (draw_.below(100) < calm_percent_ && !network_.empty()) {
    // The oldest as a rule, so that conversations come to an end; any other as an exception.
    const bool is_orderly = draw_.chance(3, 4);
    const std::size_t index = is_orderly ? 0 : draw_.below(network_.size());
    if (draw_.below(100) < loss_percent_) {
      network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(index));
      return;
    }
    const bool is_held_up = draw_.below(100) < alter_delay_percent_ && network_[index].to == kNoNodeId;
    if (is_held_up) return;
    // One request to the controller travels on one connection: it may be lost, not doubled.
    const bool is_repeated = draw_.chance(1, 20) && network_[index].to != kNoNodeId;
    return deliver(index, is_repeated);
  }
  now_ += Milliseconds(draw_.below(12));
  const auto kind = draw_.below(100);
  if (draw_.below(100) < trouble_percent_) {
    draw_.chance(3, 4) ? act_on_lives() : act_on_roles();
  } else if (kind < 55) {
    pump(any_node());
  } else if (kind < 62) {
    Node& node = any_node();
    const std::size_t newest = controller_.versions().size() - 1;
    if (node.is_up && node.seen < newest) hear(node, draw_.chance(1, 2) ? node.seen + 1 : newest);
  } else {
    act_as_client();
  }
}

void Cluster::act_as_client() {
  Node& node = any_node();
  const auto kind = draw_.below(12);
  if (kind < 6) {
    if (draw_.below(100) < produce_percent_) produce(node, draw_.chance(2, 3));
  } else if (kind < 8) {
    flush(node);
  } else if (!node.is_up) {
    return;
  } else if (kind == 8) {
    const Replica& replica = *node.replica;
    const auto ruling =
        replica.judge_read({node.log.start()}, kNoLeaderEpoch, AnsweredBy::any_replica, node.log.history());
    if (ruling.agrees() && !ghost_.agrees(node.log, replica.readable_end())) violate("R10", "a reader saw too much");
  } else if (kind == 9) {
    if (node.replica->fence(kNoLeaderEpoch) != ReplicaVerdict::served) return;
    const LatestOffset latest = node.replica->latest_offset();
    if (latest.verdict == ReplicaVerdict::served && !ghost_.note_latest(node.replica->leader_epoch(), latest.offset)) {
      violate("R10", "the latest offset went back");
    }
  } else if (kind == 10) {
    node.checkpointed = node.replica->high_watermark();
  } else if (node.replica->role() == Role::leader && draw_.chance(1, 3)) {
    const Offset low = node.replica->log_start_offset();
    delete_records(node, Offset{draw_.between(low.value(), node.replica->high_watermark().value())});
  }
}

void Cluster::delete_records(Node& node, Offset below) {
  node.replica->on_log_start(below);
  node.log.advance_start(below);
  node.deletes_to = std::max(node.deletes_to, below);
  ghost_.note_deletion(below);
}

void Cluster::act_on_lives() {
  if (draw_.chance(1, 10)) return act_on_admission();
  // Those that are out of service come first, lest most of them stay so.
  Node* chosen = &any_node();
  for (Node& out : nodes_) {
    if ((!out.is_up || !controller_.broker(out.id).is_in_service) && draw_.chance(1, 3)) chosen = &out;
  }
  Node& node = *chosen;
  const bool sees_own_life = node.is_up && node.broker_epoch == controller_.broker(node.id).epoch;
  if (!node.is_up) {
    restart(node);
  } else if (!controller_.broker(node.id).is_in_service) {
    if (sees_own_life && draw_.chance(1, 2)) controller_.unfence(node.id);
  } else if (draw_.chance(1, 3)) {
    if (may_disturb(node.id)) controller_.fence(node.id);
  } else if (draw_.chance(1, 6)) {
    const bool loses = draw_.chance(1, 2);
    const bool is_clean = !loses && draw_.chance(1, 3);
    const bool is_legal =
        (loses || (settings_.mode == Mode::eligible && !is_clean)) ? may_lose(node.id) : may_disturb(node.id);
    if (is_legal) crash(node, loses, is_clean);
  }
  // A session that has ended: the controller notices what is down.
  Node& other = any_node();
  if (!other.is_up && draw_.chance(1, 3) && may_disturb(other.id)) controller_.fence(other.id);
}

/// KAFKA-14617's hour: who is about to be admitted to the ISR dies, and is back before the controller has decided.
void Cluster::act_on_admission() {
  for (const Message& message : network_) {
    const auto* request = std::get_if<AlterRequest>(&message.body);
    if (request == nullptr) continue;
    Node& proposed = node(request->proposal.isr.back().replica);
    const bool is_new = !is_among(controller_.candidates(), proposed.id);
    if (!is_new || !proposed.is_up || !controller_.broker(proposed.id).is_in_service) continue;
    crash(proposed, true, false);
    restart(proposed);
    return controller_.unfence(proposed.id);
  }
}

void Cluster::act_on_roles() {
  Node& node = any_node();
  const PartitionState& partition = controller_.partition();
  if (draw_.chance(2, 3)) return controller_.move_leadership(node.id);
  if (!is_among(partition.replicas, node.id)) return controller_.add_replica(node.id);
  const bool leaves_enough = partition.replicas.size() > 2 && partition.isr.size() > 1;
  if (partition.leader == node.id || partition.leader == kNoNodeId || !leaves_enough) return;
  if (settings_.mode != Mode::flushed && (!suspects_.empty() || !has_good_beside(node.id, true))) return;
  const bool returns = draw_.chance(1, 2);
  controller_.remove_replica(node.id);
  if (returns) controller_.add_replica(node.id);
}

void Cluster::crash(Node& node, bool loses, bool is_clean) {
  node.is_up = false;
  node.was_clean = is_clean;
  node.replica.reset();
  if (is_clean) node.log.flush(node.log.end());
  if (settings_.mode != Mode::flushed && !is_clean && (loses || settings_.mode == Mode::eligible)) {
    suspects_.insert(node.id);
    // An AlterPartition of its own under way might yet leave it alone in the ISR: beyond the budget.
    std::erase_if(network_, [&](const Message& message) { return message.to == kNoNodeId && message.from == node.id; });
  }
  if (!loses) return;
  ++coverage_.losses;
  const Offset kept{draw_.between(node.log.flushed().value(), node.log.end().value())};
  node.log.recover(kept);
}

void Cluster::restart(Node& node) {
  node.is_up = true;
  ++node.life;
  controller_.register_broker(node.id, node.was_clean);
  node.broker_epoch = controller_.broker(node.id).epoch;
  if (!is_among(controller_.candidates(), node.id)) suspects_.erase(node.id);
  node.seen = controller_.versions().size() - 1;
  if (settings_.mode == Mode::flushed) node.log.flush(node.log.end());  // opening a log makes it durable
  if (!is_among(controller_.partition().replicas, node.id)) {
    node.log = ModelLog();
    node.checkpointed = Offset{0};
  }
  start(node);
}

// ---- Which faults are inside the budget ----

bool Cluster::has_good_beside(NodeId node, bool in_service) const {
  const auto candidates = controller_.candidates();
  return std::any_of(candidates.begin(), candidates.end(), [&](NodeId other) {
    const bool serves = this->node(other).is_up && controller_.broker(other).is_in_service;
    return other != node && !is_suspect(other) && (!in_service || serves);
  });
}

bool Cluster::may_lose(NodeId node) const {
  if (settings_.mode == Mode::flushed) return true;
  const auto candidates = controller_.candidates();
  if (!is_among(candidates, node)) return true;
  if (settings_.mode == Mode::written) return has_good_beside(node, true);
  // Whatever ISR and ELR become, min.insync.replicas of them held what was committed.
  const auto lost = std::count_if(candidates.begin(), candidates.end(),
                                  [&](NodeId member) { return member == node || is_suspect(member); });
  return lost < controller_.min_isr() && has_good_beside(node, false);
}

/// INVARIANTS C point 12: while so many members have lost something that none of the others need have a copy, a good
/// one stays.
bool Cluster::may_disturb(NodeId node) const {
  if (settings_.mode == Mode::flushed || is_suspect(node)) return true;
  const auto candidates = controller_.candidates();
  const auto lost =
      std::count_if(candidates.begin(), candidates.end(), [&](NodeId member) { return is_suspect(member); });
  const int lost_max = settings_.mode == Mode::written ? 0 : controller_.min_isr() - 1;
  return lost <= lost_max || has_good_beside(node, true);
}

// ---- Rest ----

/// All are back, nothing fails any more. One may sleep at first, and find that the log was begun anew beyond its end.
void Cluster::settle() {
  for (Node& node : nodes_) {
    if (!node.is_up) restart(node);
    if (!controller_.broker(node.id).is_in_service) controller_.unfence(node.id);
    if (!is_among(controller_.partition().replicas, node.id)) controller_.add_replica(node.id);
  }
  constexpr int kAwake = 60;
  constexpr int kRounds = 160;
  const Node* sleeper = &any_node();
  if (sleeper->id == controller_.partition().leader) sleeper = nullptr;
  if (sleeper != nullptr && draw_.chance(1, 2)) lead_for_a_moment(node(sleeper->id));
  for (int round = 0; round < kRounds && !violation_; ++round) {
    if (round == kAwake && sleeper != nullptr) forget_what(*sleeper);
    if (round >= kAwake) sleeper = nullptr;
    settle_round(sleeper);
    const NodeId leader = controller_.partition().leader;
    if (round % 10 == 0 && round < kRounds - 40 && leader != kNoNodeId) produce(node(leader), true);
    judge();
  }
  if (!violation_) judge_rest();
}

void Cluster::hear_all(Node& node) {
  while (node.seen + 1 < controller_.versions().size()) {
    hear(node, node.seen + 1);
    judge();
  }
}

/// Beside a leader that has more: what stands last at the one is of an epoch that the other never had, and the leader's
/// records at the same offsets and above are of an earlier one.
void Cluster::lead_for_a_moment(Node& node) {
  if (controller_.partition().leader == kNoNodeId) return;
  Node& leader = this->node(controller_.partition().leader);
  hear_all(leader);
  for (int record = 0; record < 6; ++record) produce(leader, false);
  for (const NodeId next : {node.id, leader.id}) {
    controller_.move_leadership(next);
    hear_all(node);
    hear_all(leader);
    if (next == node.id) produce(node, false);
  }
}

void Cluster::forget_what(const Node& sleeper) {
  if (controller_.partition().leader == kNoNodeId) return;
  Node& leader = node(controller_.partition().leader);
  const Offset low = std::max(leader.log.start(), sleeper.log.end() + 1);
  const Offset high = leader.replica->high_watermark();
  if (leader.replica->role() != Role::leader || low > high) return;
  delete_records(leader, Offset{draw_.between(low.value(), high.value())});
}

void Cluster::settle_round(const Node* sleeper) {
  now_ += Milliseconds(10);
  for (Node& node : nodes_) {
    if (&node == sleeper) continue;
    hear_all(node);
    pump(node);
    flush(node);
    tell_controller(node);
  }
  for (std::size_t count = network_.size(); count > 0; --count) deliver(0, false);
}

}  // namespace gregor::replica
