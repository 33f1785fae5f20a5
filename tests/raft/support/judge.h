// Judge: what must hold of all nodes together, after every step. It knows what the machines do not: who led which
// epoch, who voted for whom, and the log of all that any of them called committed. INVARIANTS K1, K2, K5.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/raft/support/model_node.h"

namespace gregor::raft::model {

class Judge {
 public:
  /// The first violation: "K1: ...". Empty where none was seen.
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] const std::vector<Record>& committed() const { return committed_; }

  void note(const std::string& violation) {
    if (violation_.empty()) violation_ = violation;
  }
  /// Its machine took a step.
  void after_step(const Node& node);
  void voted(const Node& node, bool by_directory, LeaderEpoch epoch, const VoterKey& candidate);
  void leads(const Node& node);
  void appends_as_leader(const Node& node, LeaderEpoch epoch);
  void truncates(const Node& node, Offset end);
  void committed_to(const Node& node, Offset high_watermark, const std::vector<Node>& nodes);
  /// Every log holds what is committed, as far as it reaches.
  void compare_logs(const std::vector<Node>& nodes);

 private:
  void check_majority(const Node& leader, Offset high_watermark, const std::vector<Node>& nodes);

  std::string violation_;
  std::vector<Record> committed_;
  std::vector<LeaderEpoch> committed_in_;                  ///< at the latest: the epoch of who said so first
  std::map<LeaderEpoch, std::pair<NodeId, int>> leaders_;  ///< and in which life
  std::map<std::pair<VoterKey, LeaderEpoch>, VoterKey> votes_;
};

}  // namespace gregor::raft::model
