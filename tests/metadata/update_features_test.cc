// Feature levels change only where every node can follow, and no downgrade loses metadata.
#include "metadata/update_features.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

const std::string kVersion(kMetadataVersion);
const std::string kEligible(kEligibleLeaderReplicas);

std::string refusal(const Image& image, std::vector<FeatureUpdate> updates) {
  const auto decided = decide_update_features(image, updates, 1);
  return decided ? "" : decided.error().text;
}

TEST(UpdateFeatures, EachRefusalSaysWhy) {
  const TestLog log;
  const Image& image = log.image();
  EXPECT_NE(refusal(image, {{"no.such.feature", 1, kFeatureUpgrade}}).find("does not support"), std::string::npos);
  EXPECT_NE(refusal(image, {{kVersion, 99, kFeatureUpgrade}}).find("7-30"), std::string::npos);
  EXPECT_NE(refusal(image, {{kVersion, 29, kFeatureUpgrade}}).find("upgrade type"), std::string::npos);
  EXPECT_NE(refusal(image, {{kVersion, 29, kFeatureSafeDowngrade}}).find("delete metadata"), std::string::npos);
  EXPECT_NE(refusal(image, {{kVersion, 29, kFeatureUnsafeDowngrade}}).find("not supported"), std::string::npos);
  EXPECT_NE(refusal(image, {{kEligible, 1, 9}}).find("upgrade type"), std::string::npos);
  EXPECT_NE(refusal(image, {{kEligible, -1, kFeatureUpgrade}}).find("less than 0"), std::string::npos);
}

TEST(UpdateFeatures, OneInTheWayStopsAll) {
  const TestLog log;
  EXPECT_NE(refusal(log.image(), {{kEligible, 0, kFeatureSafeDowngrade}, {"no.such", 1, kFeatureUpgrade}}), "");
}

TEST(UpdateFeatures, TheSameLevelIsFineAndTwiceIsOnce) {
  const TestLog log;
  EXPECT_EQ(refusal(log.image(), {{kVersion, 30, kFeatureUpgrade}, {kVersion, 30, kFeatureUpgrade}}), "");
  EXPECT_EQ(refusal(log.image(), {}), "");
}

TEST(UpdateFeatures, LevelsGoDownAndUpAgain) {
  TestLog log;
  log.write(decide_update_features(log.image(), {{kEligible, 0, kFeatureSafeDowngrade}}, 1).value());
  EXPECT_EQ(log.image().feature_level(kEligibleLeaderReplicas), 0);
  log.write(decide_update_features(log.image(), {{kEligible, 1, kFeatureUpgrade}}, 2).value());
  EXPECT_EQ(log.image().feature_level(kEligibleLeaderReplicas), 1);
  EXPECT_EQ(log.image().configs_of({ConfigResource::kBroker, ""}).at("min.insync.replicas"), "2")
      << "who tracks eligible replicas has one bound for the cluster";
}

TEST(UpdateFeatures, ABrokerThatCannotFollowIsInTheWay) {
  TestLog log;
  const RegisterBroker old{.id = NodeId{9},
                           .incarnation_id = Uuid{1, 9},
                           .cluster_id = kTestCluster,
                           .features = {{kVersion, {7, 30}}},
                           .log_dirs = {{2, 9}}};
  log.write(
      decide_register_broker(log.image(), log.rules, old, kTestCluster, log.next_offset(), false).value().records);
  EXPECT_NE(refusal(log.image(), {{kEligible, 1, kFeatureUpgrade}}).find("Broker 9"), std::string::npos);
  EXPECT_EQ(refusal(log.image(), {{kEligible, 0, kFeatureSafeDowngrade}}), "");
}

TEST(UpdateFeatures, BrokersOwnMinimumsGoWhenTrackingBegins) {
  TestLog log;
  log.write_one(
      wire::ConfigRecord{
          .resource_type = ConfigResource::kBroker, .resource_name = "1", .name = "min.insync.replicas", .value = "3"},
      0);
  log.write(records_for_eligible_replicas(log.image(), 1));
  EXPECT_TRUE(log.image().configs_of({ConfigResource::kBroker, "1"}).empty());
  EXPECT_EQ(log.image().configs_of({ConfigResource::kBroker, ""}).size(), 1U);
  EXPECT_TRUE(records_for_eligible_replicas(log.image(), 1).empty());
}

}  // namespace
}  // namespace gregor::metadata
