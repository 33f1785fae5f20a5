// Between the machine and the world: what is told to it, and where what it wants is put.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "quorum/node_state.h"

namespace gregor::quorum {

namespace {

/// A machine that is due again at once is still asked on the next round of the loop.
constexpr Nanoseconds kTickMin = std::chrono::microseconds(1);

}  // namespace

void Node::State::tell(const raft::Input& input) {
  if (is_over) return;
  fsm->step(input, seat.shard.clock.now());
  pump();
}

void Node::State::pump() {
  for (raft::Output output = fsm->take_output(); !output.is_empty(); output = fsm->take_output()) {
    hand_out(std::move(output));
  }
  note_voters();
  note_changes();
  arm_timer();
  if (worker != nullptr && has_work()) work_came.wake_all();
}

void Node::State::hand_out(raft::Output output) {
  if (output.persist) to_persist = std::move(output.persist);
  if (output.fault) fault = std::move(output.fault);
  if (output.truncate) jobs.emplace_back(Truncation{*output.truncate});
  if (output.append_fetched) jobs.emplace_back(take_fetched(*output.append_fetched));
  if (output.lead) jobs.emplace_back(std::move(*output.lead));
  if (output.append_voters) jobs.emplace_back(std::move(*output.append_voters));
  if (output.fetch_snapshot) begin_fetching(*output.fetch_snapshot);
  for (raft::Send& send : output.sends) peers->send(std::move(send));
  for (raft::Answer& answer : output.answers) {
    const auto waiting = asked.find(answer.token);
    if (waiting == asked.end()) continue;
    waiting->second->set(std::move(answer.reply));
    asked.erase(waiting);
  }
  if (output.high_watermark) may_tell = true;
  if (output.directory_is_ready) readiness_is_news = true;
}

/// Of what append() waits for. Only who led from the proposal to its commit may say that it is committed (Q5).
void Node::State::judge_proposal() {
  if (!proposal || proposal->stage != Proposal::Stage::appended) return;
  if (!leads(proposal->epoch)) {
    proposal->stage = Proposal::Stage::failed;
    proposal->error = {Errc::timed_out, "another leads the metadata quorum: nobody knows what became of the records",
                       0};
  } else if (fsm->high_watermark() > proposal->last_offset) {
    proposal->stage = Proposal::Stage::committed;
  }
}

void Node::State::note_voters() {
  if (kraft_version == 0) return;
  if (told_voters.first == fsm->voters_offset() && told_voters.second == fsm->voters()) return;
  told_voters = {fsm->voters_offset(), fsm->voters()};
  observe::VotersNamed named{told_voters.first, {}};
  for (const raft::Voter& voter : told_voters.second) named.voters.push_back({voter.key.id, voter.key.directory_id});
  seat.observer.on(named);
}

void Node::State::note_changes() {
  judge_proposal();
  Leadership now{fsm->epoch(), fsm->leader(), false};
  if (const auto* leading = std::get_if<raft::Leader>(&fsm->role())) {
    now.is_ours = leading->is_established && log->told_end() > leading->epoch_start;
  }
  if (now != leadership) {
    leadership = now;
    seat.listener.on_leadership(leadership);
  }
  const Visible visible{log->end(),
                        fsm->high_watermark(),
                        log->told_end(),
                        fsm->epoch(),
                        fsm->is_leader(),
                        fsm->may_exit(),
                        proposal ? proposal->stage : Proposal::Stage::waiting};
  if (std::exchange(seen, visible) != visible) changed.wake_all();
}

void Node::State::arm_timer() {
  env::Clock& clock = seat.shard.clock;
  MonotonicTime next = fsm->next_tick();
  if (next != kForever) next = std::max(next, clock.now() + kTickMin);
  if (timer != 0 && next == timer_at) return;
  if (timer != 0) clock.disarm(std::exchange(timer, 0));
  timer_at = next;
  if (next == kForever || worker == nullptr) return;
  timer = clock.arm(next, [weak = weak_from_this()] {
    if (const auto state = weak.lock()) state->on_timer();
  });
}

void Node::State::on_timer() {
  timer = 0;
  if (is_over) return;
  fsm->tick(seat.shard.clock.now());
  pump();
}

void Node::State::come_alive() {
  if (worker != nullptr || is_over) return;
  worker = &seat.shard.fibers.spawn("quorum.node", [state = shared_from_this()](env::Fiber& self) {
    while (!state->is_over) {
      if (state->has_work()) {
        state->work_off_or_halt(self);
      } else {
        state->work_came.wait(self);
      }
    }
  });
  arm_timer();
}

void Node::State::on_reply(raft::ReplyReceived received, FetchedBatches batches) {
  if (is_over) return;
  if (!batches.pieces.empty()) fetched.insert_or_assign(received.request, std::move(batches));
  if (fetched.size() > kFetchedMax) fetched.erase(fetched.begin());
  tell(received);
}

/// Empty where too many others came since.
FetchedBatches Node::State::take_fetched(raft::RequestId request) {
  const auto found = fetched.find(request);
  FetchedBatches taken;
  if (found != fetched.end()) taken = std::move(found->second);
  fetched.erase(fetched.begin(), fetched.upper_bound(request));
  return taken;
}

void Node::State::on_failed(raft::RequestId request) {
  tell(raft::RequestFailed{request});
}

void Node::State::on_gone(NodeId node) {
  if (is_over) return;
  const auto* follower = std::get_if<raft::Follower>(&fsm->role());
  const bool is_news = follower != nullptr && follower->leader == node && follower->has_fetched;
  if (is_news) seat.log.warn("quorum.leader_gone", {{"node", node.value()}});
  tell(raft::PeerGone{node});
}

std::optional<raft::Reply> Node::State::ask(env::Fiber& self, raft::Request request) {
  if (is_over || asked.size() >= kAskedMax) return std::nullopt;
  come_alive();
  const raft::RequestToken token{++last_token};
  const auto promise = std::make_shared<env::Promise<std::optional<raft::Reply>>>();
  asked.emplace(token, promise);
  tell(raft::RequestReceived{token, std::move(request)});
  return promise->await(self);
}

}  // namespace gregor::quorum
