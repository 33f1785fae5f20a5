// Which brokers hold a new partition's replicas. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "metadata/image.h"

namespace gregor::metadata {

/// True for brokers that may lead: registered, not fenced, not about to leave.
bool is_active(const Image& image, NodeId broker);

/// Replicas for partitions 0 to count-1, each list led by an active broker. Brokers take turns from a drawn start,
/// active ones before fenced ones; racks are not looked at. Errors: invalid, saying how many brokers there are.
Result<std::vector<std::vector<NodeId>>> place_replicas(const Image& image, std::int32_t count,
                                                        std::int16_t replication_factor, RandomStream& random);

/// A partition new on `replicas`: the active ones are in sync, the first of them leads. Requires an active one.
Partition new_partition(const Image& image, const std::vector<NodeId>& replicas);

}  // namespace gregor::metadata
