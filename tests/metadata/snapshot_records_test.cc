// An image as records, and back. Registrations of controllers, which such a snapshot holds too (KIP-919).
#include "metadata/snapshot_records.h"

#include <gtest/gtest.h>

#include "metadata/controllers.h"
#include "tests/metadata/support/cluster.h"
#include "tests/metadata/support/cluster_model.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

Image read_back(const Image& image) {
  Image again;
  Delta delta;
  const RecordList records = snapshot_records_of(image);
  for (const ByteBuffer& value : records.values()) EXPECT_TRUE(again.apply(value, delta).has_value());
  return again;
}

TEST(SnapshotRecords, OfAnyHistoryMakeTheSameImage) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ClusterModel model(seed);
    model.run(150);
    const Image again = read_back(model.image());
    ASSERT_EQ(again.to_text(), model.image().to_text()) << "seed " << seed;
    ASSERT_EQ(again.hash(), model.image().hash());
  }
}

ControllerRegistration controller(std::uint64_t life) {
  return {.id = NodeId{3001},
          .incarnation_id = {7, life},
          .listeners = {{"CONTROLLER", "localhost", 9093, 0}},
          .features = supported_features()};
}

TEST(SnapshotRecords, HoldWhatNoPartitionKnows) {
  TestLog log;
  log.create({.name = "t", .configs = {{"retention.ms", "1000"}}});
  log.write(decide_register_controller(log.image(), controller(1)).value());
  log.write_one(wire::ProducerIdsRecord{.broker_id = 1, .broker_epoch = 1, .next_producer_id = 3000}, 0);
  wire::ClientQuotaRecord quota{.key = "producer_byte_rate", .value = 12.5, .remove = false};
  quota.entity.push_back({.entity_type = "user", .entity_name = std::nullopt});
  log.write_one(quota, 0);
  const ByteBuffer secret(3, std::byte{7});
  log.write_one(wire::UserScramCredentialRecord{.name = "eve",
                                                .mechanism = 1,
                                                .salt = secret,
                                                .stored_key = secret,
                                                .server_key = secret,
                                                .iterations = 4096},
                0);
  EXPECT_EQ(read_back(log.image()).to_text(), log.image().to_text());
  EXPECT_EQ(read_back(log.image()).hash(), log.image().hash());
}

// What a Kafka cluster knew of access and tokens is not lost because nobody here reads it.
TEST(SnapshotRecords, HoldWhatNothingHereReads) {
  TestLog log;
  const Uuid first{3, 1};
  const Uuid second{3, 2};
  for (const Uuid& id : {first, second}) {
    log.write_one(wire::AccessControlEntryRecord{.id = id, .principal = "User:eve", .host = "*"}, 0);
  }
  log.write_one(wire::DelegationTokenRecord{.owner = "User:eve", .token_id = "token"}, 0);
  log.write_one(wire::RemoveAccessControlEntryRecord{.id = first}, 0);
  EXPECT_EQ(log.image().kept_records().size(), 2u);
  EXPECT_EQ(read_back(log.image()).hash(), log.image().hash());
  log.write_one(wire::RemoveDelegationTokenRecord{.token_id = "token"}, 0);
  EXPECT_EQ(log.image().kept_records().size(), 1u);
}

// Old levels write old records, which say less; an image made by such records has nothing more to say.
TEST(SnapshotRecords, AreWrittenAtTheVersionsOfTheFinalizedLevel) {
  for (const std::int16_t level : {7, 8, 14, 17, 22, 23, 30}) {
    TestLog log(0);
    log.write_one(wire::FeatureLevelRecord{.name = kEligibleLeaderReplicas, .feature_level = 0}, 0);
    log.write_one(wire::FeatureLevelRecord{.name = kMetadataVersion, .feature_level = level}, 0);
    log.register_broker(NodeId{1}, 1);
    log.register_broker(NodeId{2}, 2);
    log.create({.name = "t", .num_partitions = 2, .replication_factor = 2});
    log.register_broker(NodeId{2}, 3, /*unfenced=*/false);
    EXPECT_EQ(read_back(log.image()).to_text(), log.image().to_text()) << "metadata.version " << level;
  }
}

TEST(Controllers, AreRegisteredOnceALifeAndOnlyWhereTheLogKnowsThem) {
  TestLog log;
  log.write(decide_register_controller(log.image(), controller(1)).value());
  EXPECT_EQ(*log.image().controllers().find(NodeId{3001}), controller(1));
  EXPECT_TRUE(decide_register_controller(log.image(), controller(1)).value().empty());
  EXPECT_FALSE(decide_register_controller(log.image(), controller(2)).value().empty());
  log.write_one(wire::FeatureLevelRecord{.name = kMetadataVersion, .feature_level = 14}, 0);
  EXPECT_EQ(decide_register_controller(log.image(), controller(2)).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace gregor::metadata
