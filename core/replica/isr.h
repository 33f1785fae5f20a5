// Isr: the in-sync replicas as the leader must count them: those the metadata names, and those that it may name by now
// because a proposal is under way or its fate is unknown (KIP-497). Decides no membership; see leadership.h.
//
// Invariants:
//   I1  the maximal ISR holds every replica that the controller can have in the ISR of this leader epoch;
//   I2  at most one proposal is in flight, and an answer, a timeout or newer metadata ends it;
//   I3  the partition epoch never falls.
//
// A proposal is a compare-and-set on the partition epoch: once a newer epoch is known, no older proposal can take
// effect any more, wherever it still travels. Until then one that timed out may.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "replica/partition_state.h"

namespace gregor::replica {

struct IsrMember {
  NodeId replica;
  BrokerEpoch broker_epoch = kNoBrokerEpoch;  ///< of the registration whose fetch was seen; -1: not to be checked
  bool operator==(const IsrMember&) const = default;
};

/// To the controller: let the ISR be this one, if the partition is still in this epoch.
struct AlterPartition {
  std::uint64_t request = 0;  ///< counts up; comes back in the answer
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  PartitionEpoch partition_epoch = kNoPartitionEpoch;
  std::vector<IsrMember> isr = {};
  LeaderRecovery recovery = LeaderRecovery::recovered;
};

enum class AlterPartitionVerdict : std::uint8_t {
  accepted,  ///< the answer's state is the controller's
  refused,   ///< INELIGIBLE_REPLICA, OPERATION_NOT_ATTEMPTED: this proposal has no effect now or later
  fenced,    ///< FENCED_LEADER_EPOCH, NEW_LEADER_ELECTED, INVALID_UPDATE_VERSION, UNKNOWN_TOPIC_*: the metadata knows
  retriable  ///< anything else: its fate is unknown
};

struct AlterPartitionAnswer {
  std::uint64_t request = 0;
  AlterPartitionVerdict verdict = AlterPartitionVerdict::retriable;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  PartitionEpoch partition_epoch = kNoPartitionEpoch;
  std::vector<NodeId> isr = {};
};

class Isr {
 public:
  /// The metadata says so. Requires a partition epoch above ours.
  void commit(std::span<const NodeId> isr, PartitionEpoch partition_epoch);

  [[nodiscard]] bool may_propose(MonotonicTime now) const { return !in_flight_ && now >= propose_again_at_; }
  /// Requires may_propose(). The proposal's partition epoch and request number are set here.
  AlterPartition propose(AlterPartition proposal, MonotonicTime now, Nanoseconds timeout);
  /// There was a look after a proposal that failed, and nothing to propose: none is due any more.
  void rest() { failed_ = false; }
  /// Ends a proposal whose time has passed; its fate stays unknown.
  void expire(MonotonicTime now);
  /// Whether the committed ISR changed. Answers to former proposals count by their epochs alone.
  bool on_answer(const AlterPartitionAnswer& answer, LeaderEpoch leader_epoch, MonotonicTime now);

  [[nodiscard]] const std::vector<NodeId>& committed() const { return committed_; }
  [[nodiscard]] bool has_committed(NodeId replica) const;
  /// Committed or possibly so.
  [[nodiscard]] bool may_hold(NodeId replica) const;
  /// In rising order.
  [[nodiscard]] std::vector<NodeId> maximal() const;
  /// Somebody's membership is unknown and no proposal is under way that would tell.
  [[nodiscard]] bool is_unsettled() const { return !in_flight_ && !unknown_.empty(); }
  [[nodiscard]] bool is_in_flight() const { return in_flight_.has_value(); }
  [[nodiscard]] PartitionEpoch partition_epoch() const { return partition_epoch_; }
  /// When expire() or propose() next has something to do; kForever where nothing waits.
  [[nodiscard]] MonotonicTime next_tick() const;

 private:
  struct InFlight {
    std::uint64_t request;
    std::vector<NodeId> added;
    MonotonicTime until;
  };
  void adopt(std::span<const NodeId> isr, PartitionEpoch partition_epoch);
  void end_flight(bool fate_is_known, MonotonicTime propose_again_at);

  std::vector<NodeId> committed_;
  std::vector<NodeId> unknown_;  ///< not committed, but added by a proposal that may yet be accepted
  std::optional<InFlight> in_flight_;
  PartitionEpoch partition_epoch_ = kNoPartitionEpoch;
  MonotonicTime propose_again_at_{};
  bool failed_ = false;  ///< the last proposal did: look again at propose_again_at_
  std::uint64_t requests_ = 0;
};

/// After a proposal that failed.
inline constexpr Nanoseconds kProposalBackoff = Milliseconds(50);

}  // namespace gregor::replica
