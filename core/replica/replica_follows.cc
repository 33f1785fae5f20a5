// The follower: where it fetches, and what it takes from an answer.
#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "replica/replica.h"

namespace gregor::replica {

using Kind = FollowerStep::Kind;

FollowerStep Replica::step(Kind kind, Offset offset) const {
  return {.kind = kind, .offset = offset, .current_leader_epoch = leader_epoch_};
}

FollowerStep Replica::ask(Kind kind, Offset offset) {
  FollowerStep asked = step(kind, offset);
  asked.request = ++requests_;
  return asked;
}

FollowerStep Replica::next_step(std::span<const EpochEntry> history) {
  if (role_ != Role::follower) return {};
  if (MUTANT(truncate_to_high_watermark) && !agrees_with_leader_ && high_watermark_ < log_end_) {
    return step(Kind::truncate, high_watermark_);
  }
  if (is_out_of_range_) return ask(Kind::ask_range, kNoOffset);
  // To fetch at an offset is to claim that all below it is held: where the topic asks for flushes, after the flush.
  if (held() < log_end_) return {};
  FollowerStep fetch = ask(Kind::fetch, log_end_);
  if (!MUTANT(fetch_without_last_epoch)) fetch.last_fetched_epoch = latest_epoch(history);
  return fetch;
}

bool Replica::is_awaited(std::uint64_t request, LeaderEpoch asked_in) const {
  if (role_ != Role::follower) return false;
  return (request == requests_ && asked_in == leader_epoch_) || MUTANT(late_answer_is_appended);
}

FollowerStep Replica::judge(const FetchAnswer& answer, std::span<const EpochEntry> history) {
  if (!is_awaited(answer.request, answer.asked_in)) return {};
  if (answer.asked_offset != log_end_ && !MUTANT(late_answer_is_appended)) return {};
  if (answer.verdict == ReplicaVerdict::offset_out_of_range) {
    is_out_of_range_ = true;
    return ask(Kind::ask_range, kNoOffset);
  }
  if (answer.verdict != ReplicaVerdict::served) return {};
  if (MUTANT(high_watermark_before_divergence)) learn_high_watermark(answer.high_watermark);
  // An answer of range below which nothing is to be had: no leader that checks the range first gives it.
  if (answer.log_start > answer.asked_offset) return {};
  if (answer.diverging) return cut(truncation_offset(view(history), *answer.diverging), history);
  agrees_with_leader_ = true;
  const bool is_next = answer.base_offset == kNoOffset || answer.base_offset >= log_end_ || log_start_ == log_end_;
  if (!is_next && !MUTANT(late_answer_is_appended)) return {};
  return step(Kind::append, answer.base_offset);
}

/// A cut at the log's end still drops an epoch in which this node led and wrote nothing; one that takes nothing away
/// would be repeated for ever.
FollowerStep Replica::cut(Offset offset, std::span<const EpochEntry> history) const {
  const bool drops_epoch = !history.empty() && history.back().start_offset >= log_end_;
  if (offset < Offset{0} || offset > log_end_ || (offset == log_end_ && !drops_epoch)) return {};
  return step(offset < log_start_ ? Kind::start_over : Kind::truncate, offset);
}

FollowerStep Replica::judge(const RangeAnswer& answer) {
  if (!is_awaited(answer.request, answer.asked_in)) return {};
  is_out_of_range_ = false;
  if (answer.log_start < Offset{0} || answer.log_end < answer.log_start) return {};
  if (answer.log_end < log_end_) return cut(answer.log_end, {});
  if (answer.log_start > log_end_) return step(Kind::start_over, answer.log_start);
  return {};
}

bool Replica::on_replicated(const FetchAnswer& answer) {
  if (!is_awaited(answer.request, answer.asked_in) || answer.diverging || !agrees_with_leader_) return false;
  const Offset before = high_watermark_;
  learn_high_watermark(answer.high_watermark);
  return high_watermark_ != before;
}

Offset Replica::log_start_to_follow(const FetchAnswer& answer) const {
  if (!is_awaited(answer.request, answer.asked_in) || answer.diverging || !agrees_with_leader_) return log_start_;
  return std::max(log_start_, std::min(answer.log_start, high_watermark_));
}

/// The leader's may be behind ours where it is new in its office; what we know to be committed stays so.
void Replica::learn_high_watermark(Offset leaders) {
  high_watermark_ = std::max(high_watermark_, std::min(leaders, log_end_));
  check_invariants();
}

}  // namespace gregor::replica
