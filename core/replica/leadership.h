// Leadership: the leader's part of a replica. Knows the followers and the ISR, says how far the partition is committed
// and which ISR to propose next. Never touches the log, never tells the controller itself.
//
// Invariants:
//   I1  committed_end() is at most what every member of the maximal ISR is known to hold;
//   I2  it is none while the committed ISR is below min.insync.replicas (KIP-966);
//   I3  a follower enters the ISR only at or above the high watermark and the epoch's start (KAFKA-7128), having
//       fetched in this epoch, in a registration that the metadata holds in service (KIP-841, KIP-903); and only with
//       a log that begins where the leader's does or later: a deletion may have been acknowledged without it.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "replica/follower_book.h"
#include "replica/isr.h"
#include "replica/partition_state.h"

namespace gregor::replica {

/// Where the leader itself stands.
struct LeaderOffsets {
  Offset high_watermark;
  Offset log_start;
  Offset log_end;
};

class Leadership {
 public:
  Leadership(NodeId self, Nanoseconds lag_time_max, Nanoseconds proposal_timeout);

  /// A new leader epoch, begun with the log ending at `epoch_start`.
  void begin(const PartitionState& state, Offset epoch_start, MonotonicTime now);
  /// The same epoch in a newer partition epoch.
  void update(const PartitionState& state);
  /// False: not a replica, or a registration older than one seen.
  bool note(const FollowerFetch& fetch, Offset log_end, MonotonicTime now);
  bool on_answer(const AlterPartitionAnswer& answer, MonotonicTime now);

  /// Everything below is on each member of the maximal ISR; none while the ISR is below `min_insync`.
  [[nodiscard]] std::optional<Offset> committed_end(Offset held, int min_insync) const;
  /// min.insync.replicas counts at most as many as there are replicas.
  [[nodiscard]] bool has_min_isr(int min_insync) const;
  /// The ISR to ask the controller for, if it should be another or is not known. It is in flight from now on.
  std::optional<AlterPartition> propose(const BrokerView& brokers, const LeaderOffsets& offsets, MonotonicTime now);
  /// When propose() may have something to say though nobody fetched.
  [[nodiscard]] MonotonicTime next_tick(Offset log_end) const;

  [[nodiscard]] Offset epoch_start() const { return epoch_start_; }
  [[nodiscard]] const Isr& isr() const { return isr_; }
  [[nodiscard]] const FollowerBook& followers() const { return followers_; }

 private:
  [[nodiscard]] bool lags(NodeId replica, Offset log_end, MonotonicTime now) const;
  [[nodiscard]] bool may_enter(NodeId replica, const FollowerState& follower, const LeaderOffsets& offsets,
                               const BrokerView& brokers) const;
  [[nodiscard]] IsrMember member(NodeId replica, const BrokerView& brokers) const;

  NodeId self_;
  Nanoseconds lag_time_max_;
  Nanoseconds proposal_timeout_;
  LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
  Offset epoch_start_ = kNoOffset;
  int replica_count_ = 0;
  LeaderRecovery recovery_ = LeaderRecovery::recovered;
  FollowerBook followers_;
  Isr isr_;
};

}  // namespace gregor::replica
