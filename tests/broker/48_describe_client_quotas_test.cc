// AlterClientQuotas and DescribeClientQuotas over the wire: what is set is told, and survives a restart.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/alter_client_quotas.h"
#include "wire/describe_client_quotas.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

wire::AlterClientQuotasRequest setting(std::string_view type, std::string_view name, std::string_view key, double value,
                                       bool remove = false) {
  wire::AlterClientQuotasRequest request;
  auto& entry = request.entries.emplace_back();
  entry.entity.push_back({.entity_type = type, .entity_name = name});
  entry.ops.push_back({.key = key, .value = value, .remove = remove});
  return request;
}

wire::DescribeClientQuotasRequest filter(std::string_view type, std::string_view name) {
  wire::DescribeClientQuotasRequest request;
  request.components.push_back({.entity_type = type, .match_type = 0, .match = name});
  return request;
}

TEST(ClientQuotasApi, WhatIsSetIsToldAtEveryVersionAndKept) {
  NodeWorld w;
  const auto told = [](Peer& peer, std::int16_t version) {
    const auto answer = peer.ask<wire::DescribeClientQuotasResponse>(filter("user", "u"), version);
    EXPECT_EQ(answer.body.error_code, 0);
    return answer.body.entries->empty() ? 0.0 : answer.body.entries->at(0).values.at(0).value;
  };
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 0; version <= 1; ++version) {
      const double value = 1000.0 + version;
      const auto set =
          peer.ask<wire::AlterClientQuotasResponse>(setting("user", "u", "producer_byte_rate", value), version);
      EXPECT_EQ(set.body.entries.at(0).error_code, 0);
      EXPECT_EQ(told(peer, version), value);
    }
  });
  w.crash_and_restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(told(peer, 1), 1001.0);
    const auto gone = peer.ask<wire::AlterClientQuotasResponse>(setting("user", "u", "producer_byte_rate", 0, true), 1);
    EXPECT_EQ(gone.body.entries.at(0).error_code, 0);
    EXPECT_EQ(told(peer, 1), 0.0);
  });
}

TEST(ClientQuotasApi, RefusalsHaveTheirCodes) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto bad = peer.ask<wire::AlterClientQuotasResponse>(setting("user", "u", "no_such_rate", 1), 1);
    EXPECT_EQ(bad.body.entries.at(0).error_code, code(ErrorCode::invalid_request));
    EXPECT_TRUE(bad.body.entries[0].error_message.has_value());
    const auto unknown = peer.ask<wire::DescribeClientQuotasResponse>(filter("planet", "x"), 1);
    EXPECT_EQ(unknown.body.error_code, code(ErrorCode::unsupported_version));
    EXPECT_FALSE(unknown.body.entries.has_value());
  });
}

}  // namespace
}  // namespace gregor::broker
