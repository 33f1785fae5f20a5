// A topic's settings over the broker's defaults.
#include "config/topic_config.h"

#include <gtest/gtest.h>

#include "config/table.h"
#include "tests/config/support_json.h"

namespace gregor::config {
namespace {

TEST(TopicConfig, DefaultConstructedHoldsTheDefaultsOfTheTable) {
  for (const Key& key : topic_keys()) {
    const auto text = topic_value_text(TopicConfig{}, key.name);
    ASSERT_TRUE(text.has_value()) << key.name << " has a row but no member";
    EXPECT_EQ(*text, key.default_text == nullptr ? "0" : key.default_text) << key.name;
  }
}

TEST(TopicConfig, EveryKeyCanBeSetToItsDefault) {
  std::vector<TopicOverride> overrides;
  for (const Key& key : topic_keys()) {
    if (key.default_text != nullptr) overrides.emplace_back(std::string(key.name), key.default_text);
  }
  EXPECT_EQ(topic_config_with({}, overrides).value(), TopicConfig{});
}

TEST(TopicConfig, OverridesStandBeforeDefaults) {
  TopicConfig defaults;
  defaults.retention_ms = 5;
  const std::vector<TopicOverride> overrides = {{"cleanup.policy", "compact,delete"},
                                                {"compression.type", "zstd"},
                                                {"message.timestamp.type", "LogAppendTime"},
                                                {"segment.bytes", "1048576"},
                                                {"min.cleanable.dirty.ratio", "0.25"},
                                                {"preallocate", "true"},
                                                {"leader.replication.throttled.replicas", "0:1,1:2"}};
  const TopicConfig topic = topic_config_with(defaults, overrides).value();
  EXPECT_TRUE(topic.cleanup_policy_compact && topic.cleanup_policy_delete);
  EXPECT_EQ(topic.compression_type, CompressionType::zstd);
  EXPECT_EQ(topic.message_timestamp_type, TimestampType::log_append_time);
  EXPECT_EQ(topic.segment_bytes, 1'048'576);
  EXPECT_EQ(topic.min_cleanable_dirty_ratio, 0.25);
  EXPECT_TRUE(topic.preallocate);
  EXPECT_EQ(topic.retention_ms, 5) << "what is not overridden comes from the defaults";
  for (const auto& [name, value] : overrides) EXPECT_EQ(topic_value_text(topic, name).value(), value) << name;
}

TEST(TopicConfig, UnknownNamesAreToldInKafkasWords) {
  const std::vector<TopicOverride> overrides = {{"retention.mss", "1"}};
  const auto topic = topic_config_with({}, overrides);
  ASSERT_FALSE(topic.has_value());
  EXPECT_EQ(topic.error().code, Errc::invalid);
  EXPECT_EQ(topic.error().text, "Unknown topic config name: retention.mss");
}

TEST(TopicConfig, WrongValuesAreTold) {
  const std::vector<TopicOverride> overrides = {{"segment.bytes", "1048575"}};
  const auto topic = topic_config_with({}, overrides);
  ASSERT_FALSE(topic.has_value());
  EXPECT_EQ(topic.error().text, "Invalid value 1048575 for configuration segment.bytes: must be at least 1048576");
}

TEST(TopicConfig, WhatIsNotBuiltIsRefused) {
  const std::vector<TopicOverride> on = {{"remote.storage.enable", "true"}};
  EXPECT_FALSE(topic_config_with({}, on).has_value());
  const std::vector<TopicOverride> off = {{"remote.storage.enable", "FALSE"}};
  EXPECT_TRUE(topic_config_with({}, off).has_value()) << "the default may be said";
}

TEST(TopicConfig, CompactionLagsMustNotCross) {
  const std::vector<TopicOverride> overrides = {{"min.compaction.lag.ms", "2"}, {"max.compaction.lag.ms", "1"}};
  EXPECT_FALSE(topic_config_with({}, overrides).has_value());
}

TEST(TopicConfig, InternalSegmentBytesStandsBeforeSegmentBytes) {
  const std::vector<TopicOverride> overrides = {{"internal.segment.bytes", "1024"}};
  EXPECT_EQ(topic_config_with({}, overrides)->segment_bytes_in_force(), 1024);
  EXPECT_EQ(TopicConfig{}.segment_bytes_in_force(), 1'073'741'824);
}

TEST(TopicConfig, AnUntouchedTopicOfAKafkaBrokerHasTheSameValues) {
  const auto facts = testing::kafka_facts("describe-configs-topic.json");
  if (!facts) GTEST_SKIP() << "describe-configs-topic.json is not here: set GREGOR_KAFKA_CONFIGS";
  for (const auto& entry : (*facts)["results"][0]["configs"]) {
    const std::string name = entry["name"];
    EXPECT_EQ(topic_value_text({}, name).value(), entry["value"].get<std::string>()) << name;
  }
}

}  // namespace
}  // namespace gregor::config
