// What DescribeConfigs tells: the answers of a real broker, field by field; and the rules behind them that need no
// such facts. Method: the layers that the recorded broker had, described.
#include "config/describe.h"

#include <gtest/gtest.h>

#include <map>

#include "config/load.h"
#include "config/table.h"
#include "tests/config/support_json.h"

namespace gregor::config {
namespace {

using testing::kafka_facts;
using Json = nlohmann::json;

std::optional<std::string> text_or_null(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional<std::string>(value.get<std::string>());
}

/// The recorded broker's file: what its own answer says comes from there.
SettingMap file_of(const Json& broker_answer) {
  SettingMap fixed;
  for (const auto& row : broker_answer["results"][0]["configs"]) {
    for (const auto& synonym : row["synonyms"]) {
      if (synonym["source"] == 4) fixed[synonym["name"]] = synonym["value"];
    }
  }
  return fixed;
}

void expect_same(const DescribedSetting& row, const Json& told) {
  SCOPED_TRACE(row.name);
  EXPECT_EQ(row.value, text_or_null(told["value"]));
  EXPECT_EQ(row.read_only, told["readOnly"].get<bool>());
  EXPECT_EQ(static_cast<int>(row.source), told["configSource"].get<int>());
  EXPECT_EQ(row.is_sensitive, told["isSensitive"].get<bool>());
  EXPECT_EQ(row.type(), told["configType"].get<int>());
  ASSERT_EQ(row.synonyms.size(), told["synonyms"].size());
  for (std::size_t i = 0; i < row.synonyms.size(); ++i) {
    EXPECT_EQ(row.synonyms[i].name, told["synonyms"][i]["name"].get<std::string>());
    EXPECT_EQ(row.synonyms[i].value, text_or_null(told["synonyms"][i]["value"]));
    EXPECT_EQ(static_cast<int>(row.synonyms[i].source), told["synonyms"][i]["source"].get<int>());
  }
}

void expect_same(const std::vector<DescribedSetting>& rows, const Json& answer) {
  std::map<std::string, const DescribedSetting*> ours;
  for (const DescribedSetting& row : rows) ours[row.name] = &row;
  std::size_t compared = 0;
  for (const auto& told : answer["results"][0]["configs"]) {
    const auto found = ours.find(told["name"]);
    ASSERT_NE(found, ours.end()) << told["name"] << " is not told";
    expect_same(*found->second, told);
    ++compared;
  }
  EXPECT_EQ(compared, rows.size()) << "more is told than Kafka tells";
}

/// The recorded state: nothing set but the file, or (`overridden`) what the facts' README lists.
struct Recorded {
  BrokerLayers layers;
  static std::optional<Recorded> read(bool overridden) {
    const auto broker = kafka_facts("describe-configs-broker.json");
    if (!broker) return std::nullopt;
    Recorded recorded;
    recorded.layers.fixed = file_of(*broker);
    recorded.layers.cluster = {{"min.insync.replicas", "1"}};
    if (overridden) {
      recorded.layers.cluster["log.retention.ms"] = "2000000";
      recorded.layers.cluster["log.segment.bytes"] = "2097152";
      recorded.layers.own["log.retention.ms"] = "3000000";
    }
    return recorded;
  }
};

#define WITH_FACTS(name, overridden)                \
  const auto recorded = Recorded::read(overridden); \
  const auto answer = kafka_facts(name);            \
  if (!recorded || !answer)                         \
  GTEST_SKIP() << name << " is not here: set GREGOR_KAFKA_CONFIGS to a folder with Kafka's answers"

TEST(DescribeConfigs, ATopicIsToldAsKafkaTellsIt) {
  WITH_FACTS("describe-configs-topic.json", false);
  expect_same(describe_topic(recorded->layers, {}), *answer);
}
TEST(DescribeConfigs, ATopicOverEveryLayerIsToldAsKafkaTellsIt) {
  WITH_FACTS("describe-configs-topic-overridden.json", true);
  expect_same(describe_topic(recorded->layers, {{"retention.ms", "1000000"}, {"cleanup.policy", "compact,delete"}}),
              *answer);
}
TEST(DescribeConfigs, ABrokerIsToldAsKafkaTellsIt) {
  WITH_FACTS("describe-configs-broker.json", false);
  expect_same(describe_broker(recorded->layers), *answer);
}
TEST(DescribeConfigs, ABrokerWithDynamicSettingsIsToldAsKafkaTellsIt) {
  WITH_FACTS("describe-configs-broker-overridden.json", true);
  expect_same(describe_broker(recorded->layers), *answer);
}
TEST(DescribeConfigs, TheClustersDefaultIsToldAsKafkaTellsIt) {
  {
    WITH_FACTS("describe-configs-broker-default.json", false);
    expect_same(describe_cluster_default(recorded->layers), *answer);
  }
  WITH_FACTS("describe-configs-broker-default-overridden.json", true);
  expect_same(describe_cluster_default(recorded->layers), *answer);
}
TEST(DescribeConfigs, AGroupIsToldAsKafkaTellsIt) {
  {
    WITH_FACTS("describe-configs-group.json", false);
    expect_same(describe_group(recorded->layers, {}), *answer);
  }
  WITH_FACTS("describe-configs-group-overridden.json", true);
  expect_same(describe_group(recorded->layers, {{"consumer.session.timeout.ms", "50000"}}), *answer);
}
TEST(DescribeConfigs, ASubscriptionIsToldAsKafkaTellsIt) {
  {
    WITH_FACTS("describe-configs-client-metrics.json", false);
    expect_same(describe_client_metrics({}), *answer);
  }
  WITH_FACTS("describe-configs-client-metrics-overridden.json", true);
  expect_same(describe_client_metrics({{"interval.ms", "60000"}}), *answer);
}

const DescribedSetting& row_of(const std::vector<DescribedSetting>& rows, std::string_view name) {
  for (const DescribedSetting& row : rows) {
    if (row.name == name) return row;
  }
  ADD_FAILURE() << name << " is not told";
  return rows.front();
}

// Kafka looks for synonyms by the first name of a setting; what is set by another name counts and is not told as set.
TEST(DescribeConfigs, RetentionByHoursGivesTheValueAndNoSynonym) {
  const BrokerLayers layers{.fixed = {{"log.retention.hours", "2"}}};
  const auto rows = describe_topic(layers, {});
  EXPECT_EQ(row_of(rows, "retention.ms").value, "7200000");
  EXPECT_EQ(row_of(rows, "retention.ms").source, Source::usual);
  EXPECT_TRUE(row_of(rows, "retention.ms").synonyms.empty());
}

TEST(DescribeConfigs, SecretsAreNeverTold) {
  const BrokerLayers layers{.fixed = {{"ssl.keystore.password", "hunter2"}, {"my.own.key", "hunter2"}}};
  const auto rows = describe_broker(layers);
  for (const char* name : {"ssl.keystore.password", "my.own.key"}) {
    const DescribedSetting& row = row_of(rows, name);
    EXPECT_TRUE(row.is_sensitive) << name;
    EXPECT_EQ(row.value, std::nullopt) << name;
    ASSERT_EQ(row.synonyms.size(), 1U) << name;
    EXPECT_EQ(row.synonyms[0].value, std::nullopt) << name;
  }
}

TEST(DescribeConfigs, ValuesAreShownInTheirUsualForm) {
  EXPECT_EQ(shown_value(*find_topic_key("cleanup.policy"), " delete , compact "), "delete,compact");
  EXPECT_EQ(shown_value(*find_topic_key("preallocate"), "TRUE"), "true");
  EXPECT_EQ(shown_value(*find_topic_key("retention.ms"), " +5"), "5");
  EXPECT_EQ(shown_value(*find_topic_key("min.cleanable.dirty.ratio"), "1"), "1.0");
  EXPECT_EQ(shown_value(*find_topic_key("min.cleanable.dirty.ratio"), "0.25"), "0.25");
}

TEST(DescribeConfigs, DocumentationTellsTheFactsOfAKey) {
  const std::string text = documentation_of(*find_topic_key("retention.ms"));
  EXPECT_NE(text.find("LONG"), std::string::npos) << text;
  EXPECT_NE(text.find("[-1,...]"), std::string::npos) << text;
  EXPECT_NE(text.find("604800000"), std::string::npos) << text;
}

}  // namespace
}  // namespace gregor::config
