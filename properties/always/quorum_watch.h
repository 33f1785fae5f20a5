// Watches the metadata quorum of several nodes, from their events alone, against one committed metadata log: a batch
// belongs to it from the moment the first node acts on it.
//
//   K1   each epoch has one leader, in one of its lives
//   K2   what was committed is on the disks of a majority of the voters then, is the same on every node that acts
//        on it, is held by each later leader, and is cut off by nobody who acted on it; once all is healed, every
//        node comes to show what any node ever showed
//
// Where the log names the voters (KIP-853), those of then are any that some node knew from the record before or a later
// one: a leader counts by the newest that it has, and nobody tells which that was. They are told apart by node alone.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/unique_function.h"
#include "properties/always/committed_log.h"

namespace gregor::properties {

class QuorumWatch {
 public:
  using NamedVoters = std::vector<observe::NamedVoter>;

  /// `voters`: who votes, all through the run; empty where the log says it.
  QuorumWatch(std::set<NodeId> voters, Verdict& verdict, UniqueFunction<MonotonicTime()> now)
      : voters_(std::move(voters)), verdict_(verdict), now_(std::move(now)) {}
  QuorumWatch(const QuorumWatch&) = delete;
  QuorumWatch& operator=(const QuorumWatch&) = delete;

  /// The ear for one node's events; lives as long as this. `ghost` must have heard each event before.
  observe::Observer& of(NodeId node, const GhostLog& ghost);
  /// The node's life ended.
  void node_died(NodeId node);
  /// Every node shows in its present life what any node ever showed.
  [[nodiscard]] bool is_level() const;
  /// Who votes by the newest committed record that says so; none where no log does, or a later one stands in some log.
  [[nodiscard]] std::optional<NamedVoters> settled_voters() const;
  [[nodiscard]] std::uint64_t events_checked() const { return checked_; }

 private:
  struct Ear final : observe::Observer {
    Ear(QuorumWatch& owner, NodeId whose, const GhostLog& log) : watch(owner), node(whose), ghost(log) {}
    void on(const observe::Event& event) override;
    QuorumWatch& watch;
    NodeId node;
    const GhostLog& ghost;
    std::uint32_t lives = 0;
    Offset shown = kNoOffset;                   ///< in this life, by any shard
    std::size_t matched = 0;                    ///< so many batches of the committed log were compared
    std::map<Offset, NamedVoters> voters = {};  ///< by where its log names them
  };
  void judge(Ear& ear, const observe::QuorumLeaderElected& event);
  void judge(Ear& ear, const observe::MetadataApplied& event);
  void judge(Ear& ear, const observe::LogTruncated& event);
  static void judge(Ear& ear, const observe::VotersNamed& event);
  static void judge(Ear& ear, const observe::LogOpened& event);
  static void judge(Ear& ear, const observe::LogBegunAnew& event);
  template <class Other>
  static void judge(Ear&, const Other&) {}

  void commit(const Ear& ear, Offset to);
  [[nodiscard]] std::set<NodeId> holders_of(const GhostLog::Batch& batch) const;
  [[nodiscard]] bool is_majority(const std::set<NodeId>& holders, Offset at) const;
  [[nodiscard]] std::string difference(Ear& ear, Offset end) const;
  void violated(const char* invariant, const Ear& ear, const std::string& text);

  std::set<NodeId> voters_;
  Verdict& verdict_;
  UniqueFunction<MonotonicTime()> now_;
  std::map<NodeId, std::unique_ptr<Ear>> ears_;
  CommittedLog committed_;
  Offset shown_ = kNoOffset;                                         ///< by anybody
  std::map<LeaderEpoch, std::pair<NodeId, std::uint32_t>> leaders_;  ///< and in which life
  std::uint64_t checked_ = 0;
};

}  // namespace gregor::properties
