#include "raft/fsm.h"

#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "raft/invariants.h"

namespace gregor::raft {

namespace {

/// A former life led or voted in the epoch that quorum-state names, or wrote to the log in it.
Role role_at_start(const ElectionState& state) {
  if (state.leader || state.voted) return Resigned{};
  return Unattached{};
}

/// quorum-state may lag the log after power loss; an epoch that stands in the log was led, so it is taken.
ElectionState newest_known(const ElectionState& state, LeaderEpoch log_epoch) {
  if (log_epoch <= state.epoch) return state;
  return {.epoch = log_epoch, .leader = {}, .voted = {}};
}

}  // namespace

Result<Fsm> Fsm::make(const Start& start, MonotonicTime now) {
  if (start.voters.size() > 1) {
    return fail(Errc::unsupported,
                "a quorum of " + std::to_string(start.voters.size()) + " voters: only a quorum of one is built");
  }
  if (start.voters.empty() || start.voters.front().id != start.self.id) {
    return fail(Errc::invalid, "node " + std::to_string(start.self.id.value()) + " is not the voter of its quorum");
  }
  const Uuid& directory = start.voters.front().directory_id;
  if (!directory.is_zero() && directory != start.self.directory_id) {
    return fail(Errc::invalid, "the voter of this quorum has directory id " + directory.to_text() + ", this node has " +
                                   start.self.directory_id.to_text());
  }
  return Fsm(start, now);
}

Fsm::Fsm(const Start& start, MonotonicTime now)
    : self_(start.self),
      voters_(start.voters),
      role_(role_at_start(start.state)),
      state_(newest_known(start.state, start.log_epoch)),
      durable_state_(start.state),
      log_end_(start.log_end),
      flushed_end_(start.log_end),
      election_timeout_(start.election_timeout),
      election_at_(now) {  // alone, there is nobody to wait for
  if (MUTANT(leader_resumes_its_epoch) && state_.leader == self_.id) {
    role_ = Leader{.epoch_start = log_end_, .leadership_is_durable = true};
    election_at_ = kForever;
    output_.lead = state_.epoch;
  }
  check_invariants(*this);
}

void Fsm::tick(MonotonicTime now) {
  if (is_leader() || now < election_at_) return;
  election_at_ = now + election_timeout_;
  // An election that waits for its own disk is not begun again: the disk answers or the node halts.
  if (!std::holds_alternative<Candidate>(role_)) become_candidate();
  check_invariants(*this);
}

void Fsm::step(const Input& input) {
  std::visit([this](const auto& told) { on(told); }, input);
  check_invariants(*this);
}

Output Fsm::take_output() {
  return std::exchange(output_, Output{});
}

void Fsm::persist(ElectionState state) {
  CHECK(state.epoch >= state_.epoch);
  state_ = std::move(state);
  output_.persist = state_;
}

void Fsm::become_candidate() {
  role_ = Candidate{};
  persist({.epoch = state_.epoch + 1, .leader = {}, .voted = self_});
}

void Fsm::on(const StatePersisted& persisted) {
  CHECK(persisted.epoch == state_.epoch);
  durable_state_ = state_;
  if (auto* candidate = std::get_if<Candidate>(&role_)) {
    candidate->vote_is_durable = true;
    count_votes();
  } else if (auto* leader = std::get_if<Leader>(&role_); leader != nullptr && !leader->leadership_is_durable) {
    leader->leadership_is_durable = true;
    output_.lead = state_.epoch;
  }
}

void Fsm::count_votes() {
  const std::size_t granted = std::get<Candidate>(role_).vote_is_durable ? 1 : 0;
  if (granted > voters_.size() / 2) become_leader();
}

void Fsm::become_leader() {
  role_ = Leader{.epoch_start = log_end_, .leadership_is_durable = false};
  election_at_ = kForever;
  persist({.epoch = state_.epoch, .leader = self_.id, .voted = {}});
}

void Fsm::on(const LogAppended& appended) {
  CHECK(appended.end >= log_end_);
  CHECK(is_leader() && std::get<Leader>(role_).leadership_is_durable);
  log_end_ = appended.end;
  if (MUTANT(metadata_commits_before_flush)) {
    flushed_end_ = log_end_;
    raise_high_watermark();
  }
}

void Fsm::on(const LogFlushed& flushed) {
  CHECK(flushed.end <= log_end_);
  if (flushed.end <= flushed_end_) return;
  flushed_end_ = flushed.end;
  raise_high_watermark();
}

void Fsm::raise_high_watermark() {
  const auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return;
  // With one voter the majority's flushed end is ours. Raft §5.4.2: only an entry of the own epoch commits.
  if (flushed_end_ <= leader->epoch_start || flushed_end_ <= high_watermark_) return;
  high_watermark_ = flushed_end_;
  output_.high_watermark = high_watermark_;
}

}  // namespace gregor::raft
