// The table of APIs: ordered, within what the wire layer knows; and what is not in it ends a connection, as with Kafka.
#include "broker/api/table.h"

#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/api_versions.h"
#include "wire/metadata.h"
#include "wire/produce.h"

namespace gregor::broker {
namespace {

using namespace test;

/// A request frame without its size: key, version, correlation id, no client id, a byte that says "no tags" where the
/// header has them and is the body where it has not.
ByteBuffer bare_frame(std::int16_t key, std::int16_t version) {
  ByteBuffer frame(11);
  store_big_endian(frame.data(), key);
  store_big_endian(frame.data() + 2, version);
  store_big_endian(frame.data() + 4, std::int32_t{1});
  store_big_endian(frame.data() + 8, std::int16_t{-1});
  return frame;
}

ByteBuffer sized(const ByteBuffer& frame) {
  ByteBuffer bytes(4);
  store_big_endian(bytes.data(), static_cast<std::int32_t>(frame.size()));
  append_bytes(bytes, frame);
  return bytes;
}

TEST(ApiTable, StandsInTheOrderOfKeysWithinWhatTheWireLayerKnows) {
  std::int16_t last = -1;
  for (const api::ApiHandler& api : api::served_apis()) {
    const auto key = static_cast<std::int16_t>(api.key);
    EXPECT_GT(key, last);
    last = key;
    const wire::ApiRow* row = wire::find_api(key);
    ASSERT_NE(row, nullptr);
    EXPECT_LE(api.version_min, api.version_max);
    EXPECT_EQ(api::find_api_handler(key), &api);
  }
  EXPECT_EQ(api::find_api_handler(-1), nullptr);
  EXPECT_EQ(api::find_api_handler(9'999), nullptr);
}

TEST(ApiTable, AdmitsWhatIsServedAndTellsAProduceFromTheRest) {
  for (const api::ApiHandler& api : api::served_apis()) {
    const auto key = static_cast<std::int16_t>(api.key);
    for (std::int16_t version = api.version_min; version <= api.version_max; ++version) {
      const auto admitted = api::admit(bare_frame(key, version));
      ASSERT_TRUE(admitted) << key << " version " << version << ": " << admitted.error().text;
      EXPECT_EQ(*admitted, api.key == wire::ApiKey::produce);
    }
  }
}

TEST(ApiTable, RefusesOtherKeysOtherVersionsAndHeadersThatDoNotParse) {
  const auto refusal = [](const ByteBuffer& frame) {
    const auto admitted = api::admit(frame);
    return admitted ? Errc::exists : admitted.error().code;
  };
  EXPECT_EQ(refusal(bare_frame(9'999, 0)), Errc::unsupported);
  EXPECT_EQ(refusal(bare_frame(-1, 0)), Errc::unsupported);
  EXPECT_EQ(refusal(bare_frame(4, 0)), Errc::unsupported) << "an API of Kafka's that is not served";
  EXPECT_EQ(refusal(bare_frame(0, 2)), Errc::unsupported) << "Produce 2 went with Kafka 4";
  EXPECT_EQ(refusal(bare_frame(3, 99)), Errc::unsupported);
  EXPECT_EQ(refusal(bare_frame(3, -1)), Errc::unsupported);
  for (std::size_t size = 0; size < 10; ++size) {
    ByteBuffer cut = bare_frame(3, 1);
    cut.resize(size);
    EXPECT_EQ(refusal(cut), Errc::malformed) << size << " bytes";
  }
  EXPECT_TRUE(api::admit(bare_frame(18, 99))) << "ApiVersions is answered at any version";
}

TEST(ApiTable, WhatIsNotServedEndsTheConnectionWithOneLine) {
  for (const ByteBuffer& frame :
       {bare_frame(9'999, 0), bare_frame(4, 0), bare_frame(0, 2), bare_frame(3, 99), ByteBuffer{}, ByteBuffer(3)}) {
    NodeWorld w;
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      peer.send(sized(frame));
      EXPECT_TRUE(peer.is_closed());
      EXPECT_EQ(w.log.count("connection.closed"), 1U);
      Peer another = client.connect();
      EXPECT_EQ(another.ask<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 2).body.error_code, 0)
          << "nobody else is hurt";
    });
  }
}

TEST(ApiTable, BytesBehindTheLastFieldAreIgnored) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    wire::RequestHeader header;
    header.request_api_version = 1;
    header.correlation_id = 5;
    ByteBuffer frame = wire::encode_request_frame(header, wire::MetadataRequest{}).value();
    frame.resize(frame.size() + 7);
    store_big_endian(frame.data(), static_cast<std::int32_t>(frame.size() - 4));
    peer.send(frame);
    EXPECT_EQ(peer.take<wire::MetadataResponse>(1).body.brokers.size(), 1U);
  });
}

}  // namespace
}  // namespace gregor::broker
