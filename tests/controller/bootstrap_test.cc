// What a new cluster begins with.
#include "controller/bootstrap.h"

#include <gtest/gtest.h>

#include "metadata/image.h"
#include "metadata/metadata_version.h"

namespace gregor::controller {
namespace {

TEST(Bootstrap, FinalizesTheFeaturesOfANewClusterAndNothingElse) {
  metadata::Image image;
  metadata::Delta delta;
  const auto records = bootstrap_records();
  for (const ByteBuffer& value : records.values()) ASSERT_TRUE(image.apply(value, delta));
  for (const metadata::FeatureLevel& feature : metadata::features_of_a_new_cluster()) {
    EXPECT_EQ(image.feature_level(feature.name), feature.level);
    EXPECT_TRUE(delta.features.erase(std::string(feature.name)));
  }
  EXPECT_TRUE(delta.is_empty());
  EXPECT_EQ(image.feature_level(metadata::kMetadataVersion), metadata::kMetadataVersionLatest);
}

}  // namespace
}  // namespace gregor::controller
