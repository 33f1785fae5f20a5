#include "metadata/metadata_version.h"

#include <array>

namespace gregor::metadata {

namespace {
constexpr std::array kNewCluster = {FeatureLevel{kMetadataVersion, kMetadataVersionLatest},
                                    FeatureLevel{kEligibleLeaderReplicas, kEligibleLeaderReplicasLatest}};
constexpr std::int16_t kRecordsInControlledShutdown = 8;  // 3.4-IV0
constexpr std::int16_t kRecordsDirectories = 17;          // 3.7-IV2
constexpr std::int16_t kRecordsEligibleReplicas = 23;     // 4.0-IV1
constexpr std::int16_t kRecordsCordonedDirectories = 30;  // 4.3-IV0
}  // namespace

std::span<const FeatureLevel> features_of_a_new_cluster() {
  return kNewCluster;
}

SupportedFeatures supported_features() {
  SupportedFeatures supported;
  supported[std::string(kMetadataVersion)] = {.lowest = kMetadataVersionMin, .highest = kMetadataVersionLatest};
  supported[std::string(kEligibleLeaderReplicas)] = {.lowest = 0, .highest = kEligibleLeaderReplicasLatest};
  return supported;
}

SupportedFeatures told_features() {
  SupportedFeatures told = supported_features();
  told[std::string(kKraftVersion)] = {.lowest = 0, .highest = 1};
  return told;
}

RecordVersions record_versions_at(std::int16_t metadata_version) {
  RecordVersions versions{.register_broker = 1, .partition = 0, .partition_change = 0};
  if (metadata_version >= kRecordsInControlledShutdown) versions.register_broker = 2;
  if (metadata_version >= kRecordsDirectories) versions = {3, 1, 1};
  if (metadata_version >= kRecordsEligibleReplicas) versions.partition = versions.partition_change = 2;
  if (metadata_version >= kRecordsCordonedDirectories) versions.register_broker = 4;
  return versions;
}

}  // namespace gregor::metadata
