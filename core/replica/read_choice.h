// Which replica a consumer should read from (KIP-392), as a pure choice: the leader, unless another replica that has
// what is asked for stands in the consumer's rack.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace gregor::replica {

struct ReadCandidate {
  NodeId replica;
  std::string rack = {};
  Offset end_offset = kNoOffset;
  Nanoseconds since_caught_up{};
  bool is_leader = false;
};

/// None: the leader itself. Kafka's order among those of the rack: the longest log, then the least lag, then the
/// highest id. A consumer without a rack reads from the leader.
std::optional<NodeId> preferred_read_replica(std::string_view rack, std::span<const ReadCandidate> candidates);

}  // namespace gregor::replica
