// Chaos: the faults of one schedule, all within the quorum's budget (INVARIANTS C, mode Q), the clients' proposals, and
// the calm after it, in which everything must work again.
#pragma once

#include "tests/raft/support/quorum_model.h"

namespace gregor::raft::model {

class Chaos {
 public:
  Chaos(QuorumModel& model, bool with_wipes) : model_(model), with_wipes_(with_wipes) {}

  void run_for(Nanoseconds time);
  /// Everything is whole again: a leader, commits, and every log the same, within bounded time.
  void settle();

 private:
  void propose_later();
  void break_later();
  void change_later();
  void break_something();
  void crash_all();
  void cut_something();
  void wipe_somebody();
  void change_voters();
  void expect_all_vote(const Node& leader);
  void crash(Node& node);
  Node& somebody();
  [[nodiscard]] bool is_alive(const VoterKey& key);
  [[nodiscard]] bool may_stay_without_leader();
  [[nodiscard]] Nanoseconds draw(Nanoseconds low, Nanoseconds high);

  QuorumModel& model_;
  bool with_wipes_;
  MonotonicTime until_{};
};

/// One seed: the number of voters, of observers, what is switched on and all that happens. Returns the violation, or
/// nothing.
std::string run_seed(std::uint64_t seed);
/// The same with a given law.
std::string run_law(const Law& law, bool with_wipes, std::uint64_t seed, std::size_t* committed = nullptr);

}  // namespace gregor::raft::model
