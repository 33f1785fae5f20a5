#include "replica/leadership.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"

namespace gregor::replica {

namespace {

std::vector<NodeId> without(std::span<const NodeId> nodes, NodeId self) {
  std::vector<NodeId> others;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(others), [&](NodeId node) { return node != self; });
  return others;
}

}  // namespace

Leadership::Leadership(NodeId self, Nanoseconds lag_time_max, Nanoseconds proposal_timeout)
    : self_(self), lag_time_max_(lag_time_max), proposal_timeout_(proposal_timeout) {}

void Leadership::begin(const PartitionState& state, Offset epoch_start, MonotonicTime now) {
  CHECK(state.leader == self_);
  leader_epoch_ = state.leader_epoch;
  epoch_start_ = epoch_start;
  replica_count_ = static_cast<int>(state.replicas.size());
  recovery_ = state.recovery;
  followers_.begin_epoch(without(state.replicas, self_), state.isr, now);
  isr_.commit(state.isr, state.partition_epoch);
}

void Leadership::update(const PartitionState& state) {
  CHECK(state.leader == self_ && state.leader_epoch == leader_epoch_);
  replica_count_ = static_cast<int>(state.replicas.size());
  recovery_ = state.recovery;
  followers_.set_followers(without(state.replicas, self_));
  isr_.commit(state.isr, state.partition_epoch);
}

bool Leadership::note(const FollowerFetch& fetch, Offset log_end, MonotonicTime now) {
  return followers_.note(fetch, log_end, now);
}

bool Leadership::on_answer(const AlterPartitionAnswer& answer, MonotonicTime now) {
  return isr_.on_answer(answer, leader_epoch_, now);
}

std::optional<Offset> Leadership::committed_end(Offset held, int min_insync) const {
  if (!has_min_isr(min_insync) && !MUTANT(high_watermark_ignores_min_isr)) return std::nullopt;
  Offset end = held;
  for (const NodeId replica : isr_.maximal()) {
    if (replica != self_) end = std::min(end, followers_.end_offset(replica));
  }
  return end;
}

bool Leadership::has_min_isr(int min_insync) const {
  if (MUTANT(min_isr_is_never_checked)) return true;
  return static_cast<int>(isr_.committed().size()) >= std::min(min_insync, replica_count_);
}

bool Leadership::lags(NodeId replica, Offset log_end, MonotonicTime now) const {
  return replica != self_ && !followers_.is_caught_up(replica, log_end, now, lag_time_max_);
}

bool Leadership::may_enter(NodeId replica, const FollowerState& follower, const LeaderOffsets& offsets,
                           const BrokerView& brokers) const {
  if (!follower.asks_in || isr_.has_committed(replica) || follower.end_offset < offsets.high_watermark) return false;
  // What lies between a lagging high watermark and the epoch's start may be committed (KAFKA-7128).
  if (follower.end_offset < epoch_start_ && !MUTANT(epoch_start_is_not_awaited)) return false;
  if (follower.log_start < offsets.log_start && !MUTANT(log_start_is_not_awaited)) return false;
  return brokers.may_join_isr(replica, follower.broker_epoch);
}

IsrMember Leadership::member(NodeId replica, const BrokerView& brokers) const {
  if (replica == self_) return {replica, brokers.own_epoch()};
  const FollowerState* follower = followers_.find(replica);
  if (follower == nullptr || MUTANT(proposal_without_broker_epochs)) return {replica};
  return {replica, follower->broker_epoch};
}

std::optional<AlterPartition> Leadership::propose(const BrokerView& brokers, const LeaderOffsets& offsets,
                                                  MonotonicTime now) {
  isr_.expire(now);
  if (!isr_.may_propose(now)) return std::nullopt;
  std::vector<NodeId> wanted;
  for (const NodeId replica : isr_.committed()) {
    if (!lags(replica, offsets.log_end, now)) wanted.push_back(replica);
  }
  if (wanted.size() == isr_.committed().size()) {
    for (const auto& [replica, follower] : followers_.all()) {
      if (may_enter(replica, follower, offsets, brokers)) wanted.push_back(replica);
    }
  }
  // An unchanged ISR is proposed too where the controller may have another: what it answers settles that.
  const bool is_settled = !isr_.is_unsettled() && recovery_ == LeaderRecovery::recovered;
  if (wanted == isr_.committed() && is_settled) {
    isr_.rest();
    return std::nullopt;
  }
  AlterPartition proposal;
  proposal.leader_epoch = leader_epoch_;
  for (const NodeId replica : wanted) {
    proposal.isr.push_back(member(replica, brokers));
    followers_.silence(replica);
  }
  return isr_.propose(std::move(proposal), now, proposal_timeout_);
}

MonotonicTime Leadership::next_tick(Offset log_end) const {
  // Whoever lags, nothing can be proposed before that: a tick that is past would ring for ever.
  MonotonicTime next = isr_.next_tick();
  if (next != kForever) return next;
  for (const NodeId replica : isr_.committed()) {
    const FollowerState* follower = followers_.find(replica);
    if (follower == nullptr || follower->end_offset == log_end || !follower->caught_up_at) continue;
    next = std::min(next, *follower->caught_up_at + lag_time_max_ + Nanoseconds(1));
  }
  return next;
}

}  // namespace gregor::replica
