// Whatever order disks and clocks answer in, over any number of lives, the invariants hold, no epoch is led twice, and
// the high watermark never falls or passes what is flushed. INVARIANTS K1, K2.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "raft/fsm.h"
#include "raft/invariants.h"

namespace gregor::raft {
namespace {

/// A node's disk and its machine of the present life.
class Lives {
 public:
  Lives() { begin(); }

  void begin() {
    fsm_.emplace(
        Fsm::make({.self = kSelf, .voters = VoterSet{{kSelf}}, .state = state_on_disk_, .log = log_on_disk_}, now_)
            .value());
    log_end_ = log_on_disk_.end();
    in_append_ = false;
    pending_.reset();
    hw_ = kNoOffset;
    leads_ = false;
  }
  void run(int step) {
    switch (step % 5) {
      case 0:
        now_ += std::chrono::milliseconds(300);
        fsm_->tick(now_);
        break;
      case 1:
        persist();
        break;
      case 2:
        append();
        break;
      case 3:
        flush();
        break;
      default:
        begin();
        return;  // power loss
    }
    take();
  }

 private:
  static constexpr VoterKey kSelf{NodeId{1}, Uuid{7, 7}};

  void take() {
    const Output output = fsm_->take_output();
    RC_ASSERT(broken_invariant(*fsm_) == "");
    if (output.persist) pending_ = output.persist;
    if (output.lead) {
      RC_ASSERT(!pending_);
      RC_ASSERT(led_.insert(output.lead->epoch).second);  // K1
      in_append_ = true;                                  // of its LeaderChange record
      leads_ = true;
    }
    if (output.high_watermark) {
      RC_ASSERT(*output.high_watermark > hw_);
      RC_ASSERT(*output.high_watermark <= log_on_disk_.end());
      hw_ = *output.high_watermark;
    }
  }
  void persist() {
    if (!pending_) return;
    state_on_disk_ = *pending_;
    pending_.reset();
    fsm_->step(StatePersisted{state_on_disk_}, now_);
  }
  void append() {
    if (!leads_) return;
    RC_ASSERT(fsm_->begin_append(fsm_->epoch()) != in_append_);
    in_append_ = false;
    log_end_ = log_end_ + 1;
    fsm_->step(LogAppended{log_end_, fsm_->epoch()}, now_);
  }
  void flush() {
    if (!leads_ || log_end_ == log_on_disk_.end()) return;
    log_on_disk_.append(fsm_->epoch(), log_end_);
    fsm_->step(LogFlushed{log_end_}, now_);
  }

  MonotonicTime now_{};
  ElectionState state_on_disk_;
  EpochList log_on_disk_;
  std::optional<Fsm> fsm_;
  std::optional<ElectionState> pending_;
  Offset log_end_{0};
  Offset hw_ = kNoOffset;
  bool leads_ = false;
  bool in_append_ = false;
  std::set<LeaderEpoch> led_;
};

RC_GTEST_PROP(RaftInvariants, HoldOverAnyOrderOfEventsAndLives, ()) {
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
  Lives lives;
  for (const int step : steps) lives.run(step);
}

}  // namespace
}  // namespace gregor::raft
