// The leader: what it admits, counts, commits and acknowledges.
#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "replica/replica.h"

namespace gregor::replica {

ReplicaVerdict Replica::admits_append(bool acks_all) const {
  if (role_ != Role::leader) return ReplicaVerdict::not_leader_or_follower;
  const bool has_enough = !acks_all || has_min_isr();
  return has_enough ? ReplicaVerdict::served : ReplicaVerdict::not_enough_replicas;
}

std::optional<ReplicaVerdict> Replica::acknowledges(Offset required, LeaderEpoch epoch) const {
  if (role_ != Role::leader) return ReplicaVerdict::not_leader_or_follower;
  if (epoch != leader_epoch_ && !MUTANT(acknowledged_by_offset_alone)) return ReplicaVerdict::not_leader_or_follower;
  if (high_watermark_ < required) return std::nullopt;
  const bool has_enough = has_min_isr();
  return has_enough ? ReplicaVerdict::served : ReplicaVerdict::not_enough_replicas_after_append;
}

FetchRuling Replica::on_follower_fetch(const FollowerFetch& fetch, std::span<const EpochEntry> history,
                                       MonotonicTime now) {
  const ReplicaVerdict fenced = fence(fetch.current_leader_epoch);
  if (fenced != ReplicaVerdict::served && !(role_ == Role::leader && MUTANT(followers_counted_across_epochs))) {
    return {fenced};
  }
  const ReaderPosition follower{fetch.offset, fetch.last_fetched_epoch};
  FetchRuling ruling = judge_position(view(history), follower);
  if (ruling.agrees() && has_compared(view(history), follower, fetch.log_start)) {
    if (!leadership_.note(fetch, log_end_, now)) return {ReplicaVerdict::not_leader_or_follower};
    ruling.high_watermark_moved = advance();
  }
  if (fenced != ReplicaVerdict::served) return {fenced};
  return ruling;
}

std::optional<AlterPartition> Replica::take_alter_partition(const BrokerView& brokers, MonotonicTime now) {
  if (role_ != Role::leader) return std::nullopt;
  const LeaderOffsets offsets{.high_watermark = high_watermark_, .log_start = log_start_, .log_end = log_end_};
  return leadership_.propose(brokers, offsets, now);
}

bool Replica::on_alter_partition(const AlterPartitionAnswer& answer, MonotonicTime now) {
  if (role_ != Role::leader) return false;
  leadership_.on_answer(answer, now);
  partition_epoch_ = leadership_.isr().partition_epoch();
  return advance();
}

MonotonicTime Replica::next_tick() const {
  return role_ == Role::leader ? leadership_.next_tick(log_end_) : kForever;
}

std::vector<ReadCandidate> Replica::read_candidates(Offset offset, MonotonicTime now) const {
  std::vector<ReadCandidate> candidates;
  if (role_ != Role::leader) return candidates;
  candidates.push_back({.replica = seat_.self, .end_offset = log_end_, .is_leader = true});
  for (const auto& [replica, follower] : leadership_.followers().all()) {
    const bool holds_it = follower.log_start <= offset && offset <= follower.end_offset;
    if (!holds_it || !follower.caught_up_at || !leadership_.isr().has_committed(replica)) continue;
    candidates.push_back(
        {.replica = replica, .end_offset = follower.end_offset, .since_caught_up = now - *follower.caught_up_at});
  }
  return candidates;
}

Offset Replica::low_watermark() const {
  if (!has_min_isr()) return kNoOffset;
  Offset low = log_start_;
  for (const auto& [replica, follower] : leadership_.followers().all()) {
    if (leadership_.isr().may_hold(replica)) low = std::min(low, follower.log_start);
  }
  return low;
}

/// Everything below the least of what the ISR holds is committed; what was committed stays so.
bool Replica::advance() {
  if (role_ != Role::leader) return false;
  const auto end = leadership_.committed_end(held(), min_insync_);
  if (!end || *end <= high_watermark_) return false;
  high_watermark_ = *end;
  check_invariants();
  return true;
}

}  // namespace gregor::replica
