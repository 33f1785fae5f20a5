#include "metadata/placement.h"

#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "metadata/directories.h"
#include "metadata/node_ids.h"
#include "metadata/rack_spread.h"

namespace gregor::metadata {

bool is_active(const Image& image, NodeId broker) {
  const BrokerRegistration* registration = image.find_broker(broker);
  return registration != nullptr && !registration->fenced && !registration->in_controlled_shutdown;
}

Result<std::vector<std::vector<NodeId>>> place_replicas(const Image& image, std::int32_t count,
                                                        std::int16_t replication_factor, RandomStream& random) {
  std::vector<UsableBroker> active;
  std::vector<NodeId> fenced;
  for (const auto& [id, broker] : image.brokers()) {
    if (is_active(image, id)) {
      active.push_back({.id = id, .rack = broker.rack.value_or("")});
    } else if (broker.fenced) {
      fenced.push_back(id);
    }
  }
  const std::size_t registered = active.size() + fenced.size();
  const auto factor = static_cast<std::size_t>(replication_factor);
  if (factor > registered) {
    return fail(Errc::invalid, "The target replication factor of " + std::to_string(factor) +
                                   " cannot be reached because only " + std::to_string(registered) +
                                   " broker(s) are registered.");
  }
  if (active.empty()) return fail(Errc::invalid, "All brokers are currently fenced.");

  auto placed = spread_over_racks(active, count, std::min(factor, active.size()), random);
  for (std::size_t partition = 0; partition < placed.size(); ++partition) {
    std::vector<NodeId>& replicas = placed[partition];
    for (std::size_t i = 0; replicas.size() < factor; ++i) {
      replicas.push_back(fenced[(partition + i) % fenced.size()]);
    }
  }
  return placed;
}

std::optional<std::string> fault_of_assignment(const Image& image, const std::vector<NodeId>& replicas,
                                               std::optional<std::size_t> replication_factor) {
  const auto wrong = [](const std::string& text) { return "The manual partition assignment includes " + text; };
  if (replicas.empty()) return wrong("an empty replica list.");
  std::vector<NodeId> sorted = replicas;
  std::sort(sorted.begin(), sorted.end());
  for (const NodeId replica : sorted) {
    if (image.find_broker(replica) == nullptr) {
      return wrong("broker " + std::to_string(replica.value()) + ", but no such broker is registered.");
    }
  }
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end()) {
    return wrong("the broker " + std::to_string(twice->value()) + " more than once.");
  }
  if (replication_factor && replicas.size() != *replication_factor) {
    return wrong("a partition with " + std::to_string(replicas.size()) +
                 " replica(s), but this is not consistent with previous partitions, which have " +
                 std::to_string(*replication_factor) + " replica(s).");
  }
  return std::nullopt;
}

Partition new_partition(const Image& image, const std::vector<NodeId>& replicas) {
  Partition partition;
  partition.replicas = replicas;
  for (const NodeId replica : replicas) {
    partition.directories.push_back(default_directory_on(image, replica));
    if (is_active(image, replica) || MUTANT(new_isr_takes_fenced_brokers)) partition.isr.push_back(replica);
  }
  CHECK(!partition.isr.empty());
  partition.leader = partition.isr.front();
  return partition;
}

wire::PartitionRecord record_of_new_partition(const TopicId& topic, std::int32_t index, const Partition& partition,
                                              std::int16_t version) {
  wire::PartitionRecord record{.partition_id = index, .topic_id = topic};
  record.replicas = ids_of(partition.replicas);
  record.isr = ids_of(partition.isr);
  record.leader = partition.leader.value();
  record.leader_epoch = partition.leader_epoch.value();
  record.partition_epoch = partition.partition_epoch;
  if (version >= 1) record.directories = partition.directories;
  return record;
}

}  // namespace gregor::metadata
