#include "scenarios/directory_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "client/admin.h"
#include "env/clock.h"
#include "scenarios/patience.h"
#include "wire/alter_replica_log_dirs.h"
#include "wire/describe_log_dirs.h"

namespace gregor::scenarios {

DirectoryClient::DirectoryClient(client::Cluster& cluster, std::vector<properties::HistoryPartition> partitions,
                                 std::vector<std::string> directories)
    : cluster_(cluster), partitions_(std::move(partitions)), directories_(std::move(directories)) {}

void DirectoryClient::step(env::Fiber& self, RandomStream& random) {
  if (random.chance(1, 8)) {
    const bool is_slow = random.chance(2, 3);
    const std::int64_t bytes = random.between(100, 5'000);
    set_pace(self, is_slow ? std::optional(bytes) : std::nullopt);
    return;
  }
  const auto& partition = partitions_[random.below(partitions_.size())];
  move(self, partition, directories_[random.below(directories_.size())]);
}

void DirectoryClient::move(env::Fiber& self, const properties::HistoryPartition& partition,
                           const std::string& directory) {
  const auto link = cluster_.any_link(self);
  if (!link) return;
  wire::AlterReplicaLogDirsRequest request;
  auto& wanted = request.dirs.emplace_back();
  wanted.path = directory;
  wanted.topics.push_back({.name = partition.topic, .partitions = {partition.partition}});
  // Refused (no replica there, a directory is offline) or not answered: another move comes.
  static_cast<void>(
      (*link)->ask<wire::AlterReplicaLogDirsRequest, wire::AlterReplicaLogDirsResponse>(self, request).has_value());
}

bool DirectoryClient::set_pace(env::Fiber& self, std::optional<std::int64_t> bytes) {
  client::Admin admin(cluster_);
  client::ConfigEdit edit{.name = "replica.alter.log.dirs.io.max.bytes.per.second"};
  if (bytes) edit.value = std::to_string(*bytes);
  if (!bytes) edit.kind = client::ConfigEdit::Kind::remove;
  return admin.alter_configs(self, {client::ConfigTarget::Kind::broker, ""}, {edit}).has_value();
}

bool DirectoryClient::nothing_moves_on(env::Fiber& self, NodeId broker) {
  const auto link = cluster_.link_to(self, broker);
  if (!link) return false;
  wire::DescribeLogDirsRequest request;
  request.topics = std::nullopt;
  const auto reply = (*link)->ask<wire::DescribeLogDirsRequest, wire::DescribeLogDirsResponse>(self, request);
  if (!reply || reply->body.error_code != 0) return false;
  return std::ranges::all_of(reply->body.results, [](const auto& directory) {
    return directory.error_code == 0 && std::ranges::all_of(directory.topics, [](const auto& topic) {
             return std::ranges::none_of(topic.partitions, [](const auto& one) { return one.is_future_key; });
           });
  });
}

bool DirectoryClient::nothing_moves(env::Fiber& self) {
  const std::vector<std::string> no_topics;
  if (!cluster_.refresh(self, &no_topics, false)) return false;
  const auto brokers = cluster_.brokers();
  return std::ranges::all_of(brokers, [&](const auto& broker) { return nothing_moves_on(self, broker.node_id); });
}

void DirectoryClient::settle(env::Fiber& self) {
  while (!set_pace(self, std::nullopt) || !nothing_moves(self)) {
    env::sleep_for(self, cluster_.shard().clock, kRetryPause);
  }
}

}  // namespace gregor::scenarios
