// Record versions by metadata.version, against Kafka's own table where it is at hand.
#include "metadata/metadata_version.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gregor::metadata {
namespace {

TEST(MetadataVersion, RecordVersionsAreThoseOfKafkasTable) {
  const char* folder = std::getenv("GREGOR_SHARED");
  const std::string root = folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared";
  std::ifstream file(root + "/kafka-configs/feature-levels.json");
  if (!file) GTEST_SKIP() << "no feature-levels.json under " << root;
  const auto table = nlohmann::json::parse(file);
  EXPECT_EQ(table["metadata.version"]["minimum"], kMetadataVersionMin);
  EXPECT_EQ(table["metadata.version"]["latestProduction"], kMetadataVersionLatest);
  for (const auto& row : table["metadata.version"]["levels"]) {
    if (row["level"] > kMetadataVersionLatest) continue;
    const RecordVersions versions = record_versions_at(row["level"]);
    EXPECT_EQ(versions.register_broker, row["registerBrokerRecord"]) << row;
    EXPECT_EQ(versions.partition, row["partitionRecord"]) << row;
    EXPECT_EQ(versions.partition_change, row["partitionChangeRecord"]) << row;
  }
}

TEST(MetadataVersion, ANewClusterFinalizesOnlyWhatANodeSupports) {
  const SupportedFeatures supported = supported_features();
  for (const FeatureLevel& feature : features_of_a_new_cluster()) {
    const auto range = supported.find(std::string(feature.name));
    ASSERT_NE(range, supported.end()) << feature.name;
    EXPECT_GE(feature.level, range->second.lowest);
    EXPECT_LE(feature.level, range->second.highest);
  }
}

// As Kafka's brokers do.
TEST(MetadataVersion, ANodeTellsOfTheQuorumsFeatureToo) {
  SupportedFeatures told = told_features();
  const auto kraft = told.find("kraft.version");
  ASSERT_NE(kraft, told.end());
  EXPECT_EQ(kraft->second.lowest, 0);
  EXPECT_EQ(kraft->second.highest, 1);
  told.erase(kraft);
  EXPECT_EQ(told.size(), supported_features().size());
}

}  // namespace
}  // namespace gregor::metadata
