// Records of brokers, controllers and features, one by one. Topics and partitions: image_test.cc.
#include "metadata/record_applier.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

const NodeId kFive{5};

wire::RegisterBrokerRecord registration() {
  wire::RegisterBrokerRecord record{.broker_id = 5, .incarnation_id = {1, 5}, .broker_epoch = 77};
  record.end_points = {{.name = "PLAINTEXT", .host = "h", .port = 65535, .security_protocol = 0}};
  record.features = {{.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 30}};
  record.rack = "r";
  record.log_dirs = {Uuid{9, 9}, Uuid{3, 3}};
  return record;
}

TEST(RecordApplier, ABrokerIsRegisteredWholeAndFenced) {
  TestLog log(0);
  EXPECT_EQ(log.write_one(registration(), 4).brokers, std::set<NodeId>{kFive});
  const BrokerRegistration* broker = log.image().find_broker(kFive);
  ASSERT_NE(broker, nullptr);
  EXPECT_TRUE(broker->fenced);
  EXPECT_EQ(broker->listeners.front(), (Endpoint{"PLAINTEXT", "h", 65535, 0}));
  EXPECT_EQ(broker->features.at("metadata.version"), (VersionRange{7, 30}));
  EXPECT_EQ(broker->rack, "r");
  EXPECT_EQ(broker->log_dirs, (std::vector<Uuid>{{3, 3}, {9, 9}})) << "sorted";
}

TEST(RecordApplier, ARegistrationChangesByWhatARecordNames) {
  TestLog log(0);
  log.write_one(registration(), 4);
  log.write_one(wire::BrokerRegistrationChangeRecord{.broker_id = 5, .broker_epoch = 77, .fenced = -1}, 0);
  EXPECT_FALSE(log.image().find_broker(kFive)->fenced);
  wire::BrokerRegistrationChangeRecord leaving{.broker_id = 5, .broker_epoch = 77, .in_controlled_shutdown = 1};
  log.write_one(leaving, 1);
  EXPECT_TRUE(log.image().find_broker(kFive)->in_controlled_shutdown);
  EXPECT_FALSE(log.image().find_broker(kFive)->fenced);
  wire::BrokerRegistrationChangeRecord moved{.broker_id = 5, .broker_epoch = 77};
  moved.log_dirs = {Uuid{8, 8}};
  log.write_one(moved, 2);
  EXPECT_EQ(log.image().find_broker(kFive)->log_dirs, (std::vector<Uuid>{{8, 8}}));
}

TEST(RecordApplier, TheOlderFencingRecordsStillCount) {
  TestLog log(0);
  log.write_one(registration(), 4);
  log.write_one(wire::UnfenceBrokerRecord{.id = 5, .epoch = 77}, 0);
  EXPECT_FALSE(log.image().find_broker(kFive)->fenced);
  log.write_one(wire::FenceBrokerRecord{.id = 5, .epoch = 77}, 0);
  EXPECT_TRUE(log.image().find_broker(kFive)->fenced);
  log.write_one(wire::UnregisterBrokerRecord{.broker_id = 5, .broker_epoch = 77}, 0);
  EXPECT_EQ(log.image().find_broker(kFive), nullptr);
}

TEST(RecordApplier, FeaturesAndSettingsGoWhenTheyAreUnset) {
  TestLog log(0);
  log.write_one(wire::FeatureLevelRecord{.name = "group.version", .feature_level = 1}, 0);
  EXPECT_EQ(log.image().feature_level("group.version"), 1);
  log.write_one(wire::FeatureLevelRecord{.name = "group.version", .feature_level = 0}, 0);
  EXPECT_FALSE(log.image().features().contains("group.version"));
  const ConfigResource broker{ConfigResource::kBroker, ""};
  log.write_one(wire::ConfigRecord{.resource_type = 4, .resource_name = "", .name = "k", .value = "v"}, 0);
  EXPECT_EQ(log.image().configs_of(broker).at("k"), "v");
  log.write_one(wire::ConfigRecord{.resource_type = 4, .resource_name = "", .name = "k", .value = std::nullopt}, 0);
  EXPECT_FALSE(log.image().configs().contains(broker));
}

TEST(RecordApplier, AControllerIsRegistered) {
  TestLog log(0);
  wire::RegisterControllerRecord record{.controller_id = 1, .incarnation_id = {4, 4}};
  EXPECT_EQ(log.write_one(record, 0).controllers, std::set<NodeId>{NodeId{1}});
  EXPECT_EQ(log.image().controllers().find(NodeId{1})->incarnation_id, (Uuid{4, 4}));
}

}  // namespace
}  // namespace gregor::metadata
