// Changing configurations: what is refused, in Kafka's order, and what the image holds afterwards.
#include "metadata/alter_configs.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

constexpr std::int8_t kTopic = ConfigResource::kTopic;
constexpr std::int8_t kBroker = ConfigResource::kBroker;

class Bench {
 public:
  explicit Bench(int brokers = 1) : log(brokers) {
    EXPECT_EQ(log.create({.name = "t", .num_partitions = 1, .configs = {{"retention.ms", "5000"}}}).error,
              ErrorCode::none);
  }
  AlteredConfigs alter(ConfigResource resource, std::vector<ConfigChange> changes, bool replaces_all = false,
                       bool validate_only = false) {
    const AlterConfigs request{.resources = {{std::move(resource), std::move(changes)}},
                               .replaces_all = replaces_all,
                               .validate_only = validate_only};
    auto decision = decide_alter_configs(log.image(), request, broker);
    records = decision.records.size();
    log.write(decision.records);
    return decision.replies.at(0);
  }
  ErrorCode error(ConfigResource resource, std::vector<ConfigChange> changes) {
    return alter(std::move(resource), std::move(changes)).error;
  }
  [[nodiscard]] ConfigValues topic() const { return log.image().topic_configs("t"); }

  TestLog log;
  config::BrokerConfig broker;
  std::size_t records = 0;
};

ConfigChange set(const std::string& name, const std::string& value) {
  return {.name = name, .operation = kConfigSet, .value = value};
}
ConfigChange remove(const std::string& name) {
  return {.name = name, .operation = kConfigDelete, .value = std::nullopt};
}
ConfigChange append(const std::string& name, const std::string& value) {
  return {.name = name, .operation = kConfigAppend, .value = value};
}
ConfigChange subtract(const std::string& name, const std::string& value) {
  return {.name = name, .operation = kConfigSubtract, .value = value};
}

TEST(AlterConfigs, OneSettingChangesAndTheOthersStay) {
  Bench bench;
  EXPECT_EQ(bench.error({kTopic, "t"}, {set("max.message.bytes", "2048")}), ErrorCode::none);
  EXPECT_EQ(bench.topic(), (ConfigValues{{"max.message.bytes", "2048"}, {"retention.ms", "5000"}}));
  EXPECT_EQ(bench.error({kTopic, "t"}, {remove("retention.ms")}), ErrorCode::none);
  EXPECT_EQ(bench.topic(), (ConfigValues{{"max.message.bytes", "2048"}}));
}

TEST(AlterConfigs, WhatIsNotNamedGoesWhereAllIsReplaced) {
  Bench bench;
  EXPECT_EQ(bench.alter({kTopic, "t"}, {set("segment.ms", "1000")}, true).error, ErrorCode::none);
  EXPECT_EQ(bench.topic(), (ConfigValues{{"segment.ms", "1000"}}));
  EXPECT_EQ(bench.alter({kTopic, "t"}, {}, true).error, ErrorCode::none);
  EXPECT_TRUE(bench.topic().empty());
}

TEST(AlterConfigs, ListsGrowAndShrinkByElement) {
  Bench bench;
  EXPECT_EQ(bench.error({kTopic, "t"}, {append("cleanup.policy", "compact")}), ErrorCode::none);
  EXPECT_EQ(bench.topic().at("cleanup.policy"), "delete,compact") << "the default is what is appended to";
  EXPECT_EQ(bench.error({kTopic, "t"}, {append("cleanup.policy", "compact")}), ErrorCode::none);
  EXPECT_EQ(bench.records, 0U) << "it is there";
  EXPECT_EQ(bench.error({kTopic, "t"}, {subtract("cleanup.policy", "delete")}), ErrorCode::none);
  EXPECT_EQ(bench.topic().at("cleanup.policy"), "compact");
  EXPECT_EQ(bench.error({kTopic, "t"}, {subtract("cleanup.policy", "nonsense")}), ErrorCode::none);
  EXPECT_EQ(bench.error({kTopic, "t"}, {append("retention.ms", "5")}), ErrorCode::invalid_config);
  EXPECT_EQ(bench.error({kTopic, "t"}, {append("no.such", "5")}), ErrorCode::invalid_config);
}

TEST(AlterConfigs, AResourceIsChangedWholeOrNotAtAll) {
  Bench bench;
  EXPECT_EQ(bench.error({kTopic, "t"}, {set("segment.ms", "1000"), set("retention.ms", "many")}),
            ErrorCode::invalid_config);
  EXPECT_EQ(bench.records, 0U);
  EXPECT_EQ(bench.topic(), (ConfigValues{{"retention.ms", "5000"}}));
}

TEST(AlterConfigs, ValidationWritesNothing) {
  Bench bench;
  EXPECT_EQ(bench.alter({kTopic, "t"}, {set("segment.ms", "1000")}, false, true).error, ErrorCode::none);
  EXPECT_EQ(bench.records, 0U);
}

TEST(AlterConfigs, EachRefusalHasItsCode) {
  Bench bench;
  EXPECT_EQ(bench.error({kTopic, "t"}, {set("no.such", "x")}), ErrorCode::invalid_config);
  EXPECT_EQ(bench.error({kTopic, "t"}, {remove("no.such")}), ErrorCode::none) << "it is not there, as was wanted";
  EXPECT_EQ(bench.error({kTopic, "t"}, {set("min.insync.replicas", "0")}), ErrorCode::invalid_config);
  EXPECT_EQ(bench.error({kTopic, "nope"}, {set("retention.ms", "1")}), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(bench.error({kTopic, "nope"}, {set("retention.ms", "x")}), ErrorCode::invalid_config) << "looked at first";
  EXPECT_EQ(bench.error({kTopic, "bad name"}, {}), ErrorCode::invalid_topic_exception);
  EXPECT_EQ(bench.error({kTopic, ""}, {}), ErrorCode::invalid_request);
  EXPECT_EQ(bench.error({kBroker, "99"}, {set("log.retention.ms", "1")}), ErrorCode::broker_id_not_registered);
  EXPECT_EQ(bench.error({77, "x"}, {set("retention.ms", "1")}), ErrorCode::invalid_request);
  EXPECT_EQ(bench.error({ConfigResource::kGroup, ""}, {}), ErrorCode::invalid_request);
  EXPECT_EQ(bench.error({ConfigResource::kGroup, "g"}, {set("consumer.session.timeout.ms", "1")}),
            ErrorCode::invalid_config);
  EXPECT_EQ(bench.error({ConfigResource::kClientMetrics, "m"}, {set("interval.ms", "1")}), ErrorCode::invalid_request);
  EXPECT_EQ(bench.error({ConfigResource::kClientMetrics, "m"}, {set("match", "x")}), ErrorCode::invalid_config);
  ConfigChange odd = set("retention.ms", "1");
  odd.operation = 9;
  const auto answer = bench.alter({kTopic, "t"}, {odd});
  EXPECT_EQ(answer.error, ErrorCode::unknown_server_error);
  EXPECT_FALSE(answer.error_message.has_value());
}

TEST(AlterConfigs, GroupsAndSubscriptionsNeedNotExist) {
  Bench bench;
  EXPECT_EQ(bench.error({ConfigResource::kGroup, "g"}, {set("consumer.session.timeout.ms", "50000")}), ErrorCode::none);
  EXPECT_EQ(bench.error({ConfigResource::kClientMetrics, "m"}, {set("interval.ms", "60000")}), ErrorCode::none);
  EXPECT_EQ(bench.log.image().configs_of({ConfigResource::kGroup, "g"}).size(), 1U);
  EXPECT_EQ(bench.log.image().configs_of({ConfigResource::kClientMetrics, "m"}).size(), 1U);
}

// KIP-966: while replicas may be eligible, one bound holds for all brokers.
TEST(AlterConfigs, TheClustersMinimumOfReplicasStaysAndBrokersHaveNone) {
  Bench bench;
  EXPECT_EQ(bench.error({kBroker, ""}, {set("min.insync.replicas", "1")}), ErrorCode::none);
  EXPECT_EQ(bench.error({kBroker, ""}, {remove("min.insync.replicas")}), ErrorCode::invalid_config);
  EXPECT_EQ(bench.error({kBroker, "1"}, {set("min.insync.replicas", "1")}), ErrorCode::invalid_config);
  EXPECT_EQ(bench.error({kBroker, "1"}, {set("log.retention.ms", "7")}), ErrorCode::none);
}

TEST(AlterConfigs, AnotherMinimumOfReplicasForgetsWhoWasEligible) {
  Bench bench(2);
  const Topic& topic = *bench.log.image().find_topic("t");
  bench.log.write_one(
      wire::PartitionChangeRecord{
          .partition_id = 0, .topic_id = topic.id, .eligible_leader_replicas = std::vector<std::int32_t>{2}},
      2);
  EXPECT_EQ(bench.error({kTopic, "t"}, {set("min.insync.replicas", "2")}), ErrorCode::none);
  const Partition& partition = *bench.log.image().find_topic("t")->partitions.find(PartitionIndex{0});
  EXPECT_TRUE(partition.eligible_leader_replicas.empty());
}

TEST(AlterConfigs, ATopicsBoundsAreThoseOfTheBrokerAsItRuns) {
  Bench bench;
  EXPECT_EQ(bench.error({kBroker, ""}, {set("log.cleaner.max.compaction.lag.ms", "10")}), ErrorCode::none);
  EXPECT_EQ(bench.error({kTopic, "t"}, {set("min.compaction.lag.ms", "11")}), ErrorCode::invalid_config);
  EXPECT_EQ(bench.error({kTopic, "t"}, {set("min.compaction.lag.ms", "10")}), ErrorCode::none);
}

// Against a map: after any run of changes the image holds what the granted ones leave, and a second look at the log
// says the same.
RC_GTEST_PROP(AlterConfigsProperty, TheImageHoldsWhatWasGranted,
              (const std::vector<std::tuple<unsigned, unsigned>>& run)) {
  Bench bench;
  ConfigValues model = bench.topic();
  const std::vector<std::string> keys = {"retention.ms", "segment.ms", "max.message.bytes", "no.such"};
  for (const auto& [which, what] : run) {
    const std::string& key = keys[which % keys.size()];
    const bool deletes = what % 4 == 0;
    const std::string value = what % 4 == 1 ? "x" : std::to_string(1 + what % 1000);
    const auto reply = bench.alter({kTopic, "t"}, {deletes ? remove(key) : set(key, value)});
    const bool is_good = deletes || (key != "no.such" && value != "x");
    RC_ASSERT((reply.error == ErrorCode::none) == is_good);
    if (is_good && deletes) model.erase(key);
    if (is_good && !deletes) model[key] = value;
    RC_ASSERT(bench.topic() == model);
  }
}

}  // namespace
}  // namespace gregor::metadata
