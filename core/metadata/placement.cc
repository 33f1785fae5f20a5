#include "metadata/placement.h"

#include "base/check.h"

namespace gregor::metadata {

namespace {

/// A broker with one directory is known to put the replica there; with several it says so itself, later (KIP-858).
Uuid directory_on(const Image& image, NodeId broker) {
  const BrokerRegistration* registration = image.find_broker(broker);
  if (registration == nullptr || registration->log_dirs.size() != 1) return Uuid{};
  return registration->log_dirs.front();
}

}  // namespace

bool is_active(const Image& image, NodeId broker) {
  const BrokerRegistration* registration = image.find_broker(broker);
  return registration != nullptr && !registration->fenced && !registration->in_controlled_shutdown;
}

Result<std::vector<std::vector<NodeId>>> place_replicas(const Image& image, std::int32_t count,
                                                        std::int16_t replication_factor, RandomStream& random) {
  std::vector<NodeId> active;
  std::vector<NodeId> inactive;
  for (const auto& [id, broker] : image.brokers()) (is_active(image, id) ? active : inactive).push_back(id);
  const std::size_t registered = active.size() + inactive.size();
  const auto factor = static_cast<std::size_t>(replication_factor);
  if (factor > registered) {
    return fail(Errc::invalid, "The target replication factor of " + std::to_string(factor) +
                                   " cannot be reached because only " + std::to_string(registered) +
                                   " broker(s) are registered.");
  }
  if (active.empty()) return fail(Errc::invalid, "All brokers are currently fenced.");

  std::vector<std::vector<NodeId>> placed;
  std::size_t first = random.below(active.size());
  for (std::int32_t partition = 0; partition < count; ++partition, ++first) {
    std::vector<NodeId> replicas;
    for (std::size_t i = 0; i < active.size() && replicas.size() < factor; ++i) {
      replicas.push_back(active[(first + i) % active.size()]);
    }
    for (std::size_t i = 0; replicas.size() < factor; ++i) replicas.push_back(inactive[(first + i) % inactive.size()]);
    placed.push_back(std::move(replicas));
  }
  return placed;
}

Partition new_partition(const Image& image, const std::vector<NodeId>& replicas) {
  Partition partition;
  partition.replicas = replicas;
  for (const NodeId replica : replicas) {
    partition.directories.push_back(directory_on(image, replica));
    if (is_active(image, replica)) partition.isr.push_back(replica);
  }
  CHECK(!partition.isr.empty());
  partition.leader = partition.isr.front();
  return partition;
}

}  // namespace gregor::metadata
