// ApiVersions: what is told is what is served; and whatever version a client asks in, it gets an answer it can read.
#include <gtest/gtest.h>

#include <algorithm>

#include "broker/api/table.h"
#include "tests/broker/support/node_world.h"
#include "wire/api_versions.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

wire::ApiVersionsRequest named(std::string_view name = "test", std::string_view version = "1.0") {
  return {.client_software_name = name, .client_software_version = version};
}

TEST(ApiVersionsApi, TellsWhatIsServedAtEveryVersion) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::int16_t version = 0; version <= 4; ++version) {
      SCOPED_TRACE(version);
      const auto answer = peer.ask<wire::ApiVersionsResponse>(named(), version);
      EXPECT_EQ(answer.body.error_code, 0);
      std::vector<api::ApiHandler> advertised(api::served_apis().begin(), api::served_apis().end());
      std::erase_if(advertised, [](const api::ApiHandler& served) { return !served.advertised; });
      ASSERT_EQ(answer.body.api_keys.size(), advertised.size());
      for (std::size_t i = 0; i < answer.body.api_keys.size(); ++i) {
        const auto& told = answer.body.api_keys[i];
        const auto& served = advertised[i];
        EXPECT_EQ(told.api_key, static_cast<std::int16_t>(served.key));
        EXPECT_LE(told.min_version, served.version_min);
        EXPECT_EQ(told.max_version, served.version_max);
      }
    }
  });
}

// KIP-511: old clients and new ones can read version 0, and see in which versions to ask again.
TEST(ApiVersionsApi, AVersionOfTheFutureIsAnsweredInVersionZeroWithError35) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    ByteBuffer frame(4 + 8 + 2 + 4 + 3);
    store_big_endian(frame.data(), static_cast<std::int32_t>(frame.size() - 4));
    store_big_endian(frame.data() + 4, std::int16_t{18});
    store_big_endian(frame.data() + 6, std::int16_t{99});
    store_big_endian(frame.data() + 8, std::int32_t{77});
    store_big_endian(frame.data() + 12, std::int16_t{-1});  // no client id; what follows is of no known form
    peer.send(frame);
    const auto answer = peer.take<wire::ApiVersionsResponse>(0);
    EXPECT_EQ(load_big_endian<std::int32_t>(answer.frame.data()), 77) << "the correlation id";
    EXPECT_EQ(answer.body.error_code, code(ErrorCode::unsupported_version));
    ASSERT_EQ(answer.body.api_keys.size(), 1U);
    EXPECT_EQ(answer.body.api_keys[0].api_key, 18);
    EXPECT_EQ(answer.body.api_keys[0].max_version, 4);
    EXPECT_EQ(peer.ask<wire::ApiVersionsResponse>(named(), 3).body.error_code, 0) << "the connection lives on";
  });
}

TEST(ApiVersionsApi, ClientsThatNameThemselvesOddlyAreRefusedFromVersion3On) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto error = [&](std::string_view name, std::string_view version) {
      const auto answer = peer.ask<wire::ApiVersionsResponse>(named(name, version), 3);
      EXPECT_EQ(answer.body.api_keys.empty(), answer.body.error_code != 0);
      return answer.body.error_code;
    };
    const std::int16_t refused = code(ErrorCode::invalid_request);
    for (const char* good : {"a", "apache-kafka-java", "librdkafka", "A.b-9"}) EXPECT_EQ(error(good, "1"), 0) << good;
    for (const char* bad : {"", "-a", "a-", ".", "a b", "a_b", "a/b", "\xc3\xa4"}) {
      EXPECT_EQ(error(bad, "1"), refused) << bad;
      EXPECT_EQ(error("a", bad), refused) << bad;
    }
    EXPECT_EQ(peer.ask<wire::ApiVersionsResponse>(named("", ""), 2).body.error_code, 0) << "version 2 has no names";
  });
}

// KIP-584 and KIP-1022: features whose lowest level is 0 crash clients below version 4.
TEST(ApiVersionsApi, FeaturesFromLevelZeroAreToldFromVersion4On) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto old = peer.ask<wire::ApiVersionsResponse>(named(), 3);
    for (const auto& feature : old.body.supported_features) EXPECT_GT(feature.min_version, 0) << feature.name;
    const auto now = peer.ask<wire::ApiVersionsResponse>(named(), 4);
    EXPECT_GE(now.body.supported_features.size(), old.body.supported_features.size());
    bool has_metadata_version = false;
    for (const auto& feature : now.body.finalized_features) {
      has_metadata_version = has_metadata_version || feature.name == "metadata.version";
      EXPECT_NE(feature.name, "kraft.version") << "level 0: the settings name the voter";
      EXPECT_GT(feature.max_version_level, 0) << feature.name;
    }
    EXPECT_TRUE(has_metadata_version);
    EXPECT_TRUE(std::ranges::any_of(now.body.supported_features,
                                    [](const auto& feature) { return feature.name == "kraft.version"; }));
    EXPECT_GE(now.body.finalized_features_epoch, 0);
  });
}

}  // namespace
}  // namespace gregor::broker
