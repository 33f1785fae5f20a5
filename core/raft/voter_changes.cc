// Changing who votes (KIP-853): one voter at a time, each change committed before the next (INVARIANTS 55).
#include <utility>

#include "base/mutant.h"
#include "raft/fsm.h"

namespace gregor::raft {

/// Majorities of two sets that differ by one voter overlap; those of sets that differ by more need not. So the last set
/// must be committed, and so must a record of this epoch: before, a set of a former epoch may still come back.
Verdict Fsm::may_change_voters() const {
  const auto* leading = std::get_if<Leader>(&role_);
  if (leading == nullptr || !leading->leadership_is_durable) return Verdict::not_leader_or_follower;
  if (kraft_version_ < 1) return Verdict::unsupported_version;
  if (MUTANT(voter_change_over_a_voter_change)) return Verdict::none;
  if (change_ || !leading->is_established || voters_offset() >= high_watermark_) return Verdict::request_timed_out;
  return Verdict::none;
}

void Fsm::begin_voter_change(RequestToken token, VoterSet voters, MonotonicTime now) {
  change_ = VoterChange{token, std::move(voters), now + timing_.request_timeout};
}

void Fsm::answer_voter_change(Verdict verdict) {
  if (!change_ || change_->is_answered) return;
  change_->is_answered = true;
  answer(change_->token, VoterChangeReply{standing(verdict)});
}

void Fsm::advance_voter_change(MonotonicTime now) {
  const auto* leading = std::get_if<Leader>(&role_);
  if (leading == nullptr) return;
  const bool is_committed = change_ && change_->end && high_watermark_ >= *change_->end;
  const bool is_written = change_ && change_->end && !change_->is_answered_when_committed;
  if (is_committed || is_written) answer_voter_change(Verdict::none);
  if (is_committed) change_.reset();
  if (change_ && now >= change_->gives_up_at) {
    // What is in the log may still be committed; until it is, no other change is taken.
    answer_voter_change(Verdict::request_timed_out);
    if (!change_->is_asked_for) change_.reset();
  }
  if (change_ && !change_->is_asked_for && log_work_ == LogWork::none) {
    change_->is_asked_for = true;
    log_work_ = LogWork::voters;
    output_.append_voters = change_->voters;
  }
  // Who was removed leads until its removal is committed, without counting itself; then others must be asked.
  if (leading->is_established && !is_voter() && high_watermark_ > voters_offset()) resign(now);
}

/// Of a voter whose address has changed; of who joins by itself, that its former directory is no voter any more, then
/// that it is one. The leader of this epoch knows us by then, and said that nobody else has our place (R9).
std::optional<Request> Fsm::wanted_change() const {
  const auto* follower = std::get_if<Follower>(&role_);
  if (kraft_version_ < 1 || described_.endpoints.empty() || follower == nullptr || !follower->has_fetched) return {};
  if (const Voter* listed = find_voter(voters(), self_)) {
    if (*listed == described_) return {};
    return UpdateVoterRequest{state_.epoch, described_};
  }
  if (!joins_ || voters().empty() || counted_in_ != state_.epoch) return {};
  const Voter* former = find_voter(voters(), self_.id);
  if (former != nullptr && !MUTANT(former_directory_keeps_the_place)) return RemoveVoterRequest{former->key};
  return AddVoterRequest{described_, false};
}

/// Until the list has it.
void Fsm::ask_for_change_if_due(MonotonicTime now) {
  if (now < change_again_at_) return;
  const auto wanted = wanted_change();
  if (!wanted) return;
  const auto& follower = std::get<Follower>(role_);
  const Voter* leader = find_voter(voters(), follower.leader);
  const VoterKey to = leader == nullptr ? VoterKey{follower.leader, {}} : leader->key;
  send(to, *wanted);
  change_again_at_ = now + timing_.fetch_timeout;
}

void Fsm::on_request(RequestToken token, const AddVoterRequest& asked, MonotonicTime now) {
  const auto refuse = [&](Verdict verdict) { answer(token, VoterChangeReply{standing(verdict)}); };
  if (const Verdict verdict = may_change_voters(); verdict != Verdict::none) return refuse(verdict);
  const Voter& voter = asked.voter;
  if (voter.key.directory_id.is_zero() || voters().size() >= kVotersMax) return refuse(Verdict::invalid_request);
  if (voter.kraft_version_min > kraft_version_ || voter.kraft_version_max < kraft_version_) {
    return refuse(Verdict::invalid_request);
  }
  if (find_voter(voters(), voter.key.id) != nullptr) return refuse(Verdict::duplicate_voter);
  const auto& leading = std::get<Leader>(role_);
  // A voter that has yet to catch up would be one more that commits wait for.
  const bool is_caught_up = leading.others->is_caught_up(voter.key, now, timing_.check_quorum_time());
  if (!is_caught_up) return refuse(Verdict::request_timed_out);
  begin_voter_change(token, with_voter(voters(), voter), now);
  change_->is_answered_when_committed = asked.is_answered_when_committed;
}

void Fsm::on_request(RequestToken token, const RemoveVoterRequest& asked, MonotonicTime now) {
  const auto refuse = [&](Verdict verdict) { answer(token, VoterChangeReply{standing(verdict)}); };
  if (const Verdict verdict = may_change_voters(); verdict != Verdict::none) return refuse(verdict);
  if (find_voter(voters(), asked.voter) == nullptr) return refuse(Verdict::voter_not_found);
  if (voters().size() == 1) return refuse(Verdict::invalid_request);
  begin_voter_change(token, without_voter(voters(), asked.voter.id), now);
}

void Fsm::on_request(RequestToken token, const UpdateVoterRequest& asked, MonotonicTime now) {
  const auto refuse = [&](Verdict verdict) { answer(token, VoterChangeReply{standing(verdict)}); };
  if (asked.epoch < state_.epoch) return refuse(Verdict::fenced_leader_epoch);
  if (asked.epoch > state_.epoch) return refuse(Verdict::unknown_leader_epoch);
  if (const Verdict verdict = may_change_voters(); verdict != Verdict::none) return refuse(verdict);
  const Voter& voter = asked.voter;
  if (voter.kraft_version_min > kraft_version_ || voter.kraft_version_max < kraft_version_) {
    return refuse(Verdict::invalid_request);
  }
  const Voter* present = find_voter(voters(), voter.key);
  if (present == nullptr) return refuse(Verdict::voter_not_found);
  if (*present == voter) return refuse(Verdict::none);
  begin_voter_change(token, with_voter(voters(), voter), now);
}

}  // namespace gregor::raft
