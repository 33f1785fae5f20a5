// ListConfigResources: which things have settings, by kind.
#include <gtest/gtest.h>

#include <set>

#include "tests/broker/support/node_world.h"
#include "wire/incremental_alter_configs.h"
#include "wire/list_config_resources.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Names = std::set<std::pair<int, std::string>>;

Names list(Peer& peer, std::vector<std::int8_t> kinds, std::int16_t version, std::int16_t error = 0) {
  wire::ListConfigResourcesRequest request;
  request.resource_types = std::move(kinds);
  const auto answer = peer.ask<wire::ListConfigResourcesResponse>(request, version);
  EXPECT_EQ(answer.body.error_code, error);
  Names names;
  for (const auto& resource : answer.body.config_resources) {
    names.emplace(resource.resource_type, resource.resource_name);
  }
  return names;
}

void set(Peer& peer, std::int8_t kind, std::string_view name, std::string_view key, std::string_view value) {
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = kind;
  resource.resource_name = name;
  resource.configs.push_back({.name = key, .config_operation = 0, .value = value});
  EXPECT_EQ(peer.ask<wire::IncrementalAlterConfigsResponse>(request, 1).body.responses.at(0).error_code, 0);
}

TEST(ListConfigResourcesApi, EachKindIsListedAndNoneNamedMeansAll) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "t");
    EXPECT_TRUE(list(peer, {}, 0).empty());
    set(peer, 16, "m", "interval.ms", "60000");
    set(peer, 32, "g", "consumer.session.timeout.ms", "50000");
    EXPECT_EQ(list(peer, {}, 0), (Names{{16, "m"}}));
    EXPECT_EQ(list(peer, {2}, 1), (Names{{2, "t"}}));
    EXPECT_EQ(list(peer, {4, 32}, 1), (Names{{4, "1"}, {32, "g"}}));
    EXPECT_EQ(list(peer, {}, 1), (Names{{2, "t"}, {4, "1"}, {8, "1"}, {16, "m"}, {32, "g"}}));
    EXPECT_TRUE(list(peer, {2, 77}, 1, code(ErrorCode::unsupported_version)).empty());
  });
}

}  // namespace
}  // namespace gregor::broker
