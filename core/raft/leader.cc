// Leading: judging fetches, committing, naming oneself, and giving up.
#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "raft/fsm.h"

namespace gregor::raft {

void Fsm::begin_epoch(MonotonicTime now) {
  auto& leading = std::get<Leader>(role_);
  CHECK(log_work_ == LogWork::none && leading.epoch_start == log_end());
  leading.leadership_is_durable = true;
  leading.others.emplace(self_, now, timing_.check_quorum_time());
  leading.heralds = Round(voters(), self_, now);
  log_work_ = LogWork::lead;
  output_.lead = Lead{state_.epoch, leading.granted, {}};
  if (kraft_version_ > 0 && voters_offset() == kNoOffset) output_.lead->first_voters = voters();
}

void Fsm::advance_role(Leader& leading, MonotonicTime now) {
  if (!leading.leadership_is_durable) return;
  if (leading.others->has_lost_quorum(voters(), now)) return resign(now);
  for (const VoterKey& key : leading.heralds.due(now)) {
    if (leading.others->has_fetched_since(key, now - timing_.herald_interval())) {
      leading.heralds.put_off(key, now + timing_.herald_interval());
    }
  }
  const BeginQuorumEpochRequest herald{self_.id, state_.epoch, {}};
  ask_due(leading.heralds, now, herald);
}

void Fsm::resign(MonotonicTime now) {
  const auto& leading = std::get<Leader>(role_);
  std::vector<VoterKey> successors;
  if (leading.others) successors = leading.others->successors(voters());
  const MonotonicTime election_at = now + draw_election_timeout();
  change_role(Resigned{election_at, Round(voters(), self_, now), std::move(successors)});
  advance_role(std::get<Resigned>(role_), now);
}

void Fsm::advance_role(Resigned& resigned, MonotonicTime now) {
  if (now < resigned.election_at) {
    const EndQuorumEpochRequest farewell{self_.id, state_.epoch, resigned.successors};
    return ask_due(resigned.farewell, now, farewell);
  }
  if (may_stand()) return become_prospective(now);
  if (is_voter() && is_ready_) return;  // its log is at work, and it will be told; or it stops
  change_role(Unattached{.election_at = resigned.election_at});
}

/// What a leader of this epoch says to a fetch, by KIP-595's rules: valid, diverging, or too old for our log.
FetchReply Fsm::judge_fetch(const FetchRequest& asked) const {
  FetchReply reply{.standing = standing()};
  const OffsetAndEpoch& start = log_.start();
  const bool is_at_start = asked.fetch_offset == start.offset && asked.last_fetched_epoch == start.epoch;
  if (asked.fetch_offset == Offset{0} && snapshot_ && snapshot_->offset > Offset{0}) {
    reply.snapshot = snapshot_;  // shorter than the log that it stands for
    return reply;
  }
  const OffsetAndEpoch end = log_.end_of(asked.last_fetched_epoch);
  if (is_at_start || (asked.fetch_offset > start.offset && end.epoch == asked.last_fetched_epoch &&
                      asked.fetch_offset <= end.offset)) {
    reply.read_from = asked.fetch_offset;
  } else if (start.offset > Offset{0} &&
             (asked.fetch_offset <= start.offset || asked.last_fetched_epoch < start.epoch)) {
    reply.snapshot = snapshot_;
    if (!snapshot_) reply.standing.error = Verdict::invalid_request;  // a log that begins later has one (K4)
  } else {
    reply.diverging = end;
  }
  return reply;
}

void Fsm::on_request(RequestToken token, const FetchRequest& asked, MonotonicTime now) {
  const auto refuse = [&](Verdict verdict) { answer(token, FetchReply{.standing = standing(verdict)}); };
  if (asked.fetch_offset < Offset{0} || asked.last_fetched_epoch > asked.leader_epoch) {
    return refuse(Verdict::invalid_request);
  }
  if (asked.replica && asked.replica->id == self_.id) {
    const bool is_another = asked.replica->directory_id != Uuid{} && asked.replica->directory_id != self_.directory_id;
    return refuse(is_another ? Verdict::duplicate_voter : Verdict::invalid_request);
  }
  if (asked.leader_epoch < state_.epoch) return refuse(Verdict::fenced_leader_epoch);
  if (asked.leader_epoch > state_.epoch) return refuse(Verdict::unknown_leader_epoch);
  auto* leading = std::get_if<Leader>(&role_);
  if (leading == nullptr || !leading->leadership_is_durable) return refuse(Verdict::not_leader_or_follower);
  if (asked.replica && leading->others->is_taken(voters(), *asked.replica, now, timing_.fetch_timeout)) {
    return refuse(Verdict::duplicate_voter);
  }
  FetchReply reply = judge_fetch(asked);
  if (asked.replica && reply.read_from) {
    leading->others->fetched(voters(), *asked.replica, asked.fetch_offset, log_end(), now);
    commit();
  } else if (asked.replica) {
    leading->others->heard(voters(), *asked.replica, now);
  }
  if (leading->is_established) reply.high_watermark = high_watermark_;
  answer(token, std::move(reply));
}

void Fsm::commit() {
  auto& leading = std::get<Leader>(role_);
  if (!leading.leadership_is_durable) return;
  const Offset own_end = MUTANT(leader_counts_its_unflushed_end) ? log_end() : flushed_end_;
  const Offset end = leading.others->majority_end(voters(), own_end);
  // Raft §5.4.2: only a record of the own epoch commits, and all before it.
  if (end <= leading.epoch_start && !(MUTANT(commit_without_own_epoch) && end > high_watermark_)) return;
  leading.is_established = leading.is_established || end > leading.epoch_start;
  raise_high_watermark(end);
}

void Fsm::on_reply(const ReplyReceived& received, const BeginQuorumEpochReply& reply, MonotonicTime now) {
  learn(received, reply.standing, now);
  // Whoever knows us will fetch; who does not is told again.
  if (auto* leading = std::get_if<Leader>(&role_)) {
    leading->heralds.failed(received.request, now + timing_.herald_interval());
  }
}

void Fsm::on_reply(const ReplyReceived& received, const EndQuorumEpochReply& reply, MonotonicTime now) {
  learn(received, reply.standing, now);
  if (auto* resigned = std::get_if<Resigned>(&role_)) {
    resigned->farewell.answered(received.request, received.from, Round::Answer::yes);
  }
}

void Fsm::on(const SnapshotTaken& taken, MonotonicTime) {
  CHECK(taken.id.offset <= high_watermark_ && taken.log_start.offset <= taken.id.offset);
  snapshot_ = taken.id;
  if (taken.log_start.offset <= log_.start().offset) return;
  log_.trim(taken.log_start);
  voters_.trim(taken.log_start.offset);
}

void Fsm::on(const SnapshotServed& served, MonotonicTime now) {
  auto* leading = std::get_if<Leader>(&role_);
  if (leading == nullptr || !leading->others) return;
  if (leading->others->is_taken(voters(), served.replica, now, timing_.fetch_timeout)) return;
  leading->others->heard(voters(), served.replica, now);
}

}  // namespace gregor::raft
