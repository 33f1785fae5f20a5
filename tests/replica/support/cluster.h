// Cluster: one partition on several brokers, each a Replica over a log in memory, with a controller, a network that
// delays, loses, repeats and reorders, crashes that keep or lose what was not flushed, and a ghost that judges after
// every event. One seed, one run; which faults are legal follows INVARIANTS C by the durability asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "replica/replica.h"
#include "tests/replica/support/ghost.h"
#include "tests/replica/support/model_controller.h"
#include "tests/replica/support/model_log.h"

namespace gregor::replica {

/// INVARIANTS C: D1 and D2; D3; D4.
enum class Mode : std::uint8_t { written, eligible, flushed };

struct ClusterSettings {
  int nodes = 3;
  int min_insync = 2;
  Mode mode = Mode::written;
  int steps = 1500;
};
/// Drawn from the seed.
ClusterSettings settings_of(std::uint64_t seed);

struct FetchRequest {
  std::uint64_t request;
  FollowerFetch fetch;
};
struct FetchReply {
  FetchAnswer answer;
  std::vector<ModelRecord> records;
};
struct RangeRequest {
  std::uint64_t request;
  LeaderEpoch asked_in;
};
struct AlterRequest {
  BrokerEpoch from_epoch;
  AlterPartition proposal;
};
struct Message {
  NodeId from;
  NodeId to;  ///< kNoNodeId: the controller
  int from_life = 0;
  int to_life = 0;
  std::variant<FetchRequest, FetchReply, RangeRequest, RangeAnswer, AlterRequest, AlterPartitionAnswer> body;
};

/// What a run did, lest it prove nothing.
struct Coverage {
  int acknowledged = 0;
  int elections = 0;
  int truncations = 0;
  int admissions = 0;
  int losses = 0;
  int restarts_over = 0;
};

class Cluster {
 public:
  Cluster(std::uint64_t seed, const ClusterSettings& settings);
  /// Faults and traffic until the steps are over or something is violated, then rest.
  void run();
  [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

 private:
  struct Waiting {
    Offset required;
    ModelRecord record;
  };
  struct Node {
    explicit Node(NodeId node) : id(node) {}
    NodeId id;
    bool is_up = true;
    int life = 0;
    BrokerEpoch broker_epoch = kNoBrokerEpoch;
    std::size_t seen = 0;  ///< the version of the metadata it knows
    ModelLog log;
    std::optional<Replica> replica;
    Offset checkpointed{0};
    std::vector<Waiting> waiting;
    Offset deletes_to = kNoOffset;          ///< as leader it was asked to delete what lies below
    std::optional<MonotonicTime> asked_at;  ///< a request to the leader is under way
    bool was_clean = false;
  };
  class View;

  // cluster.cc: what nodes do
  void start(Node& node);
  void hear(Node& node, std::size_t version);
  void pump(Node& node);
  void produce(Node& node, bool acks_all);
  void keep(Node& node, const ModelRecord& record);
  void flush(Node& node);
  void tell_controller(Node& node);
  void perform(Node& node, const FollowerStep& step, const FetchReply* reply);
  void answer_waiting(Node& node);
  void send(const Node& from, NodeId to, decltype(Message::body) body);
  void deliver(std::size_t index, bool keep);
  void receive(Node& node, const Message& message);
  void serve(Node& node, const Message& message, const FetchRequest& request);

  // cluster_faults.cc: what befalls them
  void act();
  void act_on_roles();
  void act_on_lives();
  void act_on_admission();
  void act_as_client();
  void delete_records(Node& node, Offset below);
  void crash(Node& node, bool loses, bool is_clean);
  void restart(Node& node);
  void settle();
  void settle_round(const Node* sleeper);
  void hear_all(Node& node);
  void lead_for_a_moment(Node& node);
  void forget_what(const Node& sleeper);
  [[nodiscard]] bool may_lose(NodeId node) const;
  [[nodiscard]] bool may_disturb(NodeId node) const;
  [[nodiscard]] bool has_good_beside(NodeId node, bool in_service) const;
  Node& any_node();

  // cluster_oracle.cc: what must hold
  void judge();
  void judge_high_watermark(Node& node);
  void judge_candidates();
  void judge_maximal_isr();
  void judge_rest();
  void violate(const char* invariant, std::string text);
  [[nodiscard]] Offset held(const Node& node) const;
  [[nodiscard]] bool is_suspect(NodeId node) const { return suspects_.contains(node); }
  Node& node(NodeId id) { return nodes_[static_cast<std::size_t>(id.value())]; }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id.value())]; }

  ClusterSettings settings_;
  RandomStream draw_;
  ModelController controller_;
  std::vector<Node> nodes_;
  std::vector<Message> network_;
  std::set<NodeId> suspects_;                         ///< lost what was not flushed, and not found whole since
  std::map<std::uint64_t, std::set<NodeId>> copies_;  ///< by value: who has ever held the record
  Ghost ghost_;
  MonotonicTime now_{};
  std::uint64_t values_ = 0;
  std::uint64_t loss_percent_ = 0;
  std::uint64_t trouble_percent_ = 0;
  /// Of the times that a client might; where little is written, who was away joins at once.
  std::uint64_t produce_percent_ = 0;
  std::uint64_t alter_delay_percent_ = 0;
  std::uint64_t calm_percent_ = 0;  ///< of the steps that let messages arrive
  std::optional<Violation> violation_;
  Coverage coverage_;
};

}  // namespace gregor::replica
