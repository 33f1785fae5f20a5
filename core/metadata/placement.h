// Which brokers hold a new partition's replicas. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "metadata/image.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

/// True for brokers that may lead: registered, not fenced, not about to leave.
bool is_active(const Image& image, NodeId broker);

/// Replicas for partitions 0 to count-1, each list led by an active broker, no broker twice. Errors: invalid, saying
/// how many brokers there are. Of the active brokers, where there are enough of them:
///   - leaders differ by at most one in number;
///   - a partition's replicas are on different racks, or on all of them where those are fewer;
///   - replicas differ by at most one in number, where racks are equally large or none is named.
/// Fenced brokers are taken when the others are used up; those about to leave never.
Result<std::vector<std::vector<NodeId>>> place_replicas(const Image& image, std::int32_t count,
                                                        std::int16_t replication_factor, RandomStream& random);

/// What is wrong with the replicas that a client chose for a partition of a topic of that many replicas, in a sentence;
/// none where they will do. That one of them is active is for the caller to ask. Without a factor any number will do.
std::optional<std::string> fault_of_assignment(const Image& image, const std::vector<NodeId>& replicas,
                                               std::optional<std::size_t> replication_factor = std::nullopt);

/// A partition new on `replicas`: the active ones are in sync, the first of them leads. Requires an active one.
Partition new_partition(const Image& image, const std::vector<NodeId>& replicas);
/// The record that makes it, for a log that takes PartitionRecord at `version`.
wire::PartitionRecord record_of_new_partition(const TopicId& topic, std::int32_t index, const Partition& partition,
                                              std::int16_t version);

}  // namespace gregor::metadata
