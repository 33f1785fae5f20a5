// What a run of records changed between two images, by name: a reader looks the things up in the image before or after.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/ids.h"
#include "metadata/quotas_and_scram.h"

namespace gregor::metadata {

/// A configured thing, with Kafka's numbers of resource types: 2 topic, 4 broker ("" is the cluster's default),
/// 8 broker logger, 16 client metrics, 32 group.
struct ConfigResource {
  static constexpr std::int8_t kTopic = 2;
  static constexpr std::int8_t kBroker = 4;
  static constexpr std::int8_t kBrokerLogger = 8;
  static constexpr std::int8_t kClientMetrics = 16;
  static constexpr std::int8_t kGroup = 32;
  std::int8_t type = 0;
  std::string name;
  auto operator<=>(const ConfigResource&) const = default;
};

struct Delta {
  std::set<TopicId> created_topics;  ///< in the image after
  std::set<TopicId> deleted_topics;  ///< in the image before, with all their partitions; not in the image after
  /// Partitions new or changed, of created topics too; never of deleted ones.
  std::map<TopicId, std::set<PartitionIndex>> partitions;
  std::set<ConfigResource> configs;  ///< of deleted topics too
  std::set<NodeId> brokers;          ///< registered, changed or gone
  std::set<NodeId> controllers;
  std::set<std::string> features;
  bool producer_ids = false;
  std::set<QuotaEntity> client_quotas;  ///< set, changed or gone
  std::set<ScramKey> scram_credentials;

  [[nodiscard]] bool is_empty() const { return *this == Delta{}; }
  bool operator==(const Delta&) const = default;
};

}  // namespace gregor::metadata
