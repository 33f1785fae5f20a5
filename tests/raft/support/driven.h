// Driven: one machine by hand, with a disk that answers at once unless the test holds it back, and a log that is as the
// test says.
#pragma once

#include <gtest/gtest.h>

#include "raft/fsm.h"
#include "raft/invariants.h"

namespace gregor::raft {

inline const VoterKey kOne{NodeId{1}, Uuid{1, 1}};
inline const VoterKey kTwo{NodeId{2}, Uuid{2, 2}};
inline const VoterKey kThree{NodeId{3}, Uuid{3, 3}};
inline const VoterKey kFour{NodeId{4}, Uuid{4, 4}};

inline VoterSet three_voters() {
  return {{kOne}, {kTwo}, {kThree}};
}
inline EpochList log_of(int epoch, std::int64_t end) {
  EpochList log;
  log.append(LeaderEpoch{epoch}, Offset{end});
  return log;
}
/// Node 1 of three, of a dynamic quorum, whose log ends at 10 with epoch 2.
inline Fsm::Start node_one() {
  return {.self = kOne,
          .voters = three_voters(),
          .kraft_version = 1,
          .state = {.epoch = LeaderEpoch{2}},
          .log = log_of(2, 10),
          .seed = 7};
}

class Driven {
 public:
  explicit Driven(const Fsm::Start& start = node_one()) : fsm(Fsm::make(start, MonotonicTime{}).value()) { take(); }

  void tick(Nanoseconds later) {
    now += later;
    fsm.tick(now);
    take();
  }
  void tell(const Input& input) {
    fsm.step(input, now);
    take();
  }
  /// The answer to `request`.
  template <class Kind>
  Kind ask(const Request& request) {
    tell(RequestReceived{RequestToken{++token_}, request});
    for (const Answer& answer : output.answers) {
      if (answer.token == RequestToken{token_}) return std::get<Kind>(answer.reply);
    }
    ADD_FAILURE() << "no answer";
    return {};
  }
  void reply(const Send& sent, NodeId from, const Reply& content) { tell(ReplyReceived{sent.id, from, content}); }
  /// What was sent of this kind since the last input.
  template <class Kind>
  std::vector<Send> sent() const {
    std::vector<Send> found;
    for (const Send& send : output.sends) {
      if (std::holds_alternative<Kind>(send.request)) found.push_back(send);
    }
    return found;
  }
  template <class Kind>
  [[nodiscard]] bool is() const {
    return std::holds_alternative<Kind>(fsm.role());
  }
  [[nodiscard]] Standing standing(int epoch, std::optional<NodeId> leader = {}, Verdict error = Verdict::none) const {
    return {error, LeaderEpoch{epoch}, leader};
  }
  void append(std::int64_t end, std::optional<VoterSet> voters = {}, bool flushes = true) {
    tell(LogAppended{Offset{end}, fsm.epoch(), std::move(voters)});
    if (flushes) tell(LogFlushed{Offset{end}});
  }
  /// Elected in epoch 3 by node 2; its LeaderChange record stands at 10 and is flushed.
  void lead() {
    tick(std::chrono::seconds(3));
    for (int round = 0; round < 2; ++round) {
      for (const Send& send : sent<VoteRequest>()) {
        if (send.to->id != kTwo.id) continue;
        reply(send, kTwo.id, VoteReply{standing(fsm.epoch().value()), true});
        break;
      }
    }
    ASSERT_TRUE(is<Leader>());
    ASSERT_TRUE(output.lead);
    append(11);
  }
  FetchReply fetched_by(const VoterKey& replica, std::int64_t from, int last_epoch = 3) {
    return ask<FetchReply>(FetchRequest{replica, fsm.epoch(), Offset{from}, LeaderEpoch{last_epoch}, kNoOffset});
  }
  /// Follows node 2 in epoch 3, and has sent it a fetch.
  Send follow() {
    ask<BeginQuorumEpochReply>(BeginQuorumEpochRequest{kTwo.id, LeaderEpoch{3}, kOne});
    const auto fetches = sent<FetchRequest>();
    EXPECT_EQ(fetches.size(), 1U);
    return fetches.empty() ? Send{} : fetches.front();
  }

  Fsm fsm;
  MonotonicTime now{};
  Output output;  ///< of the last input, all that became possible once its states were on disk
  bool disk_answers = true;

 private:
  void take() {
    output = fsm.take_output();
    while (output.persist && disk_answers) {
      fsm.step(StatePersisted{*output.persist}, now);
      output = fsm.take_output();
    }
    EXPECT_EQ(broken_invariant(fsm), "");
  }
  std::uint64_t token_ = 0;
};

}  // namespace gregor::raft
