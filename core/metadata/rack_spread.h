// How the replicas of one topic's partitions are spread over brokers and racks. Pure; draws from the stream handed in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"

namespace gregor::metadata {

struct UsableBroker {
  NodeId id = {};
  std::string rack = {};  ///< brokers that name none share one
};

/// `count` lists of `factor` distinct brokers each, the leader first. Whatever the count:
///   - leaders differ by at most one in number;
///   - a list touches min(factor, racks) racks, where racks are equally large; else as many as the racks' brokers allow
///     when leaders are even;
///   - replicas differ by at most one in number where racks are equally large.
/// Which brokers stand together is drawn anew after each round over all of them. Requires 0 < factor <= brokers.size().
std::vector<std::vector<NodeId>> spread_over_racks(const std::vector<UsableBroker>& brokers, std::int32_t count,
                                                   std::size_t factor, RandomStream& random);

}  // namespace gregor::metadata
