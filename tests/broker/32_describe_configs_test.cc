// DescribeConfigs: every setting with its source, and an error where there is nothing to tell. What each row says is
// tests/config/describe_test.cc.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/describe_configs.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Response = wire::DescribeConfigsResponse;

Answer<Response> ask(Peer& peer, std::int8_t type, std::string_view name, std::int16_t version = 4,
                     std::optional<std::vector<std::string_view>> keys = std::nullopt, bool more = false) {
  wire::DescribeConfigsRequest request;
  request.include_synonyms = more;
  request.include_documentation = more && version >= 3;
  request.resources.push_back({.resource_type = type, .resource_name = name, .configuration_keys = std::move(keys)});
  return peer.ask<Response>(request, version);
}

TEST(DescribeConfigsApi, ATopicIsToldAtEveryVersion) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t", 1, {{"retention.ms", "12345"}});
    for (std::int16_t version = 1; version <= 4; ++version) {
      SCOPED_TRACE(version);
      const auto answer = ask(peer, 2, "t", version, std::nullopt, true);
      const auto& result = answer.body.results.at(0);
      EXPECT_EQ(result.error_code, 0);
      EXPECT_EQ(result.configs.size(), 33U);
      for (const auto& row : result.configs) {
        if (row.name != "retention.ms") continue;
        EXPECT_EQ(row.value, "12345");
        EXPECT_EQ(row.config_source, 1);
        EXPECT_EQ(row.synonyms.size(), 1U);
        EXPECT_EQ(row.config_type, version >= 3 ? 5 : 0);
        EXPECT_EQ(!row.documentation.value_or("").empty(), version >= 3);
      }
    }
  });
}

TEST(DescribeConfigsApi, NamedKeysAloneAreToldAndNoneNamedMeansAll) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    const auto rows = [&](std::optional<std::vector<std::string_view>> keys) {
      return ask(peer, 2, "t", 4, std::move(keys)).body.results.at(0).configs.size();
    };
    EXPECT_EQ(rows({{"retention.ms", "no.such.config"}}), 1U);
    EXPECT_EQ(rows(std::vector<std::string_view>{}), 33U);
  });
}

TEST(DescribeConfigsApi, ABrokerTellsOfItselfAndOfTheCluster) {
  NodeWorld w(Settings{{"num.partitions", "3"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto own = ask(peer, 4, "1", 4, {{"num.partitions", "node.id"}});
    ASSERT_EQ(own.body.results.at(0).configs.size(), 2U);
    for (const auto& row : own.body.results[0].configs) {
      EXPECT_EQ(row.config_source, 4) << row.name;
      EXPECT_TRUE(row.read_only);
    }
    EXPECT_EQ(ask(peer, 4, "1").body.results.at(0).configs.size(), 340U);
    const auto cluster = ask(peer, 4, "");
    ASSERT_EQ(cluster.body.results.at(0).configs.size(), 1U);
    EXPECT_EQ(cluster.body.results[0].configs[0].name, "min.insync.replicas");
    EXPECT_EQ(cluster.body.results[0].configs[0].config_source, 3);
    EXPECT_EQ(ask(peer, 8, "1").body.results.at(0).error_code, 0);
    EXPECT_EQ(ask(peer, 16, "m").body.results.at(0).configs.size(), 3U);
    EXPECT_EQ(ask(peer, 32, "g").body.results.at(0).configs.size(), 17U);
  });
}

TEST(DescribeConfigsApi, EachRefusalHasItsCode) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto error = [&](std::int8_t type, std::string_view name) {
      const auto answer = ask(peer, type, name);
      EXPECT_TRUE(answer.body.results.at(0).configs.empty());
      return answer.body.results[0].error_code;
    };
    const auto invalid = code(ErrorCode::invalid_request);
    EXPECT_EQ(error(2, "nope"), code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(error(2, "bad name"), code(ErrorCode::invalid_topic_exception));
    EXPECT_EQ(error(2, ""), code(ErrorCode::invalid_topic_exception));
    EXPECT_EQ(error(4, "99"), invalid);
    EXPECT_EQ(error(4, "abc"), invalid);
    EXPECT_EQ(error(8, ""), invalid);
    EXPECT_EQ(error(16, ""), invalid);
    EXPECT_EQ(error(32, ""), invalid);
    EXPECT_EQ(error(77, "x"), invalid);
  });
}

}  // namespace
}  // namespace gregor::broker
