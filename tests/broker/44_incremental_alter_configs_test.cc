// IncrementalAlterConfigs and AlterConfigs: each resource has its answer; what is refused changes nothing.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/alter_configs.h"
#include "wire/describe_configs.h"
#include "wire/incremental_alter_configs.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Request = wire::IncrementalAlterConfigsRequest;

Request::AlterableConfig change(std::string_view name, std::int8_t operation, std::optional<std::string_view> value) {
  return {.name = name, .config_operation = operation, .value = value};
}

std::vector<std::int16_t> ask(Peer& peer, const Request& request, std::int16_t version = 1) {
  const auto answer = peer.ask<wire::IncrementalAlterConfigsResponse>(request, version);
  std::vector<std::int16_t> errors;
  for (const auto& one : answer.body.responses) errors.push_back(one.error_code);
  return errors;
}
std::int16_t ask(Peer& peer, std::int8_t type, std::string_view name, std::vector<Request::AlterableConfig> changes,
                 std::int16_t version = 1) {
  Request request;
  request.resources.push_back({.resource_type = type, .resource_name = name, .configs = std::move(changes)});
  return ask(peer, request, version).at(0);
}

std::string value_of(Peer& peer, std::string_view topic, std::string_view key) {
  wire::DescribeConfigsRequest request;
  request.resources.push_back({.resource_type = 2, .resource_name = topic, .configuration_keys = {{key}}});
  const auto answer = peer.ask<wire::DescribeConfigsResponse>(request, 4);
  return std::string(answer.body.results.at(0).configs.at(0).value.value_or("null"));
}

TEST(IncrementalAlterConfigsApi, WhatIsSetIsToldAtOnceAtEveryVersion) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    for (std::int16_t version = 0; version <= 1; ++version) {
      const std::string value = std::to_string(5000 + version);
      EXPECT_EQ(ask(peer, 2, "t", {change("retention.ms", 0, value)}, version), 0);
      EXPECT_EQ(value_of(peer, "t", "retention.ms"), value);
    }
  });
}

TEST(IncrementalAlterConfigsApi, EachRefusalHasItsCodeAndChangesNothing) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    const auto invalid_request = code(ErrorCode::invalid_request);
    const auto invalid_config = code(ErrorCode::invalid_config);
    EXPECT_EQ(ask(peer, 2, "t", {change("retention.ms", 0, "many")}), invalid_config);
    EXPECT_EQ(ask(peer, 2, "t", {change("retention.ms", 9, "1")}), code(ErrorCode::unknown_server_error));
    EXPECT_EQ(ask(peer, 2, "t", {change("retention.ms", 0, std::nullopt)}), invalid_request);
    EXPECT_EQ(ask(peer, 2, "t", {change("retention.ms", 0, "1"), change("retention.ms", 0, "2")}), invalid_request);
    EXPECT_EQ(ask(peer, 2, "nope", {change("retention.ms", 0, "1")}), code(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(ask(peer, 77, "t", {change("retention.ms", 0, "1")}), invalid_request);
    EXPECT_EQ(ask(peer, 4, "1", {change("node.id", 0, "9")}), invalid_request);
    EXPECT_EQ(ask(peer, 4, "99", {change("log.retention.ms", 0, "9")}), invalid_request);
    EXPECT_EQ(ask(peer, 4, "one", {change("log.retention.ms", 0, "9")}), invalid_request);
    EXPECT_EQ(ask(peer, 4, "1", {change("log.cleaner.threads", 0, "none")}), invalid_request);
    EXPECT_EQ(ask(peer, 4, "1", {change("log.retention.ms", 9, "1")}), invalid_request);
    EXPECT_EQ(ask(peer, 8, "1", {change("root", 0, "DEBUG")}), invalid_config);
    EXPECT_EQ(value_of(peer, "t", "retention.ms"), "604800000");
  });
}

TEST(IncrementalAlterConfigsApi, OneRefusedResourceLeavesTheOthersAndTheOrder) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    Request request;
    request.resources.push_back({.resource_type = 77, .resource_name = "x", .configs = {}});
    request.resources.push_back(
        {.resource_type = 2, .resource_name = "t", .configs = {change("retention.ms", 0, "7000")}});
    request.resources.push_back({.resource_type = 4, .resource_name = "1", .configs = {}});
    request.resources.push_back({.resource_type = 4, .resource_name = "1", .configs = {}});
    const auto twice = code(ErrorCode::invalid_request);
    EXPECT_EQ(ask(peer, request), (std::vector<std::int16_t>{twice, 0, twice, twice}));
    EXPECT_EQ(value_of(peer, "t", "retention.ms"), "7000");
  });
}

TEST(AlterConfigsApi, WhatIsNotNamedIsDeletedAtEveryVersion) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t", 1, {{"segment.ms", "5000"}});
    for (std::int16_t version = 0; version <= 2; ++version) {
      wire::AlterConfigsRequest request;
      auto& resource = request.resources.emplace_back();
      resource.resource_type = 2;
      resource.resource_name = "t";
      const std::string value = std::to_string(1000 + version);
      resource.configs.push_back({.name = "retention.ms", .value = value});
      const auto answer = peer.ask<wire::AlterConfigsResponse>(request, version);
      EXPECT_EQ(answer.body.responses.at(0).error_code, 0);
      EXPECT_EQ(value_of(peer, "t", "retention.ms"), value);
      EXPECT_EQ(value_of(peer, "t", "segment.ms"), "604800000");
    }
    wire::AlterConfigsRequest logger;
    logger.resources.push_back({.resource_type = 8, .resource_name = "1", .configs = {}});
    EXPECT_EQ(peer.ask<wire::AlterConfigsResponse>(logger, 2).body.responses.at(0).error_code,
              code(ErrorCode::invalid_request));
  });
}

}  // namespace
}  // namespace gregor::broker
