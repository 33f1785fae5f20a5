#include "wire/frame.h"

#include <gtest/gtest.h>

#include "wire/api_versions.h"
#include "wire/produce.h"

namespace gregor::wire {
namespace {

TEST(Frame, ARequestReadsBackWithItsHeader) {
  const ProduceRequest request{.acks = -1, .timeout_ms = 30'000};
  const auto frame = encode_request_frame({.request_api_version = 9, .correlation_id = 77, .client_id = "me"}, request);
  ASSERT_TRUE(frame.has_value());
  Reader from(Bytes(*frame).subspan(4));
  const auto header = decode_request_header(from);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->request_api_key, 0);
  EXPECT_EQ(header->correlation_id, 77);
  EXPECT_EQ(header->client_id, "me");
  ProduceRequest again;
  ASSERT_TRUE(decode(from, again, header->request_api_version));
  ASSERT_TRUE(from.finish());
  EXPECT_EQ(again.acks, -1);
}

TEST(Frame, TheAnswerToApiVersionsNeedsNoKnowledgeOfVersions) {
  const GatheredFrame frame = encode_response_frame(5, ApiVersionsResponse{}, 4).value();
  // size, correlation id, then at once error code, one row count, throttle time, tags: no tags between header and body
  EXPECT_EQ(frame.size(), 4U + 4 + 2 + 1 + 4 + 1);
  EXPECT_EQ(response_header_version(ApiKey::api_versions, 4), 0);
  EXPECT_EQ(response_header_version(ApiKey::produce, 9), 1);
}

TEST(Frame, AnUnknownKeyIsUnsupportedAndAShortFrameMalformed) {
  const ByteBuffer removed = {std::byte{0}, std::byte{4}, std::byte{0}, std::byte{0}};
  Reader from{Bytes(removed)};
  EXPECT_EQ(decode_request_header(from).error().code, Errc::unsupported);
  Reader short_one{Bytes(removed).subspan(0, 3)};
  EXPECT_EQ(decode_request_header(short_one).error().code, Errc::malformed);
}

TEST(Frame, AVersionBeyondOursStillHasAHeader) {
  // ApiVersions v127, client id null, no tags: Kafka answers it in version 0.
  const ByteBuffer asked = {std::byte{0}, std::byte{18}, std::byte{0},    std::byte{127},  std::byte{0}, std::byte{0},
                            std::byte{0}, std::byte{9},  std::byte{0xff}, std::byte{0xff}, std::byte{0}};
  Reader from{Bytes(asked)};
  const auto header = decode_request_header(from);
  ASSERT_TRUE(header.has_value()) << header.error().text;
  EXPECT_EQ(header->request_api_version, 127);
  EXPECT_EQ(header->correlation_id, 9);
}

TEST(ApiTable, TellsWhatANodeOfKafka43Tells) {
  EXPECT_EQ(row_of(ApiKey::produce).advertised_min, 0) << "old clients look for Produce v0";
  EXPECT_EQ(row_of(ApiKey::produce).version_min, 3);
  EXPECT_EQ(row_of(ApiKey::init_producer_id).advertised_max, 5) << "6 is unstable";
  EXPECT_EQ(row_of(ApiKey::init_producer_id).version_max, 6);
  EXPECT_TRUE(row_of(ApiKey::vote).on_controller);
  EXPECT_FALSE(row_of(ApiKey::vote).on_broker);
  EXPECT_EQ(find_api(4), nullptr);
  EXPECT_EQ(find_api(-1), nullptr);
  EXPECT_EQ(find_api(999), nullptr);
}

}  // namespace
}  // namespace gregor::wire
