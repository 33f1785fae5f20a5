// Whole frames made by Apache Kafka: the size, the header in the version that belongs to key and version, the body.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/wire/support/golden.h"
#include "wire/frame.h"
#include "wire/registry.h"

namespace gregor::wire::test {
namespace {

using nlohmann::json;

void check_request(const json& line, const MessageRow& row, Bytes frame) {
  const auto version = line["version"].get<std::int16_t>();
  Reader from(frame.subspan(4));
  const auto header = decode_request_header(from);
  ASSERT_TRUE(header.has_value()) << header.error().text;
  EXPECT_EQ(header->request_api_key, line["apiKey"].get<int>());
  EXPECT_EQ(header->request_api_version, version);
  EXPECT_EQ(header->correlation_id, line["correlationId"].get<int>());
  ASSERT_EQ(header->client_id.has_value(), !line["clientId"].is_null());
  if (header->client_id) {
    EXPECT_EQ(*header->client_id, line["clientId"].get<std::string>());
  }

  const std::int16_t header_version = request_header_version(static_cast<ApiKey>(row.number), version);
  EXPECT_EQ(header_version, line["headerVersion"].get<int>());
  const auto body = row.recode(from.rest(), version);
  ASSERT_TRUE(body.has_value()) << body.error().text;
  GatheredFrame again;
  Writer to = begin_request(again, *header, header_version, Size{.bytes = body->size(), .borrowed = 0});
  for (const std::byte byte : *body) to.write(std::to_integer<std::int8_t>(byte));
  to.finish();
  EXPECT_EQ(to_hex(again.own), line["hex"]);
}

void check_response(const json& line, const MessageRow& row, Bytes frame) {
  const auto version = line["version"].get<std::int16_t>();
  const auto key = static_cast<ApiKey>(row.number);
  Reader from(frame.subspan(4));
  const auto header = decode_response_header(from, key, version);
  ASSERT_TRUE(header.has_value()) << header.error().text;
  EXPECT_EQ(header->correlation_id, line["correlationId"].get<int>());

  const std::int16_t header_version = response_header_version(key, version);
  EXPECT_EQ(header_version, line["headerVersion"].get<int>());
  const auto body = row.recode(from.rest(), version);
  ASSERT_TRUE(body.has_value()) << body.error().text;
  GatheredFrame again;
  Writer to = begin_response(again, *header, header_version, Size{.bytes = body->size(), .borrowed = 0});
  for (const std::byte byte : *body) to.write(std::to_integer<std::int8_t>(byte));
  to.finish();
  EXPECT_EQ(to_hex(again.own), line["hex"]);
}

TEST(GoldenFrames, ReadAndWriteAsKafkaDoes) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  const std::size_t lines = each_line(folder + "/frames.jsonl", [](const json& line) {
    SCOPED_TRACE(line["message"].get<std::string>() + " v" + std::to_string(line["version"].get<int>()));
    const MessageRow* row = find_message(line["message"].get<std::string>());
    ASSERT_NE(row, nullptr);
    const ByteBuffer frame = from_hex(line["hex"]);
    ASSERT_EQ(load_big_endian<std::int32_t>(frame.data()), static_cast<std::int32_t>(frame.size() - 4));
    row->kind == MessageKind::request ? check_request(line, *row, frame) : check_response(line, *row, frame);
  });
  std::cout << "frames.jsonl: " << lines << " frames\n";
  EXPECT_GT(lines, 500U);
}

}  // namespace
}  // namespace gregor::wire::test
