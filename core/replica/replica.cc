#include "replica/replica.h"

#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"

namespace gregor::replica {

Replica::Replica(Offset log_start, Offset log_end, std::optional<Offset> checkpointed, Durability durability,
                 ReplicaSeat seat)
    : seat_(seat),
      log_start_(log_start),
      log_end_(log_end),
      flushed_(log_end),
      high_watermark_(std::clamp(checkpointed.value_or(log_start), log_start, log_end)),
      durability_(durability),
      leadership_(seat.self, seat.lag_time_max, seat.proposal_timeout) {
  CHECK(log_start <= log_end);
}

// ---- What the metadata says ----

RoleChange Replica::apply(const PartitionState& state, MonotonicTime now) {
  if (state.partition_epoch <= partition_epoch_ || state.leader_epoch < leader_epoch_) return RoleChange::ignored;
  const RoleChange change = take_role(state, now);
  partition_epoch_ = state.partition_epoch;
  leader_epoch_ = state.leader_epoch;
  leader_ = state.leader;
  advance();
  return change;
}

RoleChange Replica::take_role(const PartitionState& state, MonotonicTime now) {
  const bool is_replica = std::find(state.replicas.begin(), state.replicas.end(), seat_.self) != state.replicas.end();
  const Role before = role_;
  if (!is_replica || state.leader == kNoNodeId) {
    role_ = Role::none;
    return before == Role::none ? RoleChange::updated : RoleChange::left;
  }
  const bool is_new_epoch = state.leader_epoch > leader_epoch_;
  if (state.leader == seat_.self && before != Role::leader && !is_new_epoch) return RoleChange::ignored;  // not twice
  role_ = state.leader == seat_.self ? Role::leader : Role::follower;
  if (before == role_ && !is_new_epoch) {
    if (role_ == Role::leader) leadership_.update(state);
    return RoleChange::updated;
  }
  agrees_with_leader_ = false;
  is_out_of_range_ = false;
  if (role_ == Role::follower) return RoleChange::follows;
  leadership_.begin(state, log_end_, now);
  return RoleChange::leads;
}

bool Replica::would_lead(const PartitionState& state) const {
  return state.leader == seat_.self && state.partition_epoch > partition_epoch_ && state.leader_epoch > leader_epoch_;
}

void Replica::become_leader(LeaderEpoch epoch) {
  CHECK(epoch > leader_epoch_);
  apply({.leader = seat_.self,
         .leader_epoch = epoch,
         .partition_epoch = partition_epoch_ + 1,
         .replicas = {seat_.self},
         .isr = {seat_.self}},
        {});
}

void Replica::resign() {
  role_ = Role::none;
}

void Replica::set_durability(Durability durability) {
  durability_ = durability;
  advance();
}

bool Replica::set_min_insync_replicas(int count) {
  min_insync_ = count;
  return advance();
}

// ---- What became of the log ----

bool Replica::on_written(Offset log_end) {
  CHECK(log_end >= log_end_);
  log_end_ = log_end;
  return advance();
}

bool Replica::on_flushed(Offset offset) {
  CHECK(offset <= log_end_);
  flushed_ = std::max(flushed_, offset);
  return advance();
}

bool Replica::on_log_start(Offset log_start) {
  CHECK(log_start <= high_watermark_);
  if (log_start <= log_start_) return false;
  log_start_ = log_start;
  check_invariants();
  return true;
}

void Replica::on_truncated(Offset log_end) {
  CHECK(role_ != Role::leader && log_end <= log_end_);
  log_end_ = log_end;
  flushed_ = std::min(flushed_, log_end);
  log_start_ = std::min(log_start_, log_end);
  high_watermark_ = std::min(high_watermark_, log_end);
  check_invariants();
}

void Replica::on_started_over(Offset offset) {
  CHECK(role_ != Role::leader);
  log_start_ = log_end_ = flushed_ = high_watermark_ = offset;
}

// ---- Asked of any replica ----

ReplicaVerdict Replica::fence(LeaderEpoch asked, AnsweredBy by) const {
  if (asked != kNoLeaderEpoch && !MUTANT(leader_epoch_is_not_fenced)) {
    if (asked < leader_epoch_) return ReplicaVerdict::fenced_leader_epoch;
    if (asked > leader_epoch_) return ReplicaVerdict::unknown_leader_epoch;
  }
  const bool serves = role_ == Role::leader || (role_ == Role::follower && by == AnsweredBy::any_replica);
  return serves ? ReplicaVerdict::served : ReplicaVerdict::not_leader_or_follower;
}

FetchRuling Replica::judge_read(const ReaderPosition& reader, LeaderEpoch asked, AnsweredBy by,
                                std::span<const EpochEntry> history) const {
  const ReplicaVerdict fenced = fence(asked, by);
  if (fenced != ReplicaVerdict::served) return {fenced};
  return judge_position(view(history), reader);
}

EpochEnd Replica::end_of_epoch(LeaderEpoch asked, std::span<const EpochEntry> history) const {
  return epoch_end_in(view(history), asked);
}

Offset Replica::readable_end() const {
  if (role_ == Role::follower && MUTANT(follower_reads_to_log_end)) return log_end_;
  return high_watermark_;
}

LatestOffset Replica::latest_offset() const {
  // What a former leader answered may lie between our high watermark and the epoch's start (KIP-207).
  const bool lags = role_ == Role::leader && high_watermark_ < leadership_.epoch_start();
  if (lags && !MUTANT(latest_offset_before_epoch_start)) return {ReplicaVerdict::offset_not_available};
  return {ReplicaVerdict::served, high_watermark_};
}

Offset Replica::last_stable_offset(const ProducerTable& producers) const {
  const auto unstable = producers.first_unstable_offset(high_watermark_);
  // Records of an open transaction may have been deleted: there is nothing to wait for below the log's start.
  return unstable ? std::clamp(*unstable, log_start_, high_watermark_) : high_watermark_;
}

PartitionEpoch Replica::partition_epoch() const {
  return partition_epoch_;
}

bool Replica::needs_flush() const {
  return durability_ == Durability::flushed && !MUTANT(high_watermark_ignores_flush);
}

Offset Replica::held() const {
  return needs_flush() ? flushed_ : log_end_;
}

void Replica::check_invariants() const {
  CHECK(log_start_ <= high_watermark_ && high_watermark_ <= log_end_);
  CHECK(flushed_ <= log_end_);
}

}  // namespace gregor::replica
