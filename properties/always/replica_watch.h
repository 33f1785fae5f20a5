// Watches the replicas of every partition of a cluster against one committed log, kept from events alone. A batch
// belongs to it from the moment the first high watermark passed it; from then on it may never be another one, or be
// gone.
//
//   R1   what stands below any replica's high watermark is the committed log, epochs included
//   R2   who begins to lead holds the whole committed log
//   R3   so does every member of the ISR and every eligible leader replica, as the metadata names them
//   R5   nothing is committed that fewer replicas hold than min.insync.replicas
//   R6   one node leads a partition in an epoch, and leader epochs never fall
//   R7   what acks=all acknowledges is in the committed log
//
// A replica whose machine lost power, or its disk, is suspect: it owes nothing until it is in the ISR and holds
// everything again. The fault budget (INVARIANTS C) rests on the same account: has_another().
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "properties/always/committed_log.h"

namespace gregor::properties {

class ReplicaWatch {
 public:
  struct Rules {
    std::int32_t min_insync_replicas = 1;  ///< of every topic
    bool elects_unclean = false;           ///< what is committed may be given up: R6 alone is judged
  };
  ReplicaWatch(Rules rules, Verdict& verdict, UniqueFunction<MonotonicTime()> now)
      : rules_(std::move(rules)), verdict_(verdict), now_(std::move(now)) {}
  ReplicaWatch(const ReplicaWatch&) = delete;
  ReplicaWatch& operator=(const ReplicaWatch&) = delete;

  /// The ear for one node's events; lives as long as this. `ghost` must have heard each event before.
  observe::Observer& of(NodeId node, const GhostLog& ghost);
  /// The machine lost power, or its disk is another one: what the node's replicas held is in doubt.
  void lost_content(NodeId node);
  /// The same of one replica.
  void lost_copy(NodeId node, const TopicPartition& partition);
  /// The process is gone; it counts again when its next life is ready.
  void node_ended(NodeId node) { ears_.at(node)->serves = false; }
  /// Something begins, or is over, that makes it halt sooner or later in each of its lives: it does not count
  /// meanwhile.
  void may_halt(NodeId node, bool begins) { ears_.at(node)->troubles += begins ? 1 : -1; }

  /// For each partition that the node has a replica of: another running node may lead it now and holds all of it. One
  /// that came back and is not registered yet does not count: when it is, it may turn out to be eligible no more, and
  /// then the last known leader is elected, which need not be one that may lead now (KIP-966).
  [[nodiscard]] bool has_another(NodeId node) const;
  /// Besides, for each of them: with this copy fewer than min.insync.replicas are in doubt. Those are as many as are
  /// surely kept from leading (KIP-966): while more are in sync, a good copy that is merely away is eligible no more.
  [[nodiscard]] bool may_lose_copy(NodeId node) const;
  /// Some replica is in doubt.
  [[nodiscard]] bool any_suspect() const;
  /// Some node may halt at any moment (may_halt).
  [[nodiscard]] bool any_in_trouble() const;
  /// Every replica that the metadata names is in the ISR and holds what is committed, and nothing else.
  [[nodiscard]] bool is_level() const;
  [[nodiscard]] std::uint64_t events_checked() const { return checked_; }

 private:
  struct Ear final : observe::Observer {
    Ear(ReplicaWatch& owner, NodeId whose, const GhostLog& log) : watch(owner), node(whose), ghost(log) {}
    void on(const observe::Event& event) override;
    ReplicaWatch& watch;
    NodeId node;
    const GhostLog& ghost;
    bool serves = false;  ///< this life of it is registered: what the controller thinks of its replicas is about it
    int troubles = 0;     ///< that may make it halt
    std::set<TopicPartition> in_doubt;              ///< content was lost, and the log was not opened since
    std::map<TopicPartition, std::size_t> matched;  ///< so many batches of the committed log were compared
  };
  struct Partition {
    CommittedLog committed;
    std::int32_t partition_epoch = -1;  ///< of what follows, as the newest metadata has it
    LeaderEpoch leader_epoch{-1};
    std::vector<NodeId> replicas;
    std::vector<NodeId> may_lead;  ///< the ISR and the eligible leader replicas
    std::vector<NodeId> isr;
    std::map<LeaderEpoch, NodeId> leaders;
    std::set<NodeId> suspects;
  };

  void judge(Ear& ear, const observe::LogOpened& event);
  static void judge(Ear& ear, const observe::LogTruncated& event);
  static void judge(Ear& ear, const observe::LogBegunAnew& event);
  void judge(Ear& ear, const observe::SegmentsCompacted& event);
  void judge(Ear& ear, const observe::PartitionRemoved& event);
  void judge(Ear& ear, const observe::HighWatermarkMoved& event);
  void judge(Ear& ear, const observe::LeadershipBegan& event);
  void judge(Ear& ear, const observe::PartitionChanged& event);
  void judge(Ear& ear, const observe::ProduceAcknowledged& event);
  template <class Other>
  void judge(Ear&, const Other&) {}

  /// In words, where the node's replica differs from the committed log below `end`; empty where it does not.
  std::string difference(Ear& ear, const TopicPartition& name, const Partition& partition, Offset end) const;
  [[nodiscard]] bool is_level(const TopicPartition& name, const Partition& partition, NodeId node) const;
  [[nodiscard]] bool holds_all(NodeId node, const TopicPartition& name, const Partition& partition) const;
  [[nodiscard]] bool is_rotten(NodeId node, const TopicPartition& name) const;
  void commit(Ear& ear, const TopicPartition& name, Partition& partition, Offset to);
  void clear_suspects(const TopicPartition& name, Partition& partition);
  void violated(const char* invariant, const TopicPartition& name, const std::string& text);

  Rules rules_;
  Verdict& verdict_;
  UniqueFunction<MonotonicTime()> now_;
  std::map<NodeId, std::unique_ptr<Ear>> ears_;
  std::map<TopicPartition, Partition> partitions_;
  std::set<TopicPartition> removed_;  ///< nodes that lag may still tell of them
  std::uint64_t checked_ = 0;
};

}  // namespace gregor::properties
