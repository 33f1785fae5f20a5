// UpdateFeatures over the wire: one error for all, and finalized levels in ApiVersions. UnregisterBroker beside it.
#include <gtest/gtest.h>

#include <map>

#include "tests/broker/support/node_world.h"
#include "wire/api_versions.h"
#include "wire/unregister_broker.h"
#include "wire/update_features.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

std::map<std::string, int> finalized(Peer& peer) {
  wire::ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1";
  const auto answer = peer.ask<wire::ApiVersionsResponse>(request, 4);
  std::map<std::string, int> levels;
  for (const auto& feature : answer.body.finalized_features) {
    levels[std::string(feature.name)] = feature.max_version_level;
  }
  return levels;
}

wire::UpdateFeaturesRequest update(std::string_view feature, std::int16_t level, std::int8_t type) {
  wire::UpdateFeaturesRequest request;
  request.feature_updates.push_back({.feature = feature, .max_version_level = level, .upgrade_type = type});
  return request;
}

TEST(UpdateFeaturesApi, LevelsGoDownAndUp) {
  constexpr std::string_view kEligible = "eligible.leader.replicas.version";
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_EQ(finalized(peer), (std::map<std::string, int>{{std::string(kEligible), 1}, {"metadata.version", 30}}));
    EXPECT_EQ(peer.ask<wire::UpdateFeaturesResponse>(update(kEligible, 0, 2), 2).body.error_code, 0);
    EXPECT_EQ(finalized(peer).count(std::string(kEligible)), 0U);
    const auto up = peer.ask<wire::UpdateFeaturesResponse>(update(kEligible, 1, 1), 1);
    EXPECT_EQ(up.body.error_code, 0);
    EXPECT_EQ(up.body.results.size(), 1U);
    EXPECT_EQ(finalized(peer).at(std::string(kEligible)), 1);
    wire::UpdateFeaturesRequest old = update(kEligible, 0, 1);
    old.feature_updates[0].allow_downgrade = true;
    EXPECT_EQ(peer.ask<wire::UpdateFeaturesResponse>(old, 0).body.error_code, 0);
  });
}

TEST(UpdateFeaturesApi, ARefusalIsOneForAll) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto refused = peer.ask<wire::UpdateFeaturesResponse>(update("no.such", 1, 1), 1);
    EXPECT_EQ(refused.body.error_code, code(ErrorCode::invalid_update_version));
    EXPECT_TRUE(refused.body.results.empty());
    auto checked = update("eligible.leader.replicas.version", 0, 2);
    checked.validate_only = true;
    EXPECT_EQ(peer.ask<wire::UpdateFeaturesResponse>(checked, 2).body.error_code, 0);
    EXPECT_EQ(finalized(peer).size(), 2U) << "only checked";
  });
}

TEST(UnregisterBrokerApi, AStrangerIsUnknownAndABrokerAtWorkStays) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto error = [&](std::int32_t id) {
      wire::UnregisterBrokerRequest request;
      request.broker_id = id;
      return peer.ask<wire::UnregisterBrokerResponse>(request, 0).body.error_code;
    };
    EXPECT_EQ(error(4711), code(ErrorCode::broker_id_not_registered));
    EXPECT_EQ(error(1), code(ErrorCode::invalid_request));
    create_topic(peer, "t");
    EXPECT_EQ(produce(peer, "t", batch_of({.values = {"a"}})).error, 0);
  });
}

}  // namespace
}  // namespace gregor::broker
