#include "raft/invariants.h"

#include "base/check.h"
#include "base/mutant.h"
#include "raft/fsm.h"

namespace gregor::raft {

namespace {

std::string broken_by(const Fsm&, const Unattached&) {
  return "";
}
std::string broken_by(const Fsm& fsm, const Resigned&) {
  return fsm.state().leader == fsm.self().id ? "" : "I3: who resigned did not lead";
}
std::string broken_by(const Fsm& fsm, const Prospective&) {
  return fsm.is_ready() ? "" : "I8: a new directory stands for election";
}
std::string broken_by(const Fsm& fsm, const Candidate& candidate) {
  if (!fsm.is_ready()) return "I8: a new directory stands for election";
  if (fsm.state().leader || fsm.state().voted != fsm.self()) return "I2: a candidate's vote is not its own";
  if (candidate.vote_is_durable && fsm.durable_state() != fsm.state()) return "I4: the vote that counts is not on disk";
  return "";
}
std::string broken_by(const Fsm& fsm, const Leader& leader) {
  if (!fsm.is_ready()) return "I8: a new directory leads";
  if (fsm.state().voted || fsm.state().leader != fsm.self().id) return "I3: a leader's state does not name it alone";
  if (fsm.durable_state().epoch != fsm.epoch()) return "I4: the epoch that is led is not on disk";
  if (leader.leadership_is_durable && fsm.durable_state() != fsm.state()) return "I4: the leadership is not on disk";
  if (fsm.log_end() > leader.epoch_start && !leader.leadership_is_durable) return "I4: appended before leading durably";
  if (leader.is_established && fsm.high_watermark() <= leader.epoch_start) {
    return "I6: the high watermark is below the leader's own epoch";
  }
  return "";
}
std::string broken_by(const Fsm& fsm, const Follower& follower) {
  if (fsm.state().leader != follower.leader || fsm.state().voted)
    return "I7: a follower's state does not name its leader";
  return follower.leader == fsm.self().id ? "I7: a node follows itself" : "";
}

}  // namespace

std::string broken_invariant(const Fsm& fsm) {
  // The guard goes with this bug: who watches the quorum has to see what it does.
  if (MUTANT(vote_reply_of_another_round)) return "";
  if (fsm.durable_state().epoch > fsm.epoch()) return "I1: the durable epoch is ahead of the one in memory";
  if (fsm.log().last_epoch() > fsm.epoch()) return "I1: the log is of a later epoch than its node";
  if (fsm.high_watermark() > fsm.log_end()) return "I5: the high watermark is beyond the log";
  if (fsm.flushed_end() > fsm.log_end()) return "I5: flushed beyond the end of the log";
  if (fsm.voters_offset() >= fsm.log_end()) return "I5: voters of a record that is not there";
  return std::visit([&](const auto& role) { return broken_by(fsm, role); }, fsm.role());
}

void check_invariants(const Fsm& fsm) {
  CHECK(broken_invariant(fsm).empty());
}

}  // namespace gregor::raft
