// What the replicas of a modelled cluster hold, and what was committed: counted in records, told by no metadata.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "metadata/image.h"

namespace gregor::metadata {

struct PartitionKey {
  TopicId topic;
  PartitionIndex index;
  auto operator<=>(const PartitionKey&) const = default;
};

struct GhostPartition {
  std::map<NodeId, int> held;  ///< how much of the leader's log a replica has
  int committed = 0;
  LeaderEpoch led_in{-1};  ///< the newest epoch in which a leader was at work
  /// What that leader last heard of its followers.
  struct Heard {
    BrokerEpoch epoch;
    int held = 0;
  };
  std::map<NodeId, Heard> heard;
  std::set<NodeId> proposed;  ///< asked into the ISR by requests that may still be under way
};
using Ghost = std::map<PartitionKey, GhostPartition>;

/// What a step from one image to the next may not do, whatever was asked. A violation begins with the invariant's name.
class ImageChecks {
 public:
  ImageChecks(Ghost& ghost, const std::set<NodeId>& suspects, int min_insync_replicas, bool is_unclean_allowed)
      : ghost_(ghost),
        suspects_(suspects),
        min_insync_replicas_(min_insync_replicas),
        is_unclean_allowed_(is_unclean_allowed) {}

  /// `is_asked_unclean`: a client accepted the loss. Takes allowed losses off what was committed.
  std::optional<std::string> check(const Image& before, const Image& after, bool is_asked_unclean);

 private:
  std::optional<std::string> check_partition(const Image& after, const PartitionKey& key, const Partition& now) const;
  std::optional<std::string> check_change(const Partition& then, const Partition& now, bool is_asked_unclean) const;
  std::optional<std::string> check_content(const PartitionKey& key, const Partition& now) const;

  Ghost& ghost_;
  const std::set<NodeId>& suspects_;  ///< lost something, and have not registered since
  const int min_insync_replicas_;
  const bool is_unclean_allowed_;
};

}  // namespace gregor::metadata
