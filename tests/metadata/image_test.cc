// The image as the fold of records: what each kind does, what is refused, and that nothing but the records matters.
#include "metadata/image.h"

#include <gtest/gtest.h>

#include "metadata/delete_topics.h"
#include "metadata/producer_ids.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

const TopicId kId{3, 4};

RecordList topic_with_a_partition() {
  RecordList records;
  records.add(wire::TopicRecord{.name = "t", .topic_id = kId}, 0);
  records.add(wire::PartitionRecord{.partition_id = 0,
                                    .topic_id = kId,
                                    .replicas = {1},
                                    .isr = {1},
                                    .leader = 1,
                                    .leader_epoch = 0,
                                    .partition_epoch = 0},
              2);
  return records;
}
const Partition& partition_of(const TestLog& log) {
  return *log.image().find_partition(kId, PartitionIndex{0});
}

TEST(Image, ATopicIsFoundByNameAndById) {
  TestLog log;
  const Delta delta = log.write(topic_with_a_partition());
  EXPECT_EQ(log.image().find_topic("t"), log.image().find_topic(kId));
  EXPECT_EQ(log.image().partition_count(), 1u);
  EXPECT_EQ(delta.created_topics, (std::set<TopicId>{kId}));
  EXPECT_EQ(delta.partitions.at(kId), (std::set<PartitionIndex>{PartitionIndex{0}}));
}

TEST(Image, ARemovedTopicTakesItsPartitionsAndSettingsAlong) {
  TestLog log;
  log.write(topic_with_a_partition());
  log.write_one(wire::ConfigRecord{.resource_type = 2, .resource_name = "t", .name = "retention.ms", .value = "1"}, 0);
  EXPECT_EQ(log.image().topic_configs("t").at("retention.ms"), "1");
  const Delta delta = log.write_one(wire::RemoveTopicRecord{.topic_id = kId}, 0);
  EXPECT_EQ(delta.deleted_topics, (std::set<TopicId>{kId}));
  EXPECT_EQ(delta.configs.size(), 1u);
  EXPECT_TRUE(delta.partitions.empty());
  EXPECT_EQ(log.image().find_topic("t"), nullptr);
  EXPECT_TRUE(log.image().topic_configs("t").empty());
  EXPECT_EQ(log.image().partition_count(), 0u);
}

TEST(Image, ATopicMadeAndRemovedBetweenTwoImagesIsInNeither) {
  TestLog log;
  RecordList records = topic_with_a_partition();
  records.add(wire::RemoveTopicRecord{.topic_id = kId}, 0);
  EXPECT_TRUE(log.write(records).is_empty());
}

// The leader epoch rises with each record that names a leader, the same one too; the partition epoch with each record.
TEST(Image, APartitionChangeRaisesItsEpochs) {
  TestLog log;
  log.write(topic_with_a_partition());
  log.write_one(wire::PartitionChangeRecord{.partition_id = 0, .topic_id = kId, .leader = -1}, 2);
  EXPECT_EQ(partition_of(log).leader, kNoLeader);
  EXPECT_EQ(partition_of(log).leader_epoch, LeaderEpoch{1});
  wire::PartitionChangeRecord isr{.partition_id = 0, .topic_id = kId};
  isr.isr = std::vector<std::int32_t>{1, 2};
  log.write_one(isr, 2);
  EXPECT_EQ(partition_of(log).leader_epoch, LeaderEpoch{1});
  EXPECT_EQ(partition_of(log).partition_epoch, 2);
  EXPECT_EQ(partition_of(log).isr, (std::vector<NodeId>{NodeId{1}, NodeId{2}}));
  EXPECT_EQ(partition_of(log).replicas, (std::vector<NodeId>{NodeId{1}})) << "what a record leaves out stays";
}

TEST(Image, ClearElrForgetsEligibleReplicasOfOneTopicOrOfAll) {
  for (const char* name : {"t", ""}) {
    TestLog log;
    log.write(topic_with_a_partition());
    wire::PartitionChangeRecord change{.partition_id = 0, .topic_id = kId};
    change.eligible_leader_replicas = std::vector<std::int32_t>{1};
    log.write_one(change, 2);
    EXPECT_EQ(partition_of(log).eligible_leader_replicas.size(), 1u);
    log.write_one(wire::ClearElrRecord{.topic_name = name}, 0);
    EXPECT_TRUE(partition_of(log).eligible_leader_replicas.empty());
    EXPECT_EQ(partition_of(log).partition_epoch, 2);
  }
}

// KAFKA-14275: a record that cannot be applied is an error, and the image stays.
TEST(Image, RecordsThatSpeakOfWhatIsNotThereAreRefused) {
  const auto refused = [](const auto& record, std::int16_t version) {
    TestLog log;
    Image image = log.image();
    const std::string before = image.to_text();
    RecordList records;
    records.add(record, version);
    Delta delta;
    const auto applied = image.apply(records.values().front(), delta);
    EXPECT_EQ(image.to_text(), before);
    EXPECT_TRUE(delta.is_empty());
    return !applied && applied.error().code == Errc::corrupt;
  };
  EXPECT_TRUE(refused(wire::RemoveTopicRecord{.topic_id = kId}, 0));
  EXPECT_TRUE(refused(wire::PartitionRecord{.partition_id = 0, .topic_id = kId}, 2));
  EXPECT_TRUE(refused(wire::PartitionChangeRecord{.partition_id = 0, .topic_id = kId}, 2));
  EXPECT_TRUE(refused(wire::ClearElrRecord{.topic_name = "t"}, 0));
  EXPECT_TRUE(refused(wire::UnregisterBrokerRecord{.broker_id = 9, .broker_epoch = 0}, 0));
  EXPECT_TRUE(refused(wire::BrokerRegistrationChangeRecord{.broker_id = 1, .broker_epoch = 99}, 0));
}

TEST(Image, BytesThatAreNoRecordAreMalformedAndUnknownTypesUnsupported) {
  Image image;
  Delta delta;
  const std::byte nothing_known[] = {std::byte{1}, std::byte{0x7f}, std::byte{0}};
  EXPECT_EQ(image.apply(nothing_known, delta).error().code, Errc::unsupported);
  EXPECT_FALSE(image.apply(Bytes{}, delta));
  const std::byte cut[] = {std::byte{1}, std::byte{2}};
  EXPECT_EQ(image.apply(cut, delta).error().code, Errc::malformed);
}

TEST(Image, RecordsOfKindsNotUsedHereChangeNothing) {
  TestLog log;
  const Uuid before = log.image().hash();
  EXPECT_TRUE(log.write_one(wire::NoOpRecord{}, 0).is_empty());
  EXPECT_TRUE(log.write_one(wire::RemoveDelegationTokenRecord{.token_id = "t"}, 0).is_empty());
  EXPECT_EQ(log.image().hash(), before);
}

TEST(Image, QuotasAndCredentialsAreInTheHashAndTheKeysInNoText) {
  TestLog log;
  const Uuid before = log.image().hash();
  const ByteBuffer secret(4, std::byte{'s'});
  const Delta delta =
      log.write_one(wire::UserScramCredentialRecord{.name = "u", .mechanism = 1, .stored_key = secret}, 0);
  EXPECT_EQ(delta.scram_credentials.size(), 1U);
  const Uuid with = log.image().hash();
  EXPECT_NE(with, before);
  EXPECT_EQ(log.image().to_text().find("ssss"), std::string::npos);
  EXPECT_EQ(log.write_one(wire::ClientQuotaRecord{.entity = {{.entity_type = "user", .entity_name = "u"}},
                                                  .key = "producer_byte_rate",
                                                  .value = 5},
                          0)
                .client_quotas.size(),
            1U);
  EXPECT_NE(log.image().hash(), with);
}

TEST(Image, ANewerMetadataVersionIsRefusedByName) {
  TestLog log;
  Image image = log.image();
  RecordList records;
  records.add(wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 99}, 0);
  Delta delta;
  const auto applied = image.apply(records.values().front(), delta);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::unsupported);
  EXPECT_NE(applied.error().text.find("metadata.version 99"), std::string::npos);
}

TEST(Image, ProducerIdsNeverGoBack) {
  TestLog log;
  log.write_one(wire::ProducerIdsRecord{.broker_id = 1, .broker_epoch = 1, .next_producer_id = 2000}, 0);
  Image image = log.image();
  RecordList records;
  records.add(wire::ProducerIdsRecord{.broker_id = 1, .broker_epoch = 1, .next_producer_id = 1000}, 0);
  Delta delta;
  EXPECT_EQ(image.apply(records.values().front(), delta).error().code, Errc::corrupt);
}

TEST(Image, ACopyKeepsWhatItHeldWhenTheOriginalGoesOn) {
  TestLog log;
  const Image before = log.image();
  const std::string text = before.to_text();
  log.write(topic_with_a_partition());
  EXPECT_EQ(before.to_text(), text);
  EXPECT_NE(log.image().hash(), before.hash());
}

}  // namespace
}  // namespace gregor::metadata
