// How a partition reaches the rest of its cluster: where the leader's proposals of another ISR go, who hears of roles
// in order to fetch for followers, and who hears of moves. One shard; nothing here suspends. On a node alone none of it
// ever acts.
#pragma once

#include "base/ids.h"
#include "base/unique_function.h"
#include "replica/isr.h"
#include "replica/partition_state.h"

namespace gregor::partition {

class Partition;

/// On the loop or a fiber of the partition's shard.
using IsrAnswered = UniqueFunction<void(const replica::AlterPartitionAnswer&)>;

/// Carries proposals to the controller (AlterPartition, KIP-497).
class IsrChannel {
 public:
  IsrChannel() = default;
  IsrChannel(const IsrChannel&) = delete;
  IsrChannel& operator=(const IsrChannel&) = delete;
  virtual ~IsrChannel() = default;
  /// `answered` is called at most once, never before this returns; a proposal that nobody answers ends by its timeout.
  virtual void propose(const TopicPartition& partition, const replica::AlterPartition& proposal,
                       IsrAnswered answered) = 0;
  /// What the newest metadata on this shard says of brokers.
  [[nodiscard]] virtual const replica::BrokerView& brokers() const = 0;
};

/// Hears when a partition came to lie in another directory, or has to tell that its copy is given up, or no more.
class PlaceListener {
 public:
  PlaceListener() = default;
  PlaceListener(const PlaceListener&) = delete;
  PlaceListener& operator=(const PlaceListener&) = delete;
  virtual ~PlaceListener() = default;
  virtual void on_place_changed() = 0;
};

/// Hears of every partition that begins to follow a leader, anew in each leader epoch.
class FollowerListener {
 public:
  FollowerListener() = default;
  FollowerListener(const FollowerListener&) = delete;
  FollowerListener& operator=(const FollowerListener&) = delete;
  virtual ~FollowerListener() = default;
  /// `partition` may be asked for its next_step() from now on, until following() names another leader.
  virtual void on_following(Partition& partition) = 0;
};

}  // namespace gregor::partition
