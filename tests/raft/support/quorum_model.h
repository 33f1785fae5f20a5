// QuorumModel: machines of raft/ over a network that delays, loses and repeats, and disks that forget what was not
// flushed. One thread, virtual time, one seed: a run is a function of its law and its seed.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/raft/support/judge.h"
#include "tests/raft/support/model_node.h"

namespace gregor::raft::model {

/// Chances are out of 1000.
struct Law {
  int voters = 3;
  int observers = 0;
  bool is_dynamic = false;  ///< voters are named with directories, and may change
  bool joins = false;       ///< of a dynamic quorum: every node asks to be a voter, by itself
  int lose = 20;            ///< of a message
  int repeat = 20;
  int delay = 20;  ///< of a message, past the timeouts
  int slow_disk = 20;
};

class QuorumModel {
 public:
  QuorumModel(const Law& law, std::uint64_t seed);

  /// Until `until`, or until something is violated.
  void run_until(MonotonicTime until);
  void run_for(Nanoseconds time) { run_until(now_ + time); }
  [[nodiscard]] MonotonicTime now() const { return now_; }
  [[nodiscard]] bool is_over() const { return !judge_.violation().empty(); }
  Judge& judge() { return judge_; }
  RandomStream& random() { return random_; }
  std::vector<Node>& nodes() { return nodes_; }
  Law& law() { return law_; }

  // Faults.
  void start(Node& node);
  /// Power loss forgets what was not flushed, or a part of it; a kill forgets nothing that was written.
  void stop(Node& node, bool is_power_loss);
  void pause(Node& node, Nanoseconds time) { node.paused_until = std::max(node.paused_until, now_ + time); }
  /// Down, its disk empty and under another directory id; `is_new`: and said to be so.
  void wipe(Node& node, bool is_new);
  void cut(NodeId from, NodeId to) { cuts_.insert({from, to}); }
  void isolate(const Node& node);
  void heal() { cuts_.clear(); }
  void shut_down(Node& node);
  /// It is told that its leader's process is gone, true or not.
  void suspect_leader(Node& node);

  // Work.
  /// Of one record, to a node that believes to lead, or to any.
  void propose(Node& node);
  void change_voters(Node& node, const Request& request);
  void take_snapshot(Node& node);
  /// What every node is, for a failure's text.
  [[nodiscard]] std::string describe() const;
  Node* newest_leader();
  Node& node_of(NodeId id);
  void at(MonotonicTime time, std::function<void()> what);
  [[nodiscard]] int answers_to_changes(Verdict verdict) const {
    const auto found = change_answers_.find(verdict);
    return found == change_answers_.end() ? 0 : found->second;
  }

 private:
  /// A message; records travel beside what the machine sees of them.
  struct Parcel {
    NodeId from;
    NodeId to;
    int life = 0;  ///< of the asker
    RequestId id;
    std::variant<Request, Reply> content;
    std::vector<Record> records = {};
  };
  struct Asker {
    NodeId node;
    int life = 0;
    RequestId id;
    std::optional<VoteRequest> vote;
  };

  void of(Node& node, Nanoseconds after, std::function<void(Node&)> what);
  void tell(Node& node, const Input& input);
  void act(Node& node);
  void perform(Node& node, const Output& output);
  void perform_log_work(Node& node, const Output& output);
  void set_tick(Node& node);
  void append_as_leader(Node& node, LeaderEpoch epoch, std::optional<VoterSet> voters);
  void append(Node& node, Record record);
  void flush(Node& node);
  void install(Node& node, const SnapshotWanted& wanted);
  void send(Node& node, const Send& sent);
  void answer(Node& node, const Answer& answered);
  void post(const Parcel& parcel, Nanoseconds extra);
  void deliver(const Parcel& parcel);
  [[nodiscard]] Nanoseconds network_time();
  [[nodiscard]] Nanoseconds disk_time();
  [[nodiscard]] VoterHistory history_of(const Disk& disk) const;

  Law law_;
  RandomStream random_;
  MonotonicTime now_{};
  std::map<std::pair<MonotonicTime, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t last_event_ = 0;
  std::uint64_t last_record_ = 0;
  std::uint64_t last_token_ = 0;
  std::vector<Node> nodes_;
  VoterSet static_voters_;
  std::set<std::pair<NodeId, NodeId>> cuts_;
  std::map<RequestToken, Asker> askers_;
  std::map<Verdict, int> change_answers_;
  Judge judge_;
};

}  // namespace gregor::raft::model
