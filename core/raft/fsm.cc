#include "raft/fsm.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "raft/invariants.h"

namespace gregor::raft {

namespace {

/// quorum-state may lag the log after power loss; an epoch that stands in the log was led, so it is taken.
/// Kafka keeps a vote beside the leader that came of it; whoever knows the leader gives no vote in its epoch any more.
ElectionState newest_known(ElectionState state, LeaderEpoch log_epoch) {
  if (state.leader) state.voted = {};
  if (log_epoch <= state.epoch) return state;
  return {.epoch = log_epoch, .leader = {}, .voted = {}};
}

}  // namespace

bool Output::is_empty() const {
  return !persist && !fault && !truncate && !append_fetched && !lead && !append_voters && !fetch_snapshot &&
         sends.empty() && answers.empty() && !high_watermark && !directory_is_ready;
}

Result<Fsm> Fsm::make(const Start& start, MonotonicTime now) {
  const VoterSet& voters = start.voters.latest();
  if (voters.size() > kVotersMax) return fail(Errc::limit, std::to_string(voters.size()) + " voters are too many");
  for (std::size_t i = 1; i < voters.size(); ++i) {
    if (voters[i - 1].key.id < voters[i].key.id) continue;
    return fail(Errc::invalid,
                "voter " + std::to_string(voters[i].key.id.value()) + " is listed twice, or out of order");
  }
  return Fsm(start, now);
}

Fsm::Fsm(const Start& start, MonotonicTime now)
    : self_(start.self),
      voters_(start.voters),
      kraft_version_(start.kraft_version),
      timing_(start.timing),
      random_(start.seed),
      state_(newest_known(start.state, start.log.last_epoch())),
      durable_state_(start.state),
      log_(start.log),
      flushed_end_(start.log.end()),
      snapshot_(start.snapshot),
      described_(start.described),
      joins_(start.joins),
      has_caught_up_(true),
      is_ready_(true),
      may_begin_(start.quorum_is_new) {
  // Directories of a dynamic quorum have ids that nobody has listed before: there, a wiped disk is another voter (R7).
  const bool is_trusted = !start.directory_is_new || start.kraft_version > 0 ||
                          (start.quorum_is_new && MUTANT(new_quorum_is_taken_on_trust));
  is_ready_ = is_trusted || is_alone() || MUTANT(new_directory_votes);
  has_caught_up_ = is_ready_;
  output_.directory_is_ready = start.directory_is_new && is_ready_;
  const MonotonicTime election_at = is_alone() ? now : now + draw_election_timeout();  // alone, nobody is waited for
  if (state_.leader == self_.id) {
    role_ = Resigned{.election_at = election_at};
  } else if (state_.leader && find_voter(voters(), *state_.leader) != nullptr) {
    role_ = Follower{.leader = *state_.leader, .fetch_timeout_at = now + timing_.fetch_timeout};
  } else {
    role_ = Unattached{.election_at = election_at};
  }
  if (state_ != durable_state_) output_.persist = state_;
  if (MUTANT(leader_resumes_its_epoch) && state_.leader == self_.id) {
    role_ = Leader{.epoch_start = log_end()};
    begin_epoch(now);
  }
  check_invariants(*this);
}

void Fsm::tick(MonotonicTime now) {
  advance(now);
  check_invariants(*this);
}

void Fsm::step(const Input& input, MonotonicTime now) {
  std::visit([&](const auto& told) { on(told, now); }, input);
  advance(now);
  check_invariants(*this);
}

Output Fsm::take_output() {
  if (is_durable() || MUTANT(vote_sent_before_it_is_durable)) return std::exchange(output_, Output{});
  Output first;
  first.persist = std::exchange(output_.persist, std::nullopt);
  return first;
}

void Fsm::advance(MonotonicTime now) {
  std::visit([&](auto& role) { advance_role(role, now); }, role_);
  advance_voter_change(now);
  ask_for_change_if_due(now);
  fetch_if_due(now);
}

void Fsm::persist(ElectionState state) {
  CHECK(state.epoch >= state_.epoch);
  if (state == state_) return;
  state_ = std::move(state);
  output_.persist = state_;
}

void Fsm::change_role(Role role) {
  fetching_.reset();
  output_.fetch_snapshot.reset();
  // What the driver was not told yet is not begun.
  if (output_.lead || output_.append_voters) log_work_ = LogWork::none;
  output_.lead.reset();
  output_.append_voters.reset();
  if (is_leader()) {
    answer_voter_change(Verdict::not_leader_or_follower);
    change_.reset();
  }
  role_ = std::move(role);
}

std::optional<NodeId> Fsm::leader() const {
  if (state_.leader == self_.id && !is_leader()) return std::nullopt;
  return state_.leader;
}

Standing Fsm::standing(Verdict error) const {
  return {error, state_.epoch, leader()};
}

void Fsm::answer(RequestToken token, Reply reply) {
  output_.answers.push_back({token, std::move(reply)});
}

RequestId Fsm::send(std::optional<VoterKey> to, Request request) {
  const RequestId id{++last_request_};
  output_.sends.push_back({id, to, std::move(request)});
  return id;
}

/// `request` is a Vote or EndQuorumEpoch or BeginQuorumEpoch; where it names its addressee, that is filled in.
void Fsm::ask_due(Round& round, MonotonicTime now, const Request& request) {
  for (const VoterKey& key : round.due(now)) {
    Request addressed = request;
    if (auto* vote = std::get_if<VoteRequest>(&addressed)) vote->voter = key;
    if (auto* begin = std::get_if<BeginQuorumEpochRequest>(&addressed)) begin->voter = key;
    const RequestId id = send(key, std::move(addressed));
    round.asked(key, id, now + timing_.request_timeout);
  }
}

Round* Fsm::round() {
  if (auto* prospective = std::get_if<Prospective>(&role_)) return &prospective->round;
  if (auto* candidate = std::get_if<Candidate>(&role_)) return &candidate->round;
  if (auto* leading = std::get_if<Leader>(&role_)) return &leading->heralds;
  if (auto* resigned = std::get_if<Resigned>(&role_)) return &resigned->farewell;
  return nullptr;
}

void Fsm::raise_high_watermark(Offset to) {
  if (to <= high_watermark_) return;
  high_watermark_ = to;
  output_.high_watermark = to;
}

bool Fsm::begin_append(LeaderEpoch epoch) {
  const auto* leading = std::get_if<Leader>(&role_);
  const bool may_lead = leading != nullptr && leading->leadership_is_durable && epoch == state_.epoch;
  if (!may_lead && !MUTANT(append_without_leading)) return false;
  if (log_work_ != LogWork::none) return false;
  log_work_ = LogWork::proposal;
  return true;
}

void Fsm::on(const StatePersisted& persisted, MonotonicTime now) {
  CHECK(persisted.state.epoch >= durable_state_.epoch && persisted.state.epoch <= state_.epoch);
  durable_state_ = persisted.state;
  if (!is_durable()) return;
  if (auto* candidate = std::get_if<Candidate>(&role_)) {
    candidate->vote_is_durable = true;
    count_votes(now);
  } else if (auto* leading = std::get_if<Leader>(&role_); leading != nullptr && !leading->leadership_is_durable) {
    begin_epoch(now);
  }
}

void Fsm::on(const LogAppended& appended, MonotonicTime now) {
  CHECK(log_work_ != LogWork::none && log_work_ != LogWork::truncation && log_work_ != LogWork::snapshot);
  CHECK(appended.end > log_end() && appended.epoch <= state_.epoch);
  const Offset base = log_end();
  log_.append(appended.epoch, appended.end);
  if (appended.voters) {
    voters_.append(base, *appended.voters);
    if (auto* leading = std::get_if<Leader>(&role_)) leading->heralds = Round(voters(), self_, now);
    if (log_work_ == LogWork::voters && change_) change_->end = appended.end;
  }
  if (log_work_ != LogWork::fetched || appended.end == fetched_end_) log_work_ = LogWork::none;
  CHECK(log_work_ != LogWork::fetched || appended.end < fetched_end_);
  if (MUTANT(metadata_commits_before_flush)) on(LogFlushed{log_end()}, now);
}

void Fsm::on(const LogUnchanged&, MonotonicTime now) {
  const LogWork work = std::exchange(log_work_, LogWork::none);
  CHECK(work != LogWork::none);
  fetch_again_at_ = now + timing_.retry_backoff;
  if (work == LogWork::lead && is_leader()) resign(now);
  if (work == LogWork::voters) {
    answer_voter_change(Verdict::request_timed_out);
    change_.reset();
  }
}

void Fsm::on(const LogFlushed& flushed, MonotonicTime) {
  CHECK(flushed.end <= log_end());
  if (flushed.end <= flushed_end_) return;
  flushed_end_ = flushed.end;
  if (is_leader()) commit();
  if (const auto* follower = std::get_if<Follower>(&role_)) {
    raise_high_watermark(std::min(follower->leader_high_watermark, flushed_end_));
    note_readiness();
  }
}

void Fsm::on(const LogTruncated& truncated, MonotonicTime) {
  CHECK(log_work_ == LogWork::truncation);
  if (MUTANT(committed_records_may_be_cut)) high_watermark_ = std::min(high_watermark_, truncated.end);
  CHECK(truncated.end >= high_watermark_);
  log_work_ = LogWork::none;
  log_.truncate(truncated.end);
  voters_.truncate(truncated.end);
  flushed_end_ = std::min(flushed_end_, truncated.end);
}

void Fsm::on(const RequestReceived& received, MonotonicTime now) {
  std::visit([&](const auto& request) { on_request(received.token, request, now); }, received.request);
}

void Fsm::on(const ReplyReceived& received, MonotonicTime now) {
  std::visit([&](const auto& reply) { on_reply(received, reply, now); }, received.reply);
}

void Fsm::on(const RequestFailed& failed, MonotonicTime now) {
  const MonotonicTime again_at = now + timing_.retry_backoff;
  if (fetching_ && fetching_->id == failed.request) {
    fetching_.reset();
    fetch_again_at_ = again_at;
  } else if (Round* current = round()) {
    current->failed(failed.request, again_at);
  }
}

void Fsm::on(const ShutDown&, MonotonicTime now) {
  is_shutting_down_ = true;
  if (is_leader()) resign(now);
}

bool Fsm::may_exit() const {
  const auto* resigned = std::get_if<Resigned>(&role_);
  return resigned == nullptr || resigned->farewell.count(Round::Answer::none) == 0;
}

namespace {

/// When a role has something to do by itself. `may_stand`: an election could begin. `may_leave`: or this node has no
/// part in elections, and only goes back to asking around.
struct NextOf {
  bool may_stand;
  bool may_leave;
  const VoterSet& voters;
  MonotonicTime operator()(const Unattached& role) const { return may_stand ? role.election_at : kForever; }
  MonotonicTime operator()(const Resigned& role) const {
    const MonotonicTime farewell = role.farewell.next_due();
    return farewell < role.election_at ? farewell : (may_leave ? role.election_at : kForever);
  }
  MonotonicTime operator()(const Prospective& role) const { return std::min(role.gives_up_at, role.round.next_due()); }
  MonotonicTime operator()(const Candidate& role) const {
    if (!role.vote_is_durable) return kForever;
    return role.is_lost ? role.gives_up_at : std::min(role.gives_up_at, role.round.next_due());
  }
  MonotonicTime operator()(const Leader& role) const {
    if (!role.leadership_is_durable) return kForever;
    return std::min(role.others->quorum_lost_at(voters), role.heralds.next_due());
  }
  MonotonicTime operator()(const Follower& role) const { return may_leave ? role.fetch_timeout_at : kForever; }
};

}  // namespace

MonotonicTime Fsm::next_tick() const {
  // A voter that may not stand now will be told when its log is free.
  const bool may_leave = may_stand() || !is_voter() || !is_ready_;
  MonotonicTime next = std::visit(NextOf{may_stand(), may_leave, voters()}, role_);
  if (fetching_) next = std::min(next, fetching_->gives_up_at);
  if (may_fetch()) next = std::min(next, fetch_again_at_);
  if (wanted_change()) next = std::min(next, change_again_at_);
  if (change_ && !change_->is_answered) next = std::min(next, change_->gives_up_at);
  return next;
}

}  // namespace gregor::raft
