#include "scenarios/reassignment_client.h"

#include <numeric>
#include <optional>
#include <utility>

#include "env/clock.h"
#include "scenarios/patience.h"
#include "wire/alter_partition_reassignments.h"
#include "wire/list_partition_reassignments.h"

namespace gregor::scenarios {

ReassignmentClient::ReassignmentClient(client::Cluster& cluster, std::vector<properties::HistoryPartition> partitions,
                                       std::int32_t brokers, std::int16_t replicas)
    : cluster_(cluster), partitions_(std::move(partitions)), brokers_(brokers), replicas_(replicas) {}

void ReassignmentClient::step(env::Fiber& self, RandomStream& random) {
  const auto& partition = partitions_[random.below(partitions_.size())];
  if (random.chance(1, 5)) return move(self, partition, std::nullopt);
  move(self, partition, draw_replicas(random));
}

std::vector<std::int32_t> ReassignmentClient::draw_replicas(RandomStream& random) const {
  std::vector<std::int32_t> all(static_cast<std::size_t>(brokers_));
  std::iota(all.begin(), all.end(), 1);
  for (std::size_t i = 0; i < static_cast<std::size_t>(replicas_); ++i) {
    std::swap(all[i], all[i + random.below(all.size() - i)]);
  }
  all.resize(static_cast<std::size_t>(replicas_));
  return all;
}

void ReassignmentClient::move(env::Fiber& self, const properties::HistoryPartition& partition,
                              std::optional<std::vector<std::int32_t>> replicas) {
  const auto link = cluster_.any_link(self);
  if (!link) return;
  wire::AlterPartitionReassignmentsRequest request;
  request.timeout_ms = static_cast<std::int32_t>(kPatience.count());
  request.topics.push_back({.name = partition.topic});
  request.topics[0].partitions.push_back({.partition_index = partition.partition, .replicas = std::move(replicas)});
  // Refused (nothing moves, a broker is not known) or not answered: another move comes.
  static_cast<void>(
      (*link)
          ->ask<wire::AlterPartitionReassignmentsRequest, wire::AlterPartitionReassignmentsResponse>(self, request)
          .has_value());
}

bool ReassignmentClient::nothing_moves(env::Fiber& self) {
  const auto link = cluster_.any_link(self);
  if (!link) return false;
  wire::ListPartitionReassignmentsRequest request;
  request.timeout_ms = static_cast<std::int32_t>(kPatience.count());
  const auto reply =
      (*link)->ask<wire::ListPartitionReassignmentsRequest, wire::ListPartitionReassignmentsResponse>(self, request);
  return reply && reply->body.error_code == 0 && reply->body.topics.empty();
}

void ReassignmentClient::settle(env::Fiber& self) {
  while (!nothing_moves(self)) env::sleep_for(self, cluster_.shard().clock, kRetryPause);
}

}  // namespace gregor::scenarios
