// The delta between two images of one history: what it names, what it leaves out, and that who follows it from one to
// the other ends where who heard every record ended.
#include "metadata/image_difference.h"

#include <gtest/gtest.h>

#include "metadata/alter_configs.h"
#include "metadata/delete_topics.h"
#include "metadata/first_delta.h"
#include "metadata/producer_ids.h"
#include "metadata/snapshot_records.h"
#include "tests/metadata/support/cluster.h"
#include "tests/metadata/support/cluster_model.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

/// What a listener that keeps a copy of everything would know: it touches only what deltas name.
struct Follower {
  std::map<TopicId, std::string> topics;
  std::map<std::pair<TopicId, PartitionIndex>, Partition> partitions;
  std::map<NodeId, BrokerRegistration> brokers;
  std::map<ConfigResource, ConfigValues> configs;
  std::map<std::string, std::int16_t> features;
  std::int64_t next_producer_id = 0;
  bool operator==(const Follower&) const = default;

  void follow(const Image& after, const Delta& delta) {
    for (const TopicId& id : delta.deleted_topics) {
      topics.erase(id);
      std::erase_if(partitions, [&](const auto& held) { return held.first.first == id; });
    }
    for (const TopicId& id : delta.created_topics) topics[id] = after.find_topic(id)->name;
    for (const auto& [id, indexes] : delta.partitions) {
      for (const PartitionIndex index : indexes) partitions[{id, index}] = *after.find_partition(id, index);
    }
    for (const NodeId id : delta.brokers) {
      brokers.erase(id);
      if (const auto* broker = after.find_broker(id)) brokers[id] = *broker;
    }
    for (const ConfigResource& resource : delta.configs) {
      configs.erase(resource);
      if (!after.configs_of(resource).empty()) configs[resource] = after.configs_of(resource);
    }
    for (const std::string& name : delta.features) {
      features.erase(name);
      if (after.feature_level(name) != 0) features[name] = after.feature_level(name);
    }
    if (delta.producer_ids) next_producer_id = after.next_producer_id();
  }
};

Follower begun_at(const Image& image) {
  Follower follower;
  follower.follow(image, first_delta_of(image));
  return follower;
}

TEST(ImageDifference, OfAnImageAndItselfIsNothing) {
  TestLog log(2);
  log.create({.name = "t", .num_partitions = 3, .configs = {{"retention.ms", "1"}}});
  Image copy;
  Delta delta;
  const RecordList records = snapshot_records_of(log.image());
  for (const ByteBuffer& value : records.values()) ASSERT_TRUE(copy.apply(value, delta));
  EXPECT_TRUE(difference_of(log.image(), log.image()).is_empty());
  EXPECT_TRUE(difference_of(log.image(), copy).is_empty()) << "equal things at other addresses";
}

TEST(ImageDifference, FromNothingItIsTheFirstDelta) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ClusterModel model(seed);
    model.run(80);
    EXPECT_EQ(difference_of(Image{}, model.image()), first_delta_of(model.image())) << "seed " << seed;
  }
}

TEST(ImageDifference, ATopicMadeAnewIsAnotherTopicWithConfigsOfItsOwn) {
  TestLog log(1);
  log.create({.name = "t", .configs = {{"retention.ms", "1"}}});
  const Image before = log.image();
  const TopicId old = before.find_topic("t")->id;
  log.write(decide_delete_topics(log.image(), {.topics = {{.name = "t"}}}, true).records);
  log.create({.name = "t", .configs = {{"retention.ms", "1"}}});
  const Delta delta = difference_of(before, log.image());
  EXPECT_EQ(delta.deleted_topics, std::set<TopicId>{old});
  EXPECT_EQ(delta.created_topics, std::set<TopicId>{log.image().find_topic("t")->id});
  EXPECT_FALSE(delta.partitions.contains(old));
  EXPECT_EQ(delta.configs, (std::set<ConfigResource>{{ConfigResource::kTopic, "t"}}));
}

TEST(ImageDifference, NamesProducerIdsQuotasAndCredentials) {
  TestLog log(1);
  const Image before = log.image();
  log.write(decide_allocate_producer_ids(log.image(), NodeId{1}, log.image().find_broker(NodeId{1})->epoch)->records);
  wire::ClientQuotaRecord quota{.key = "producer_byte_rate", .value = 12.5, .remove = false};
  quota.entity.push_back({.entity_type = "user", .entity_name = std::nullopt});
  log.write_one(quota, 0);
  log.write_one(wire::UserScramCredentialRecord{.name = "eve", .mechanism = 1, .iterations = 4096}, 0);
  for (const Delta& delta : {difference_of(before, log.image()), difference_of(log.image(), before)}) {
    EXPECT_TRUE(delta.producer_ids);
    EXPECT_EQ(delta.client_quotas.size(), 1U);
    EXPECT_EQ(delta.scram_credentials.size(), 1U);
    EXPECT_TRUE(delta.created_topics.empty());
  }
}

// Method: histories of a whole cluster, cut at several places; who leaps from one cut to any later one, or back to an
// earlier one, knows what who begins there knows.
TEST(ImageDifference, WhoLeapsEndsWhereOneEndsWhoBeginsThere) {
  int differing = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    std::vector<Image> images{Image{}};
    for (const int steps : {20, 60, 140}) {
      ClusterModel model(seed);
      model.run(steps);
      images.push_back(model.image());
    }
    for (const Image& before : images) {
      for (const Image& after : images) {
        Follower follower = begun_at(before);
        const Delta delta = difference_of(before, after);
        differing += !delta.is_empty();
        follower.follow(after, delta);
        ASSERT_TRUE(follower == begun_at(after)) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(differing, 50);
}

}  // namespace
}  // namespace gregor::metadata
