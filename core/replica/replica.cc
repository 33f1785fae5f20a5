#include "replica/replica.h"

#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"

namespace gregor::replica {

const char* name_of(FencingVerdict verdict) {
  switch (verdict) {
    case FencingVerdict::served:
      return "NONE";
    case FencingVerdict::not_leader_or_follower:
      return "NOT_LEADER_OR_FOLLOWER";
    case FencingVerdict::fenced_leader_epoch:
      return "FENCED_LEADER_EPOCH";
    case FencingVerdict::unknown_leader_epoch:
      return "UNKNOWN_LEADER_EPOCH";
  }
  return "UNKNOWN_SERVER_ERROR";
}

Replica::Replica(Offset log_start, Offset log_end, std::optional<Offset> checkpointed, Durability durability)
    : log_start_(log_start),
      log_end_(log_end),
      flushed_(log_end),
      high_watermark_(std::clamp(checkpointed.value_or(log_start), log_start, log_end)),
      durability_(durability) {
  CHECK(log_start <= log_end);
}

void Replica::become_leader(LeaderEpoch epoch) {
  CHECK(epoch > leader_epoch_);
  role_ = Role::leader;
  leader_epoch_ = epoch;
  advance();
}

void Replica::resign() {
  role_ = Role::none;
}

void Replica::set_durability(Durability durability) {
  durability_ = durability;
  advance();
}

FencingVerdict Replica::fence(LeaderEpoch asked) const {
  if (asked != kNoLeaderEpoch && asked < leader_epoch_) return FencingVerdict::fenced_leader_epoch;
  if (asked != kNoLeaderEpoch && asked > leader_epoch_) return FencingVerdict::unknown_leader_epoch;
  return role_ == Role::leader ? FencingVerdict::served : FencingVerdict::not_leader_or_follower;
}

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

Offset Replica::last_stable_offset(const ProducerTable& producers) const {
  const auto unstable = producers.first_unstable_offset(high_watermark_);
  // Records of an open transaction may have been deleted: there is nothing to wait for below the log's start.
  return unstable ? std::clamp(*unstable, log_start_, high_watermark_) : high_watermark_;
}

std::optional<FencingVerdict> Replica::acknowledges(Offset required, LeaderEpoch epoch) const {
  if (role_ != Role::leader || epoch != leader_epoch_) return FencingVerdict::not_leader_or_follower;
  if (high_watermark_ >= required) return FencingVerdict::served;
  return std::nullopt;
}

/// The one member of the ISR is this replica, so what it holds is committed.
bool Replica::advance() {
  if (role_ != Role::leader) return false;
  const bool needs_flush = durability_ == Durability::flushed && !MUTANT(high_watermark_ignores_flush);
  const Offset held = needs_flush ? flushed_ : log_end_;
  if (held <= high_watermark_) return false;  // turning flushes on does not take back what was committed
  high_watermark_ = held;
  check_invariants();
  return true;
}

void Replica::check_invariants() const {
  CHECK(log_start_ <= high_watermark_ && high_watermark_ <= log_end_);
  CHECK(flushed_ <= log_end_);
}

}  // namespace gregor::replica
