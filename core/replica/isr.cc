#include "replica/isr.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"

namespace gregor::replica {

namespace {

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

void Isr::commit(std::span<const NodeId> isr, PartitionEpoch partition_epoch) {
  CHECK(partition_epoch > partition_epoch_);
  adopt(isr, partition_epoch);
}

/// No proposal made in an older partition epoch can take effect any more.
void Isr::adopt(std::span<const NodeId> isr, PartitionEpoch partition_epoch) {
  committed_.assign(isr.begin(), isr.end());
  partition_epoch_ = partition_epoch;
  unknown_.clear();
  in_flight_.reset();
  failed_ = false;
}

AlterPartition Isr::propose(AlterPartition proposal, MonotonicTime now, Nanoseconds timeout) {
  CHECK(may_propose(now));
  proposal.request = ++requests_;
  proposal.partition_epoch = partition_epoch_;
  InFlight flight{.request = proposal.request, .added = {}, .until = now + timeout};
  for (const IsrMember& member : proposal.isr) {
    if (!has_committed(member.replica)) flight.added.push_back(member.replica);
  }
  in_flight_ = std::move(flight);
  failed_ = false;
  return proposal;
}

void Isr::expire(MonotonicTime now) {
  if (in_flight_ && now >= in_flight_->until) end_flight(false, now);
}

bool Isr::on_answer(const AlterPartitionAnswer& answer, LeaderEpoch leader_epoch, MonotonicTime now) {
  const bool is_awaited = in_flight_ && answer.request == in_flight_->request;
  const MonotonicTime later = now + kProposalBackoff;
  if (answer.verdict != AlterPartitionVerdict::accepted) {
    if (is_awaited) end_flight(answer.verdict == AlterPartitionVerdict::refused, later);
    return false;
  }
  const bool is_of_this_epoch = answer.leader_epoch == leader_epoch;
  const bool is_newer = answer.partition_epoch > partition_epoch_ || MUTANT(old_answer_beats_metadata);
  if (is_of_this_epoch && is_newer) {
    const bool changed = committed_ != answer.isr;
    adopt(answer.isr, answer.partition_epoch);
    return changed;
  }
  // The controller has what we have: it took nothing from this proposal. Former ones may still reach it.
  if (is_awaited) end_flight(is_of_this_epoch && answer.partition_epoch == partition_epoch_, later);
  return false;
}

void Isr::end_flight(bool fate_is_known, MonotonicTime propose_again_at) {
  if (MUTANT(failed_proposal_stays_in_flight)) return;
  if (!fate_is_known) {
    for (const NodeId added : in_flight_->added) {
      if (!holds(unknown_, added)) unknown_.push_back(added);
    }
  }
  in_flight_.reset();
  propose_again_at_ = propose_again_at;
  failed_ = true;
}

bool Isr::has_committed(NodeId replica) const {
  return holds(committed_, replica);
}

bool Isr::may_hold(NodeId replica) const {
  return holds(committed_, replica) || holds(unknown_, replica) || (in_flight_ && holds(in_flight_->added, replica));
}

std::vector<NodeId> Isr::maximal() const {
  std::vector<NodeId> all = committed_;
  all.insert(all.end(), unknown_.begin(), unknown_.end());
  if (in_flight_) all.insert(all.end(), in_flight_->added.begin(), in_flight_->added.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

MonotonicTime Isr::next_tick() const {
  if (in_flight_) return in_flight_->until;
  return failed_ ? propose_again_at_ : kForever;
}

}  // namespace gregor::replica
