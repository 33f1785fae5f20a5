// The tables hold every key of Apache Kafka 4.3.1 with its type, default, valid values and update mode, and no other.
// Method: compare row by row with facts taken from Kafka's own definitions; the rules that need no such facts are
// checked always.
#include "config/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/value.h"
#include "tests/config/support_json.h"

namespace gregor::config {
namespace {

using testing::kafka_facts;

ListRule rule_of(const nlohmann::json& list) {
  return {true, list["duplicatesAllowed"], list["emptyAllowed"], list["nullAllowed"]};
}

std::string synonyms_of(const nlohmann::json& fact) {
  if (fact.contains("topicConfig")) return fact["topicConfig"];
  if (fact.contains("brokerSynonym")) return fact["brokerSynonym"];
  std::string text;
  for (const auto& synonym : fact.value("brokerSynonyms", nlohmann::json::array())) {
    if (!text.empty()) text += ',';
    text += synonym["name"];
    if (synonym["convert"] == "minutes to milliseconds") text += "*60000";
    if (synonym["convert"] == "hours to milliseconds") text += "*3600000";
  }
  return text;
}

void expect_equal(const Key& key, const nlohmann::json& fact) {
  SCOPED_TRACE(std::string(key.name));
  EXPECT_EQ(name_of(key.type), fact["type"].get<std::string>());
  EXPECT_EQ(key.is_required(), fact.value("required", false));
  if (!key.is_required()) {
    ASSERT_EQ(key.default_text == nullptr, fact["default"].is_null());
    if (key.default_text != nullptr) {
      EXPECT_EQ(key.default_text, fact["default"].get<std::string>());
    }
  }
  EXPECT_EQ(to_text(key.valid), fact.value("valid", ""));
  EXPECT_EQ(name_of(key.importance), fact["importance"].get<std::string>());
  EXPECT_EQ(name_of(key.update_mode), fact.value("updateMode", ""));
  EXPECT_EQ(key.is_sensitive(), fact["sensitive"].get<bool>());
  EXPECT_EQ(key.internal, fact["internal"].get<bool>());
  EXPECT_EQ(key.synonyms, synonyms_of(fact));
  const ListRule wanted = fact.contains("list") ? rule_of(fact["list"]) : kAnyList;
  EXPECT_EQ(key.list.checked, wanted.checked);
  EXPECT_EQ(key.list.duplicates_allowed, wanted.duplicates_allowed);
  EXPECT_EQ(key.list.empty_allowed, wanted.empty_allowed);
  EXPECT_EQ(key.list.null_allowed, wanted.null_allowed);
}

std::vector<const Key*> rows_of(KeyTable table) {
  std::vector<const Key*> rows;
  for (const Key& key : table) rows.push_back(&key);
  return rows;
}

void expect_same_keys(const std::vector<const Key*>& rows, const std::string& file) {
  const auto facts = kafka_facts(file);
  if (!facts) GTEST_SKIP() << file << " is not here: set GREGOR_KAFKA_CONFIGS to a folder with Kafka's definitions";
  std::set<std::string> seen;
  for (const Key* key : rows) {
    ASSERT_TRUE(seen.insert(std::string(key->name)).second) << key->name << " has two rows";
    ASSERT_TRUE(facts->contains(std::string(key->name))) << key->name << " is no key of Kafka";
    expect_equal(*key, (*facts)[std::string(key->name)]);
  }
  for (const auto& [name, fact] : facts->items()) EXPECT_TRUE(seen.contains(name)) << name << " has no row";
}

TEST(ConfigTable, BrokerKeysAreThoseOfKafka) {
  expect_same_keys(all_broker_keys(), "broker.json");
}
TEST(ConfigTable, TopicKeysAreThoseOfKafka) {
  expect_same_keys(rows_of(topic_keys()), "topic.json");
}
TEST(ConfigTable, GroupKeysAreThoseOfKafka) {
  expect_same_keys(rows_of(group_keys()), "group.json");
}
TEST(ConfigTable, ClientMetricsKeysAreThoseOfKafka) {
  expect_same_keys(rows_of(client_metrics_keys()), "client-metrics.json");
}
TEST(ConfigTable, DynamicBrokerKeysAreThoseOfKafka) {
  expect_same_keys(rows_of(dynamic_broker_keys()), "broker-dynamic-only.json");
}

std::vector<const Key*> every_key() {
  std::vector<const Key*> keys = all_broker_keys();
  for (const KeyTable table :
       {topic_keys(), group_keys(), client_metrics_keys(), dynamic_broker_keys(), gregor_keys()}) {
    for (const Key& key : table) keys.push_back(&key);
  }
  return keys;
}

TEST(ConfigTable, EveryDefaultIsAValueThatItsKeyMayHave) {
  for (const Key* key : every_key()) {
    if (key->is_required() || key->default_text == nullptr) continue;
    const std::string value = key->default_text;
    const auto checked = check_value(*key, &value);
    EXPECT_TRUE(checked.has_value()) << key->name << ": " << checked.error().text;
  }
}

TEST(ConfigTable, RefusedKeysSayWhatIsMissing) {
  for (const Key* key : every_key()) {
    EXPECT_EQ(key->support == Support::refused, !key->reason.empty()) << key->name;
  }
}

TEST(ConfigTable, GregorsOwnKeysStandApart) {
  for (const Key& key : gregor_keys()) EXPECT_TRUE(key.name.starts_with("gregor.")) << key.name;
  for (const Key* key : all_broker_keys()) EXPECT_FALSE(key->name.starts_with("gregor.")) << key->name;
}

TEST(ConfigTable, BrokerKeysAreSortedByName) {
  const std::vector<const Key*> keys = all_broker_keys();
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end(), [](const Key* a, const Key* b) { return a->name < b->name; }));
  EXPECT_EQ(keys.size(), 360u);
}

// A topic's key and the broker keys that give its default are obeyed together or not at all.
TEST(ConfigTable, SynonymsAreSupportedAlike) {
  for (const Key& topic : topic_keys()) {
    for (const std::string& synonym : parse_list(topic.synonyms)) {
      const Key* broker = find_broker_key(synonym.substr(0, synonym.find('*')));
      ASSERT_NE(broker, nullptr) << synonym;
      const bool gives_default = broker->synonyms == topic.name;
      EXPECT_TRUE(!gives_default || broker->support == topic.support) << broker->name << " and " << topic.name;
    }
  }
}

TEST(ConfigTable, NearestKeyIsTheOneMistyped) {
  EXPECT_EQ(nearest_broker_key("num.partition"), "num.partitions");
  EXPECT_EQ(nearest_broker_key("advertized.listeners"), "advertised.listeners");
  EXPECT_EQ(nearest_broker_key("log.dris"), "log.dirs");
  EXPECT_EQ(nearest_broker_key("gregor.shard"), "gregor.shards");
  EXPECT_EQ(nearest_topic_key("retention.m"), "retention.ms");
  EXPECT_EQ(nearest_topic_key("cleanup.polcy"), "cleanup.policy");
}

TEST(ConfigTable, FarNamesHaveNoNearestKey) {
  EXPECT_EQ(nearest_broker_key("zebra"), "");
  EXPECT_EQ(nearest_broker_key(""), "");
  EXPECT_EQ(nearest_broker_key(std::string(4096, 'a')), "") << "names longer than any key are not measured";
}

TEST(ConfigTable, OpenFamiliesWantMoreThanTheirPrefix) {
  EXPECT_TRUE(is_of_open_family("listener.name.external.ssl.keystore.location"));
  EXPECT_TRUE(is_of_open_family("rsm.config.dir"));
  EXPECT_FALSE(is_of_open_family("listener.name."));
  EXPECT_FALSE(is_of_open_family("listeners"));
}

}  // namespace
}  // namespace gregor::config
