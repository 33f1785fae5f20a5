// metadata.version: which record versions a finalized level allows to be written, and the levels that this code knows.
// Facts of Apache Kafka 4.3's feature levels (KIP-584, KIP-778).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "metadata/broker_registration.h"

namespace gregor::metadata {

inline constexpr std::string_view kMetadataVersion = "metadata.version";
inline constexpr std::int16_t kMetadataVersionMin = 7;      ///< 3.3-IV3
inline constexpr std::int16_t kMetadataVersionLatest = 30;  ///< 4.3-IV0, what a new cluster begins with
/// KIP-966: an in-sync replica that goes below min.insync.replicas stays eligible to lead.
inline constexpr std::string_view kEligibleLeaderReplicas = "eligible.leader.replicas.version";
inline constexpr std::int16_t kEligibleLeaderReplicasLatest = 1;
inline constexpr std::int16_t kEligibleLeaderReplicasNeed = 23;  ///< of metadata.version

struct FeatureLevel {
  std::string_view name;
  std::int16_t level;
};
/// What a new cluster finalizes: the features whose code is here. A feature joins this table with its code.
std::span<const FeatureLevel> features_of_a_new_cluster();
/// A feature of the quorum's own control records, which no metadata record finalizes (KIP-853).
inline constexpr std::string_view kKraftVersion = "kraft.version";
/// What a node of this version can do of that which metadata records finalize.
SupportedFeatures supported_features();
/// The same and kraft.version, as a node registers and tells it: where that one is finalized, Kafka's controllers
/// refuse whoever does not name it.
SupportedFeatures told_features();

/// Versions of records at a metadata.version level.
struct RecordVersions {
  std::int16_t register_broker;
  std::int16_t partition;
  std::int16_t partition_change;
};
RecordVersions record_versions_at(std::int16_t metadata_version);

}  // namespace gregor::metadata
