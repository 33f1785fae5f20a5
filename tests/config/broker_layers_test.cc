// A broker's settings while it runs: which layer stands before which, what may be changed, and what comes of it.
#include "config/broker_layers.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "config/load.h"
#include "config/table.h"

namespace gregor::config {
namespace {

BrokerConfig file(const std::vector<std::pair<std::string, std::string>>& settings) {
  std::vector<Assignment> assignments;
  for (const auto& [key, value] : settings) assignments.push_back({key, value, "test"});
  return load_broker_config(assignments).value().broker;
}

TEST(BrokerLayers, TheBrokersOwnStandsBeforeTheClustersBeforeTheFile) {
  const BrokerConfig fixed = file({{"message.max.bytes", "1000"}});
  EXPECT_EQ(broker_config_with(fixed, {}, {}).topic_defaults.max_message_bytes, 1000);
  EXPECT_EQ(broker_config_with(fixed, {{"message.max.bytes", "2000"}}, {}).topic_defaults.max_message_bytes, 2000);
  const auto both = broker_config_with(fixed, {{"message.max.bytes", "2000"}}, {{"message.max.bytes", "3000"}});
  EXPECT_EQ(both.topic_defaults.max_message_bytes, 3000);
}

TEST(BrokerLayers, ADynamicSettingHidesItsSynonymsBelow) {
  const BrokerConfig fixed = file({{"log.retention.ms", "5000"}});
  const BrokerLayers layers{.fixed = fixed_settings(fixed), .cluster = {{"log.retention.ms", "7000"}}};
  EXPECT_EQ(effective_settings(layers).at("log.retention.ms"), "7000");
  const BrokerConfig by_hours = file({{"log.roll.hours", "1"}});
  EXPECT_EQ(by_hours.topic_defaults.segment_ms, 3'600'000);
  EXPECT_EQ(broker_config_with(by_hours, {{"log.roll.ms", "60000"}}, {}).topic_defaults.segment_ms, 60'000);
}

TEST(BrokerLayers, LimitsOfConnectionsChangeAndFixedKeysDoNot) {
  const BrokerConfig fixed = file({});
  const auto now = broker_config_with(fixed, {{"max.connections", "7"}, {"num.partitions", "9"}}, {});
  EXPECT_EQ(now.max_connections, 7);
  EXPECT_EQ(now.num_partitions, 1) << "read-only: a log that says otherwise is not obeyed";
}

TEST(BrokerLayers, AValueThatIsNoneChangesNothing) {
  const BrokerConfig fixed = file({});
  EXPECT_EQ(broker_config_with(fixed, {{"message.max.bytes", "many"}, {"no.such", "1"}}, {}), fixed);
}

TEST(BrokerLayers, TheFileSaysWhoTheNodeIsEvenWhereNobodyWroteIt) {
  const SettingMap settings = fixed_settings(file({}));
  EXPECT_EQ(settings.at("node.id"), "1");
  EXPECT_EQ(settings.at("broker.id"), "1");
  EXPECT_EQ(settings.at("process.roles"), "broker,controller");
}

struct Refused {
  const char* key;
  const char* value;
  bool per_broker;
  const char* why;
};
constexpr Refused kRefused[] = {
    {"node.id", "9", true, "dynamically"},
    {"num.partitions", "9", false, "dynamically"},
    {"ssl.keystore.location", "/x", true, "listener prefix"},
    {"log.cleaner.threads", "none", true, "INT"},
    {"log.cleaner.threads", "5", true, "double"},
    {"num.io.threads", "3", true, "half"},
    {"background.threads", "0", true, "at least 1"},
    {"listeners", "PLAINTEXT://:1", false, "broker id must be specified"},
    {"listener.name.x.ssl.keystore.location", "/x", false, "broker id must be specified"},
    {"listeners", "PLAINTEXT://:1", true, "while the broker runs"},
    {"log.local.retention.ms", "604800001", true, "must not be more"},
    {"message.max.bytes", "-1", true, "at least 0"},
};

TEST(BrokerLayers, WhatKafkaRefusesIsRefused) {
  const BrokerLayers now{.fixed = fixed_settings(file({}))};
  for (const Refused& refused : kRefused) {
    const auto checked = check_dynamic({{refused.key, refused.value}}, refused.per_broker, now);
    ASSERT_FALSE(checked.has_value()) << refused.key << "=" << refused.value;
    EXPECT_NE(checked.error().text.find(refused.why), std::string::npos) << checked.error().text;
  }
}

TEST(BrokerLayers, WhatKafkaTakesIsTaken) {
  const BrokerLayers now{.fixed = fixed_settings(file({}))};
  EXPECT_TRUE(check_dynamic({{"log.retention.ms", "1"}, {"message.max.bytes", "5"}}, false, now));
  EXPECT_TRUE(check_dynamic({{"num.io.threads", "16"}, {"leader.replication.throttled.rate", "10"}}, true, now));
  EXPECT_TRUE(check_dynamic({{"listener.name.external.max.connections", "10"}}, false, now));
  EXPECT_TRUE(check_dynamic({{"a.plugins.own.key", "x"}}, true, now)) << "Kafka takes what it does not know";
}

// Whatever is set in whatever layer, the order in which it came is forgotten, and taking it all away is the file again.
RC_GTEST_PROP(BrokerLayersProperty, LayersAreValuesWithoutHistory, (unsigned seed)) {
  std::vector<const Key*> live;
  for (const Key* key : all_broker_keys()) {
    // The greatest lag bounds the least one: the two are not free of each other.
    const bool is_free = key->name != "log.cleaner.max.compaction.lag.ms";
    if (is_free && is_dynamic(*key) && key->type == Type::int64 && !key->synonyms.empty()) live.push_back(key);
  }
  const BrokerConfig fixed = file({{"log.retention.hours", "3"}});
  SettingMap cluster;
  SettingMap own;
  unsigned state = seed;
  for (int i = 0; i < 8; ++i) {
    state = state * 1664525u + 1013904223u;
    const Key& key = *live[state % live.size()];
    const std::string value = std::to_string(60'000 + state % 1000);
    if (check_value(key, &value)) ((state >> 16) % 2 == 0 ? cluster : own)[std::string(key.name)] = value;
  }
  const BrokerConfig with = broker_config_with(fixed, cluster, own);
  RC_ASSERT(broker_config_with(fixed, cluster, own) == with);
  RC_ASSERT(broker_config_with(fixed, {}, {}) == fixed);
  for (const auto& [name, value] : own) {
    const Key& topic_key = *find_topic_key(find_broker_key(name)->synonyms);
    RC_ASSERT(topic_value_text(with.topic_defaults, topic_key.name).value() == value);
  }
  RC_CLASSIFY(!own.empty(), "something is the broker's own");
}

}  // namespace
}  // namespace gregor::config
