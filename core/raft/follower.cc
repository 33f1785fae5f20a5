// Following: fetching from the leader or in search of one, and what its answers mean for the log.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/mutant.h"
#include "raft/fsm.h"

namespace gregor::raft {

void Fsm::become_follower(LeaderEpoch epoch, NodeId leader, MonotonicTime now) {
  CHECK(leader != self_.id);
  change_role(Follower{.leader = leader, .fetch_timeout_at = now + timing_.fetch_timeout});
  persist({.epoch = epoch, .leader = leader, .voted = {}});
  fetch_again_at_ = now;
}

void Fsm::advance_role(Follower& follower, MonotonicTime now) {
  if (now < follower.fetch_timeout_at) return;
  if (may_stand()) return become_prospective(now);
  if (is_voter() && is_ready_) return;  // its log is at work, and it will be told; or it stops
  const MonotonicTime election_at = now + draw_election_timeout();
  change_role(Unattached{.election_at = election_at});
}

bool Fsm::may_fetch() const {
  if (fetching_ || log_work_ != LogWork::none) return false;
  const bool fetches_unflushed =
      MUTANT(follower_fetches_past_flush) || (!is_voter() && MUTANT(observer_fetches_past_flush));
  if (flushed_end_ != log_end() && !fetches_unflushed) return false;
  if (const auto* follower = std::get_if<Follower>(&role_)) return !follower->snapshot;
  return std::holds_alternative<Unattached>(role_) && !is_alone();
}

/// Who may not count fetches as a reader (R7, R9).
bool Fsm::fetch_counts(MonotonicTime now) const {
  return now >= counts_again_at_ && (!is_voter() || has_caught_up_);
}

FetchRequest Fsm::fetch_request(bool counts) const {
  return {.replica = counts ? std::optional(self_) : std::nullopt,
          .leader_epoch = state_.epoch,
          .fetch_offset = log_end(),
          .last_fetched_epoch = log_.last_epoch(),
          .high_watermark = high_watermark_};
}

void Fsm::fetch_if_due(MonotonicTime now) {
  if (fetching_ && now >= fetching_->gives_up_at) fetching_.reset();
  if (!may_fetch() || now < fetch_again_at_) return;
  std::optional<VoterKey> to;
  NodeId leader{-1};
  if (const auto* follower = std::get_if<Follower>(&role_)) {
    leader = follower->leader;
    const Voter* voter = find_voter(voters(), leader);
    to = voter == nullptr ? VoterKey{leader, {}} : voter->key;
  }
  const bool counts = fetch_counts(now);
  const RequestId id = send(to, fetch_request(counts));
  fetching_ = Fetching{id, leader, now + timing_.request_timeout, log_end(), counts};
}

void Fsm::on_reply(const ReplyReceived& received, const FetchReply& reply, MonotonicTime now) {
  if (!fetching_ || fetching_->id != received.request) {
    if (MUTANT(late_answer_cuts_the_log) && !reply.batches.empty() && log_work_ == LogWork::none &&
        flushed_end_ == log_end() && std::clamp(reply.batches[0].end, high_watermark_, log_end()) != log_end()) {
      log_work_ = LogWork::truncation;
      output_.truncate = std::max(reply.batches[0].end, high_watermark_);
    }
    return;
  }
  if (fetching_->leader != NodeId{-1} && fetching_->leader != received.from) return;
  const Offset from = fetching_->from;
  const bool counted = fetching_->counts;
  fetching_.reset();
  fetch_again_at_ = now + timing_.retry_backoff;
  note_beginner(received.from, reply.standing.epoch);
  auto* follower = std::get_if<Follower>(&role_);
  const bool is_of_our_leader =
      follower != nullptr && follower->leader == received.from && reply.standing.epoch == state_.epoch;
  if (is_of_our_leader && reply.standing.error == Verdict::not_leader_or_follower) {
    // It led this epoch and does no more: it will not come back to it (R4), so that there is nothing to wait for.
    follower->has_fetched = false;
    const Nanoseconds delay = succession_delay({});
    follower->fetch_timeout_at = std::min(follower->fetch_timeout_at, now + delay);
    return;
  }
  if (is_of_our_leader && counted && reply.standing.error == Verdict::duplicate_voter) return yield_place(now);
  // Only a leader serves, also one that was asked where somebody is to be found, and not by its id.
  const bool is_served = reply.standing.error == Verdict::none;
  const NodeId from_whom = is_served ? reply.standing.leader.value_or(received.from) : received.from;
  learn(from_whom, reply.standing.epoch, reply.standing.leader, now);
  follower = std::get_if<Follower>(&role_);
  if (reply.standing.error != Verdict::none || reply.standing.epoch != state_.epoch || follower == nullptr ||
      follower->leader != received.from || from != log_end()) {
    return;
  }
  fetch_again_at_ = now;
  follower->has_fetched = true;
  follower->fetch_timeout_at = now + timing_.fetch_timeout;
  if (reply.diverging) return take_divergence(*reply.diverging, now);
  if (reply.snapshot) {
    if (reply.snapshot->offset <= high_watermark_) {
      fetch_again_at_ = now + timing_.retry_backoff;
      return;
    }
    follower->snapshot = reply.snapshot;
    output_.fetch_snapshot = SnapshotWanted{follower->leader, *reply.snapshot};
    return;
  }
  if (counted) take_place(now);
  take_fetched(received, reply, from);
}

/// Another process has this node id and came first. Whoever counted the two as one voter would elect two leaders with
/// one vote, and commit what one of them never had.
void Fsm::yield_place(MonotonicTime now) {
  is_ready_ = false;
  counted_in_ = kNoLeaderEpoch;
  counts_again_at_ = now + timing_.place_is_free_after();
  fetch_again_at_ = now;
}

/// The leader counts this directory as the voter's, so that it counts no other. Who joins waits for as long as a voter
/// that lives may take to be heard by a new leader: then that one would have our place.
void Fsm::take_place(MonotonicTime now) {
  if (counted_in_ != state_.epoch && !is_voter()) {
    change_again_at_ = std::max(change_again_at_, now + timing_.fetch_timeout);
  }
  counted_in_ = state_.epoch;
  if (is_ready_ || !is_voter()) return;
  is_ready_ = true;
  output_.directory_is_ready = true;
}

/// Our log up to `from` is the leader's: its high watermark is ours as far as we have the log on disk.
void Fsm::take_fetched(const ReplyReceived& received, const FetchReply& reply, Offset from) {
  auto& follower = std::get<Follower>(role_);
  follower.leader_high_watermark = std::max(follower.leader_high_watermark, reply.high_watermark);
  raise_high_watermark(std::min(follower.leader_high_watermark, flushed_end_));
  if (reply.batches.empty() && seen_epoch_ != state_.epoch) {
    seen_epoch_ = state_.epoch;
    seen_leader_end_ = from;
  }
  note_readiness();
  Offset end = from;
  LeaderEpoch epoch = log_.last_epoch();
  for (const Batch& batch : reply.batches) {
    if (batch.end <= end || batch.epoch < epoch || batch.epoch > state_.epoch) return;  // no log looks like this
    end = batch.end;
    epoch = batch.epoch;
  }
  if (end == from) return;
  log_work_ = LogWork::fetched;
  fetched_end_ = end;
  output_.append_fetched = received.request;
}

/// A new directory may have voted, and acknowledged, in a life that it forgot. It saw where the log of this epoch's
/// leader ended; that the others committed beyond proves that a majority without us was in this epoch after our life
/// began. Whoever was elected with our forgotten vote had one of them, so that its epoch is no later than this one.
/// It counts from here on, and votes once the leader took it for the voter that it says to be.
void Fsm::note_readiness() {
  if (has_caught_up_ || seen_epoch_ != state_.epoch || high_watermark_ <= seen_leader_end_) return;
  has_caught_up_ = true;
}

/// Elections begin in epoch 1: a voter in epoch 0 has neither voted nor acknowledged anything with the directory that
/// it has. Where all of them, heard in this life, are there, whoever was elected with a vote of ours that is forgotten,
/// and whoever had what we acknowledged, has lost its disk too.
void Fsm::note_beginner(NodeId from, LeaderEpoch epoch) {
  const LeaderEpoch beginning{0};
  if (is_ready_ || !may_begin_ || !is_voter()) return;
  if (state_.epoch != beginning || epoch != beginning || find_voter(voters(), from) == nullptr) return;
  if (from != self_.id) beginners_.insert(from);
  if (beginners_.size() + 1 < voters().size()) return;
  has_caught_up_ = true;
  is_ready_ = true;
  output_.directory_is_ready = true;
}

void Fsm::take_divergence(const OffsetAndEpoch& diverging, MonotonicTime now) {
  const OffsetAndEpoch own = log_.end_of(diverging.epoch);
  const Offset end = own.epoch == diverging.epoch ? std::min(own.offset, diverging.offset) : own.offset;
  if (end >= log_end()) {
    fetch_again_at_ = now + timing_.retry_backoff;
    return;
  }
  const bool may_cut = MUTANT(committed_records_may_be_cut) && end >= log_.start().offset;
  if (end < std::max(high_watermark_, log_.start().offset) && !may_cut) {
    output_.fault = "the leader of epoch " + std::to_string(state_.epoch.value()) + " wants the log cut at offset " +
                    std::to_string(end.value()) + ", below the high watermark " +
                    std::to_string(high_watermark_.value()) + ": committed records were lost somewhere";
    return;
  }
  log_work_ = LogWork::truncation;
  output_.truncate = end;
}

void Fsm::on_request(RequestToken token, const BeginQuorumEpochRequest& begun, MonotonicTime now) {
  const auto reply = [&](Verdict verdict) { answer(token, BeginQuorumEpochReply{standing(verdict)}); };
  if (!is_same_voter(begun.voter, self_)) return reply(Verdict::invalid_voter_key);
  if (begun.epoch < state_.epoch) return reply(Verdict::fenced_leader_epoch);
  learn(begun.leader, begun.epoch, begun.leader, now);
  reply(state_.leader == begun.leader ? Verdict::none : Verdict::invalid_request);
}

void Fsm::on_request(RequestToken token, const EndQuorumEpochRequest& ended, MonotonicTime now) {
  if (ended.epoch < state_.epoch) {
    answer(token, EndQuorumEpochReply{standing(Verdict::fenced_leader_epoch)});
    return;
  }
  learn(ended.leader, ended.epoch, ended.leader, now);
  if (auto* follower = std::get_if<Follower>(&role_); follower != nullptr && follower->leader == ended.leader) {
    follower->has_fetched = false;
    const Nanoseconds delay = succession_delay(ended.preferred_successors);
    follower->fetch_timeout_at = std::min(follower->fetch_timeout_at, now + delay);
  }
  answer(token, EndQuorumEpochReply{standing()});
}

/// The first successor stands at once, each later one after those before it had their chance.
Nanoseconds Fsm::succession_delay(const std::vector<VoterKey>& successors) const {
  const auto is_self = [this](const VoterKey& key) { return is_same_voter(key, self_); };
  const auto place = std::find_if(successors.begin(), successors.end(), is_self);
  if (place != successors.end()) return timing_.election_timeout / 4 * (place - successors.begin());
  // Named by nobody: by rank of the id, which differs among voters.
  const auto rank =
      std::count_if(voters().begin(), voters().end(), [this](const Voter& voter) { return voter.key.id < self_.id; });
  return timing_.election_timeout / 8 * (static_cast<std::int64_t>(successors.size()) + rank);
}

/// One after the other by rank among those who are left; the first too waits until the others have noticed, or it would
/// ask for votes that they still owe to the leader.
Nanoseconds Fsm::delay_after_death() const {
  const auto is_ahead = [this](const Voter& voter) { return voter.key.id < self_.id && voter.key.id != state_.leader; };
  const auto rank = std::count_if(voters().begin(), voters().end(), is_ahead);
  return timing_.election_timeout / 32 * (1 + 4 * static_cast<std::int64_t>(rank));
}

void Fsm::on(const PeerGone& gone, MonotonicTime now) {
  auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr || follower->leader != gone.node) return;
  follower->has_fetched = false;
  const Nanoseconds delay = delay_after_death();
  follower->fetch_timeout_at = std::min(follower->fetch_timeout_at, now + delay);
}

void Fsm::on_reply(const ReplyReceived& received, const VoterChangeReply& reply, MonotonicTime now) {
  learn(received, reply.standing, now);
}

bool Fsm::begin_install(const OffsetAndEpoch& id) {
  const auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr || follower->snapshot != id || log_work_ != LogWork::none) return false;
  log_work_ = LogWork::snapshot;
  return true;
}

void Fsm::on(const SnapshotInstalled& installed, MonotonicTime now) {
  CHECK(log_work_ == LogWork::snapshot && installed.id.offset > high_watermark_);
  log_work_ = LogWork::none;
  snapshot_ = installed.id;
  log_ = EpochList(installed.id);
  flushed_end_ = installed.id.offset;
  if (installed.voters) voters_.reset(installed.id.offset, *installed.voters);
  raise_high_watermark(installed.id.offset);
  fetch_again_at_ = now;
  if (auto* follower = std::get_if<Follower>(&role_)) follower->snapshot.reset();
}

void Fsm::on(const SnapshotFailed&, MonotonicTime now) {
  if (auto* follower = std::get_if<Follower>(&role_)) follower->snapshot.reset();
  fetch_again_at_ = now + timing_.retry_backoff;
}

void Fsm::on(const SnapshotProgressed&, MonotonicTime now) {
  auto* follower = std::get_if<Follower>(&role_);
  if (follower != nullptr && follower->snapshot) follower->fetch_timeout_at = now + timing_.fetch_timeout;
}

}  // namespace gregor::raft
