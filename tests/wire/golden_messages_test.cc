// Kafka's own bytes. Every line of the golden vectors must decode with all bytes used, read as Kafka's JSON converter
// says, encode again to the same bytes, be built from its JSON to the same bytes, and fail cleanly wherever it is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "tests/wire/support/golden.h"
#include "wire/group_records.h"
#include "wire/metadata_records.h"
#include "wire/record_frame.h"
#include "wire/registry.h"
#include "wire/share_records.h"
#include "wire/storage_records.h"
#include "wire/transaction_records.h"

namespace gregor::wire::test {
namespace {

using nlohmann::json;

struct Tally {
  std::size_t lines = 0;
  std::size_t built = 0;
  std::size_t cuts = 0;
};

std::string label(const json& line) {
  return line["message"].get<std::string>() + " v" + std::to_string(line["version"].get<int>()) + " instance " +
         std::to_string(line.value("instance", -1));
}

void check_cuts(const MessageRow& row, std::int16_t version, Bytes body, Tally& tally) {
  for (const std::size_t cut : cuts_of(body.size())) {
    // An exact copy, so that the address sanitizer sees a read beyond the cut.
    const ByteBuffer part(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(cut));
    const auto recoded = row.recode(part, version);
    ASSERT_FALSE(recoded.has_value()) << "cut at " << cut;
    ASSERT_EQ(recoded.error().code, Errc::malformed) << recoded.error().text;
    ASSERT_NE(recoded.error().text.find("at byte"), std::string::npos) << recoded.error().text;
    ++tally.cuts;
  }
}

void check_body(const json& line, Tally& tally) {
  SCOPED_TRACE(label(line));
  const auto version = line["version"].get<std::int16_t>();
  const MessageRow* row = find_message(line["message"].get<std::string>());
  ASSERT_NE(row, nullptr);
  const std::string hex = line["hex"];
  const ByteBuffer body = from_hex(hex);

  const auto shown = row->dump(body, version);
  ASSERT_TRUE(shown.has_value()) << shown.error().text;
  ASSERT_EQ(json::parse(shown->to_text()), line["json"]);
  const auto recoded = row->recode(body, version);
  ASSERT_TRUE(recoded.has_value()) << recoded.error().text;
  ASSERT_EQ(to_hex(*recoded), hex);

  if (!line.contains("unknown")) {
    const auto parsed = Json::parse(line["json"].dump());
    ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
    const auto built = row->build(*parsed, version);
    ASSERT_TRUE(built.has_value()) << built.error().text;
    ASSERT_EQ(to_hex(*built), hex);
    ++tally.built;
  }
  check_cuts(*row, version, body, tally);
  ++tally.lines;
}

/// "framed" and "prefixed": the body behind its type and version, as the log holds it.
void check_wrapped(const json& line) {
  SCOPED_TRACE(label(line));
  const auto version = line["version"].get<std::int16_t>();
  const MessageRow& row = *find_message(line["message"].get<std::string>());
  const ByteBuffer body = from_hex(line["hex"]);
  ByteBuffer wrapped;
  if (line.contains("framed")) {
    Writer to = begin_framed(wrapped, {row.number, version}, body.size());
    for (const std::byte byte : body) to.write(std::to_integer<std::int8_t>(byte));
    to.finish();
    ASSERT_EQ(to_hex(wrapped), line["framed"]);
    Reader from(wrapped);
    const auto frame = decode_record_frame(from);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->type, row.number);
    EXPECT_EQ(frame->version, version);
    EXPECT_EQ(to_hex(from.rest()), line["hex"]);
  } else if (line.contains("prefixed")) {
    const std::int16_t prefix = row.kind == MessageKind::key ? row.number : version;
    Writer to = begin_prefixed(wrapped, prefix, body.size());
    for (const std::byte byte : body) to.write(std::to_integer<std::int8_t>(byte));
    to.finish();
    ASSERT_EQ(to_hex(wrapped), line["prefixed"]);
    Reader from(wrapped);
    EXPECT_EQ(decode_prefix(from).value(), prefix);
    EXPECT_EQ(to_hex(from.rest()), line["hex"]);
  }
}

Tally check_folder(const std::string& folder) {
  Tally tally;
  for (const std::string& file : jsonl_files(folder)) {
    each_line(file, [&](const json& line) {
      check_body(line, tally);
      check_wrapped(line);
    });
  }
  std::cout << folder << ": " << tally.lines << " lines, " << tally.built << " built from JSON, " << tally.cuts
            << " cuts refused\n";
  return tally;
}

class GoldenRecords : public testing::TestWithParam<const char*> {};

TEST(GoldenMessages, DecodeShowEncodeAndBuildAsKafkaDoes) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  EXPECT_GT(check_folder(folder + "/messages").lines, 2000U);
}

TEST_P(GoldenRecords, DecodeShowEncodeAndBuildAsKafkaDoes) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  EXPECT_GT(check_folder(folder + "/" + GetParam()).lines, 0U);
}

INSTANTIATE_TEST_SUITE_P(Families, GoldenRecords,
                         testing::Values("metadata-records", "group-records", "txn-records", "share-records",
                                         "raft-records", "storage-records"),
                         [](const auto& family) {
                           std::string name = family.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// Decodes each wrapped record of a folder through the variant of its family.
std::size_t check_variants(const std::string& folder,
                           const std::function<void(const json&, const MessageRow&, Bytes)>& check) {
  std::size_t lines = 0;
  for (const std::string& file : jsonl_files(folder)) {
    lines += each_line(file, [&](const json& line) {
      SCOPED_TRACE(label(line));
      const ByteBuffer bytes = from_hex(line.contains("framed") ? line["framed"] : line["prefixed"]);
      check(line, *find_message(line["message"].get<std::string>()), bytes);
    });
  }
  return lines;
}

template <class Variant>
std::string held_name(const Variant& any) {
  return std::visit([](const auto& record) { return std::string(record.kName); }, any);
}

TEST(GoldenMessages, MetadataRecordsChooseTheirTypeFromTheFrame) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  const std::size_t lines =
      check_variants(folder + "/metadata-records", [](const json& line, const MessageRow& row, Bytes framed) {
        std::int16_t version = -1;
        const auto any = decode_metadata_record(framed, version);
        ASSERT_TRUE(any.has_value()) << any.error().text;
        EXPECT_EQ(held_name(*any), row.name);
        EXPECT_EQ(version, line["version"].get<int>());
        EXPECT_EQ(to_hex(encode_metadata_record(*any, version).value()), to_hex(framed));
      });
  EXPECT_GT(lines, 100U);
}

TEST(GoldenMessages, RemoteLogRecordsChooseTheirTypeFromTheFrame) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  check_variants(folder + "/storage-records", [](const json&, const MessageRow& row, Bytes framed) {
    if (row.kind != MessageKind::record) return;
    std::int16_t version = -1;
    const auto any = decode_remote_log_record(framed, version);
    ASSERT_TRUE(any.has_value()) << any.error().text;
    EXPECT_EQ(held_name(*any), row.name);
    EXPECT_EQ(to_hex(encode_remote_log_record(*any, version).value()), to_hex(framed));
  });
}

template <class DecodeKey, class EncodeKey, class DecodeValue>
void check_coordinator(const std::string& folder, DecodeKey decode_any_key, EncodeKey encode_any_key,
                       DecodeValue decode_any_value) {
  const std::size_t lines = check_variants(folder, [&](const json& line, const MessageRow& row, Bytes prefixed) {
    if (row.kind == MessageKind::key) {
      const auto key = decode_any_key(prefixed);
      ASSERT_TRUE(key.has_value()) << key.error().text;
      EXPECT_EQ(held_name(*key), row.name);
      EXPECT_EQ(to_hex(encode_any_key(*key).value()), to_hex(prefixed));
    } else {
      std::int16_t version = -1;
      const auto value = decode_any_value(row.number, prefixed, version);
      ASSERT_TRUE(value.has_value()) << value.error().text;
      EXPECT_EQ(held_name(*value), row.name);
      EXPECT_EQ(version, line["version"].get<int>());
      const auto again = std::visit([&](const auto& held) { return encode_versioned(held, version); }, *value);
      EXPECT_EQ(to_hex(again.value()), to_hex(prefixed));
    }
  });
  EXPECT_GT(lines, 0U);
}

TEST(GoldenMessages, CoordinatorRecordsChooseTheirTypeFromTheKey) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  check_coordinator(
      folder + "/group-records", [](Bytes key) { return decode_group_record_key(key); },
      [](const GroupRecordKey& key) { return encode_group_record_key(key); }, &decode_group_record_value);
  check_coordinator(
      folder + "/txn-records", [](Bytes key) { return decode_transaction_record_key(key); },
      [](const TransactionRecordKey& key) { return encode_transaction_record_key(key); },
      &decode_transaction_record_value);
  check_coordinator(
      folder + "/share-records", [](Bytes key) { return decode_share_record_key(key); },
      [](const ShareRecordKey& key) { return encode_share_record_key(key); }, &decode_share_record_value);
}

}  // namespace
}  // namespace gregor::wire::test
