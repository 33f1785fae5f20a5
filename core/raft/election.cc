// Elections: pre-vote, vote, and what a node learns of epochs and leaders (KIP-595, KIP-996).
#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "raft/fsm.h"

namespace gregor::raft {

bool Fsm::is_alone() const {
  return voters().size() == 1 && is_voter();
}

bool Fsm::may_stand() const {
  return is_voter() && is_ready_ && !is_shutting_down_ && log_work_ == LogWork::none;
}

bool Fsm::has_live_leader() const {
  const auto* follower = std::get_if<Follower>(&role_);
  return is_leader() || (follower != nullptr && follower->has_fetched);
}

Nanoseconds Fsm::draw_election_timeout() {
  const auto base = timing_.election_timeout.count();
  return Nanoseconds(base + (base > 0 ? random_.between(0, base) : 0));
}

/// Doubles with every election lost in a row, up to the largest; then at random, so that rivals part.
Nanoseconds Fsm::draw_backoff() {
  const int doublings = std::min(elections_lost_, 10);
  const auto most = std::min(timing_.election_backoff_max.count(), timing_.retry_backoff.count() << doublings);
  return Nanoseconds(random_.between(0, std::max<std::int64_t>(most, 1)));
}

void Fsm::advance_role(Unattached& unattached, MonotonicTime now) {
  if (now >= unattached.election_at && may_stand()) become_prospective(now);
}

void Fsm::advance_role(Prospective& prospective, MonotonicTime now) {
  if (now >= prospective.gives_up_at) return give_up_election(now);
  const VoteRequest asked{self_, state_.epoch, {}, log_.end_and_epoch(), true};
  ask_due(prospective.round, now, asked);
}

void Fsm::advance_role(Candidate& candidate, MonotonicTime now) {
  // An election that waits for its own disk is not begun again: the disk answers or the node halts.
  if (!candidate.vote_is_durable) return;
  if (now >= candidate.gives_up_at) return may_stand() ? become_prospective(now) : give_up_election(now);
  if (candidate.is_lost) return;
  const VoteRequest asked{self_, state_.epoch, {}, log_.end_and_epoch(), false};
  ask_due(candidate.round, now, asked);
}

void Fsm::become_unattached(LeaderEpoch epoch, MonotonicTime now) {
  // Who waits for its election goes on waiting: another's candidacy is no reason to begin again (INVARIANTS 54).
  MonotonicTime election_at = kForever;
  if (const auto* unattached = std::get_if<Unattached>(&role_)) {
    election_at = unattached->election_at;
  } else if (const auto* prospective = std::get_if<Prospective>(&role_)) {
    election_at = prospective->gives_up_at;
  } else if (const auto* candidate = std::get_if<Candidate>(&role_)) {
    election_at = candidate->gives_up_at;
  } else {
    election_at = now + draw_election_timeout();
  }
  change_role(Unattached{.election_at = election_at});
  persist({.epoch = epoch, .leader = {}, .voted = {}});
}

void Fsm::become_prospective(MonotonicTime now) {
  if (is_alone()) return become_candidate(now);
  if (MUTANT(epoch_raised_before_pre_vote)) persist({.epoch = state_.epoch + 1, .leader = {}, .voted = {}});
  const MonotonicTime gives_up_at = now + draw_election_timeout();
  change_role(Prospective{.gives_up_at = gives_up_at, .round = Round(voters(), self_, now)});
  advance_role(std::get<Prospective>(role_), now);
}

void Fsm::become_candidate(MonotonicTime now) {
  CHECK(may_stand());
  const MonotonicTime gives_up_at = now + draw_election_timeout();
  change_role(Candidate{.gives_up_at = gives_up_at, .round = Round(voters(), self_, now)});
  persist({.epoch = state_.epoch + 1, .leader = {}, .voted = self_});
}

void Fsm::give_up_election(MonotonicTime now) {
  if (state_.leader && *state_.leader != self_.id) return become_follower(state_.epoch, *state_.leader, now);
  const MonotonicTime election_at = now + draw_election_timeout();
  change_role(Unattached{.election_at = election_at});
}

void Fsm::count_votes(MonotonicTime now) {
  const Round& votes = *round();
  const auto* candidate = std::get_if<Candidate>(&role_);
  const std::size_t own = candidate == nullptr || candidate->vote_is_durable ? 1 : 0;
  const bool is_elected = votes.count(Round::Answer::yes) + own >= majority_of(voters());
  const bool is_lost = votes.count(Round::Answer::no) > voters().size() - majority_of(voters());
  if (candidate != nullptr) {
    if (is_elected) return become_leader();
    if (!is_lost || candidate->is_lost) return;
    ++elections_lost_;
    auto& loser = std::get<Candidate>(role_);
    loser.is_lost = true;
    loser.gives_up_at = now + draw_backoff();
  } else if (is_elected && may_stand()) {
    become_candidate(now);
  } else if (is_lost) {
    give_up_election(now);
  }
}

void Fsm::become_leader() {
  std::vector<VoterKey> granted;
  for (const Voter& voter : voters()) {
    const auto& peers = round()->peers();
    const bool is_ours = is_same_voter(voter.key, self_);
    const bool has_granted = std::any_of(peers.begin(), peers.end(), [&](const Round::Peer& peer) {
      return peer.key == voter.key && peer.answer == Round::Answer::yes;
    });
    if (is_ours || has_granted) granted.push_back(voter.key);
  }
  elections_lost_ = 0;
  change_role(Leader{.epoch_start = log_end(), .granted = std::move(granted)});
  persist({.epoch = state_.epoch, .leader = self_.id, .voted = {}});
}

/// One vote in an epoch, and none where its leader is known; a pre-vote promises nothing, but not over a leader's head.
bool Fsm::may_grant(const VoteRequest& asked) const {
  if (!is_ready_ || is_leader()) return false;
  // A static list is the same everywhere; who is in another one is no voter of this quorum. Lists of a log may lag.
  if (kraft_version_ == 0 && find_voter(voters(), asked.candidate) == nullptr) return false;
  if (!is_up_to_date(asked.log_end, log_.end_and_epoch())) return false;
  if (asked.is_pre_vote) return !has_live_leader() || MUTANT(pre_vote_over_a_live_leader);
  if (state_.leader) return false;
  return !state_.voted || *state_.voted == asked.candidate;
}

void Fsm::on_request(RequestToken token, const VoteRequest& asked, MonotonicTime now) {
  const auto refuse = [&](Verdict verdict) { answer(token, VoteReply{standing(verdict), false}); };
  const LeaderEpoch last_epoch_max = asked.is_pre_vote ? asked.epoch : asked.epoch - 1;
  if (asked.candidate.id == self_.id || asked.log_end.epoch > last_epoch_max) return refuse(Verdict::invalid_request);
  if (!is_same_voter(asked.voter, self_)) return refuse(Verdict::invalid_voter_key);
  if (asked.epoch < state_.epoch) return refuse(Verdict::fenced_leader_epoch);
  if (asked.is_pre_vote && has_live_leader() && !MUTANT(pre_vote_over_a_live_leader)) return refuse(Verdict::none);
  learn(asked.candidate.id, asked.epoch, {}, now);
  const bool is_granted = may_grant(asked);
  if (is_granted && !asked.is_pre_vote && !state_.voted) {
    // The candidate has as good a chance as we have: it gets the time for it.
    const MonotonicTime election_at = now + draw_election_timeout();
    change_role(Unattached{.election_at = election_at});
    persist({.epoch = state_.epoch, .leader = {}, .voted = asked.candidate});
  }
  answer(token, VoteReply{standing(), is_granted});
}

void Fsm::on_reply(const ReplyReceived& received, const VoteReply& reply, MonotonicTime now) {
  learn(received, reply.standing, now);
  if (!std::holds_alternative<Prospective>(role_) && !std::holds_alternative<Candidate>(role_)) return;
  const bool is_of_this_epoch = reply.standing.epoch == state_.epoch || MUTANT(vote_reply_of_another_round);
  const bool is_granted = reply.is_granted && is_of_this_epoch;
  const auto answer = is_granted ? Round::Answer::yes : Round::Answer::no;
  if (round()->answered(received.request, received.from, answer)) count_votes(now);
}

void Fsm::learn(NodeId from, LeaderEpoch epoch, std::optional<NodeId> named, MonotonicTime now) {
  const NodeId nobody{-1};
  const NodeId leader = named && *named != self_.id ? *named : nobody;  // we know best whether we lead
  if (epoch > state_.epoch) {
    leader == nobody ? become_unattached(epoch, now) : become_follower(epoch, leader, now);
    return;
  }
  if (epoch < state_.epoch || leader == nobody || std::holds_alternative<Follower>(role_)) return;
  if (state_.leader && (*state_.leader != leader || from != leader)) return;  // an epoch has one leader, and we know it
  become_follower(epoch, leader, now);
}

}  // namespace gregor::raft
