// Envelope: another broker's clients are answered as this controller's own would be.
#include <gtest/gtest.h>

#include "tests/broker/support/controller_listener.h"
#include "wire/create_topics.h"
#include "wire/envelope.h"
#include "wire/metadata.h"
#include "wire/principal.h"
#include "wire/record_frame.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

ByteBuffer known_principal() {
  const wire::DefaultPrincipalData named{.type = "User", .name = "ANONYMOUS"};
  ByteBuffer bytes;
  wire::Writer to = wire::begin_prefixed(bytes, 0, wire::size_of(named, 0));
  encode(to, named, 0);
  to.finish();
  return bytes;
}

template <class Inner>
ByteBuffer inner_frame(const Inner& request, std::int16_t version, std::int32_t correlation_id) {
  wire::RequestHeader header;
  header.request_api_version = version;
  header.correlation_id = correlation_id;
  header.client_id = "far";
  ByteBuffer frame = wire::encode_request_frame(header, request).value();
  frame.erase(frame.begin(), frame.begin() + sizeof(std::int32_t));
  return frame;
}

wire::CreateTopicsRequest topic_request(std::string_view name) {
  wire::CreateTopicsRequest request;
  request.topics.push_back({.name = name, .num_partitions = 1, .replication_factor = 1});
  return request;
}

struct Parts {
  ByteBuffer request;
  ByteBuffer principal = known_principal();
  ByteBuffer address = ByteBuffer(4);
};

Answer<wire::EnvelopeResponse> ask(Peer& peer, const Parts& parts) {
  return peer.ask<wire::EnvelopeResponse>(wire::EnvelopeRequest{.request_data = Bytes(parts.request),
                                                                .request_principal = Bytes(parts.principal),
                                                                .client_host_address = Bytes(parts.address)},
                                          0);
}

TEST(EnvelopeApi, TheAnswerComesBackWholeUnderTheCorrelationIdOfTheRequestWithin) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer peer = connect_to_controller(client);
    const auto answer = ask(peer, {.request = inner_frame(topic_request("far-away"), 7, 4711)});
    ASSERT_EQ(answer.body.error_code, 0);
    ASSERT_TRUE(answer.body.response_data.has_value());
    wire::Reader from(*answer.body.response_data);
    const auto header = wire::decode_response_header(from, wire::ApiKey::create_topics, 7);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->correlation_id, 4711);
    wire::CreateTopicsResponse created;
    ASSERT_TRUE(decode(from, created, 7));
    EXPECT_TRUE(from.finish());
    EXPECT_EQ(created.topics.at(0).error_code, 0);
    Peer clients = client.connect();
    EXPECT_EQ(produce(clients, "far-away", batch_of({.values = {"v"}})).error, 0);
  });
}

TEST(EnvelopeApi, WhatMayNotBeForwardedIsRefused) {
  NodeWorld w(with_controller_listener());
  w.run([&](const Client& client) {
    Peer peer = connect_to_controller(client);
    const ByteBuffer good = inner_frame(topic_request("t"), 7, 1);
    const auto refused_with = [&](const Parts& parts) { return ask(peer, parts).body.error_code; };
    EXPECT_EQ(refused_with({.request = inner_frame(wire::MetadataRequest{}, 9, 1)}), code(ErrorCode::invalid_request));
    EXPECT_EQ(refused_with({.request = ByteBuffer(3)}), code(ErrorCode::invalid_request));
    EXPECT_EQ(refused_with({.request = good, .address = ByteBuffer(5)}), code(ErrorCode::invalid_request));
    EXPECT_EQ(refused_with({.request = good, .principal = ByteBuffer(1)}),
              code(ErrorCode::principal_deserialization_failure));
    ByteBuffer too_new = good;
    store_big_endian(too_new.data() + 2, std::int16_t{99});
    const auto error = refused_with({.request = too_new});
    EXPECT_TRUE(error == code(ErrorCode::unsupported_version) || error == code(ErrorCode::invalid_request));
  });
}

}  // namespace
}  // namespace gregor::broker
