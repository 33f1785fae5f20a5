#include "raft/invariants.h"

#include "base/check.h"
#include "raft/fsm.h"

namespace gregor::raft {

namespace {

std::string broken_by(const Fsm& fsm, const Unattached&) {
  return fsm.high_watermark() == kNoOffset ? "" : "I6: a node without a leader knows a high watermark";
}
std::string broken_by(const Fsm& fsm, const Resigned&) {
  return fsm.high_watermark() == kNoOffset ? "" : "I6: a resigned node knows a high watermark";
}
std::string broken_by(const Fsm& fsm, const Candidate& candidate) {
  if (fsm.state().leader || fsm.state().voted != fsm.self()) return "I2: a candidate's vote is not its own";
  if (candidate.vote_is_durable && fsm.durable_state() != fsm.state()) return "I4: the vote that counts is not on disk";
  return "";
}
std::string broken_by(const Fsm& fsm, const Leader& leader) {
  if (fsm.state().voted || fsm.state().leader != fsm.self().id) return "I3: a leader's state does not name it alone";
  if (fsm.durable_state().epoch != fsm.epoch()) return "I4: the epoch that is led is not on disk";
  if (leader.leadership_is_durable && fsm.durable_state() != fsm.state()) return "I4: the leadership is not on disk";
  if (fsm.log_end() > leader.epoch_start && !leader.leadership_is_durable) return "I4: appended before leading durably";
  if (fsm.high_watermark() != kNoOffset && fsm.high_watermark() <= leader.epoch_start) {
    return "I6: the high watermark is below the leader's own epoch";
  }
  return "";
}

}  // namespace

std::string broken_invariant(const Fsm& fsm) {
  if (fsm.durable_state().epoch > fsm.epoch()) return "I1: the durable epoch is ahead of the one in memory";
  if (fsm.high_watermark() > fsm.flushed_end()) return "I5: the high watermark is beyond what is flushed";
  if (fsm.flushed_end() > fsm.log_end()) return "I5: flushed beyond the end of the log";
  return std::visit([&](const auto& role) { return broken_by(fsm, role); }, fsm.role());
}

void check_invariants(const Fsm& fsm) {
  CHECK(broken_invariant(fsm).empty());
}

}  // namespace gregor::raft
