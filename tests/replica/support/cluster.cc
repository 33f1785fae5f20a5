#include "tests/replica/support/cluster.h"

#include <algorithm>
#include <utility>

namespace gregor::replica {

namespace {

constexpr Nanoseconds kLagTimeMax = Milliseconds(300);
constexpr Nanoseconds kProposalTimeout = Milliseconds(100);
constexpr Nanoseconds kFetchTimeout = Milliseconds(60);
constexpr std::size_t kMessagesMax = 200;

std::vector<NodeId> ids_below(int count) {
  std::vector<NodeId> ids;
  for (int id = 0; id < count; ++id) ids.emplace_back(id);
  return ids;
}

}  // namespace

/// The image of the metadata as a node knows it.
class Cluster::View final : public BrokerView {
 public:
  View(const Cluster& cluster, const Node& node)
      : brokers_(cluster.controller_.versions()[node.seen].brokers), own_epoch_(node.broker_epoch) {}
  [[nodiscard]] bool may_join_isr(NodeId replica, BrokerEpoch fetched_with) const override {
    const BrokerRecord& broker = brokers_.at(replica);
    return broker.is_in_service && broker.epoch == fetched_with;
  }
  [[nodiscard]] BrokerEpoch own_epoch() const override { return own_epoch_; }

 private:
  const std::map<NodeId, BrokerRecord>& brokers_;
  BrokerEpoch own_epoch_;
};

Cluster::Cluster(std::uint64_t seed, const ClusterSettings& settings)
    : settings_(settings),
      draw_(seed),
      controller_(ids_below(settings.nodes), settings.min_insync, settings.mode == Mode::eligible) {
  loss_percent_ = draw_.below(15);
  calm_percent_ = 40 + draw_.below(50);
  alter_delay_percent_ = draw_.chance(1, 2) ? draw_.below(99) : 0;
  trouble_percent_ = 2 + draw_.below(25);
  produce_percent_ = draw_.chance(3, 4) ? 100 : 1 + draw_.below(20);
  for (const NodeId id : controller_.partition().replicas) nodes_.emplace_back(id);
  for (Node& node : nodes_) {
    node.broker_epoch = controller_.broker(node.id).epoch;
    start(node);
  }
}

void Cluster::start(Node& node) {
  const auto durability = settings_.mode == Mode::flushed ? Durability::flushed : Durability::written;
  node.replica.emplace(node.log.start(), node.log.end(), node.checkpointed, durability,
                       ReplicaSeat{.self = node.id, .lag_time_max = kLagTimeMax, .proposal_timeout = kProposalTimeout});
  node.replica->set_min_insync_replicas(settings_.min_insync);
  node.asked_at.reset();
  node.waiting.clear();
  node.deletes_to = kNoOffset;
  hear(node, node.seen);
}

void Cluster::hear(Node& node, std::size_t version) {
  node.seen = version;
  const PartitionState& state = controller_.versions()[version].partition;
  if (node.replica->would_lead(state)) node.log.assign_epoch(state.leader_epoch);
  const RoleChange change = node.replica->apply(state, now_);
  if (node.replica->role() != Role::leader) node.deletes_to = kNoOffset;
  if (change == RoleChange::leads || change == RoleChange::follows) node.asked_at.reset();
  if (change == RoleChange::leads) {
    ++coverage_.elections;
    const bool is_newest = state.leader_epoch == controller_.partition().leader_epoch;
    if (is_newest && !ghost_.is_whole_in(node.log, node.log.end())) violate("R2", "a leader lacks committed records");
  }
  if (change == RoleChange::left && !is_among(state.replicas, node.id)) {
    node.log = ModelLog();
    node.checkpointed = Offset{0};
    const std::size_t seen = node.seen;
    start(node);
    node.seen = seen;
  }
}

void Cluster::pump(Node& node) {
  if (!node.is_up || node.replica->role() != Role::follower) return;
  if (node.asked_at && now_ - *node.asked_at < kFetchTimeout) return;
  const FollowerStep step = node.replica->next_step(node.log.history());
  if (step.kind == FollowerStep::Kind::fetch) {
    send(node, node.replica->leader(),
         FetchRequest{step.request,
                      {.replica = node.id,
                       .broker_epoch = node.broker_epoch,
                       .current_leader_epoch = step.current_leader_epoch,
                       .offset = step.offset,
                       .last_fetched_epoch = step.last_fetched_epoch,
                       .log_start = node.log.start()}});
    node.asked_at = now_;
  } else {
    perform(node, step, nullptr);
  }
}

void Cluster::perform(Node& node, const FollowerStep& step, const FetchReply* reply) {
  switch (step.kind) {
    case FollowerStep::Kind::append:
      for (const ModelRecord& record : reply->records) keep(node, record);
      node.replica->on_written(node.log.end());
      node.replica->on_replicated(reply->answer);
      node.log.advance_start(node.replica->log_start_to_follow(reply->answer));
      node.replica->on_log_start(node.log.start());
      return;
    case FollowerStep::Kind::truncate:
      ++coverage_.truncations;
      node.log.truncate(step.offset);
      return node.replica->on_truncated(step.offset);
    case FollowerStep::Kind::start_over:
      ++coverage_.restarts_over;
      node.log.start_over(step.offset);
      return node.replica->on_started_over(step.offset);
    case FollowerStep::Kind::ask_range:
      send(node, node.replica->leader(), RangeRequest{step.request, step.current_leader_epoch});
      node.asked_at = now_;
      return;
    default:
      return;
  }
}

void Cluster::keep(Node& node, const ModelRecord& record) {
  node.log.append(record);
  copies_[record.value].insert(node.id);
}

void Cluster::produce(Node& node, bool acks_all) {
  if (!node.is_up || node.replica->admits_append(acks_all) != ReplicaVerdict::served) return;
  const LeaderEpoch epoch = node.replica->leader_epoch();
  if (!ghost_.note_leader(epoch, node.id)) violate("R6", "two nodes append in one epoch");
  const ModelRecord record{epoch, ++values_};
  keep(node, record);
  node.replica->on_written(node.log.end());
  if (acks_all) node.waiting.push_back({node.log.end(), record});
}

void Cluster::flush(Node& node) {
  if (!node.is_up) return;
  node.log.flush(node.log.end());
  node.replica->on_flushed(node.log.end());
}

void Cluster::tell_controller(Node& node) {
  if (!node.is_up) return;
  auto proposal = node.replica->take_alter_partition(View(*this, node), now_);
  if (proposal) send(node, kNoNodeId, AlterRequest{node.broker_epoch, std::move(*proposal)});
}

/// Those whose offset the high watermark has passed are woken, as a driver would.
void Cluster::answer_waiting(Node& node) {
  if (!node.is_up) return;
  if (node.replica->role() == Role::leader)
    ghost_.note_deleted(std::min(node.replica->low_watermark(), node.deletes_to));
  std::vector<Waiting> still;
  for (const Waiting& waiting : node.waiting) {
    if (node.replica->high_watermark() < waiting.required) {
      still.push_back(waiting);
      continue;
    }
    const auto verdict = node.replica->acknowledges(waiting.required, waiting.record.epoch);
    if (verdict != ReplicaVerdict::served) continue;
    ++coverage_.acknowledged;
    const Offset at = waiting.required - 1;
    if (!ghost_.holds(at, waiting.record)) violate("R7", "acknowledged what is not committed");
    const std::size_t replicas = controller_.versions()[node.seen].partition.replicas.size();
    const std::size_t wanted = std::min(static_cast<std::size_t>(settings_.min_insync), replicas);
    if (copies_[waiting.record.value].size() < wanted) violate("R7", "acknowledged with too few copies");
  }
  node.waiting = std::move(still);
}

// ---- The network ----

void Cluster::send(const Node& from, NodeId to, decltype(Message::body) body) {
  if (network_.size() >= kMessagesMax) network_.erase(network_.begin());
  const int to_life = to == kNoNodeId ? 0 : node(to).life;
  network_.push_back({from.id, to, from.life, to_life, std::move(body)});
}

void Cluster::deliver(std::size_t index, bool keep) {
  const Message message = network_[index];
  if (!keep) network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(index));
  if (message.to == kNoNodeId) {
    const auto& request = std::get<AlterRequest>(message.body);
    const auto before = controller_.partition().isr.size();
    Message reply{kNoNodeId, message.from, 0, message.from_life,
                  controller_.alter(message.from, request.from_epoch, request.proposal)};
    if (controller_.partition().isr.size() > before) ++coverage_.admissions;
    network_.push_back(std::move(reply));
    return;
  }
  Node& receiver = node(message.to);
  if (receiver.is_up && receiver.life == message.to_life) receive(receiver, message);
}

void Cluster::receive(Node& node, const Message& message) {
  const auto reply = [&](decltype(Message::body) body) {
    network_.push_back({node.id, message.from, node.life, message.from_life, std::move(body)});
  };
  if (const auto* fetch = std::get_if<FetchRequest>(&message.body)) {
    serve(node, message, *fetch);
  } else if (const auto* range = std::get_if<RangeRequest>(&message.body)) {
    if (node.replica->fence(range->asked_in) != ReplicaVerdict::served) return;
    reply(RangeAnswer{range->request, range->asked_in, node.log.start(), node.log.end()});
  } else if (const auto* fetched = std::get_if<FetchReply>(&message.body)) {
    const FollowerStep step = node.replica->judge(fetched->answer, node.log.history());
    if (step.kind != FollowerStep::Kind::none) node.asked_at.reset();
    perform(node, step, fetched);
  } else if (const auto* range_answer = std::get_if<RangeAnswer>(&message.body)) {
    perform(node, node.replica->judge(*range_answer), nullptr);
  } else {
    node.replica->on_alter_partition(std::get<AlterPartitionAnswer>(message.body), now_);
  }
}

void Cluster::serve(Node& node, const Message& message, const FetchRequest& request) {
  const FollowerFetch& fetch = request.fetch;
  const FetchRuling ruling = node.replica->on_follower_fetch(fetch, node.log.history(), now_);
  FetchReply reply{.answer = {.request = request.request,
                              .asked_in = fetch.current_leader_epoch,
                              .asked_offset = fetch.offset,
                              .verdict = ruling.verdict,
                              .diverging = ruling.diverging,
                              .high_watermark = node.replica->high_watermark(),
                              .log_start = node.log.start()},
                   .records = {}};
  if (ruling.agrees() && fetch.offset >= node.log.start()) {
    reply.records = node.log.read(fetch.offset, 4);
    if (!reply.records.empty()) reply.answer.base_offset = fetch.offset;
  }
  network_.push_back({node.id, message.from, node.life, message.from_life, std::move(reply)});
}

}  // namespace gregor::replica
