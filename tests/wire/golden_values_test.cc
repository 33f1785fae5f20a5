// The sections of misc.json that the wire rests on: variable-length integers in all their forms, ids and their order,
// CRC32C.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iostream>

#include "base/crc32c.h"
#include "base/uuid.h"
#include "base/varint.h"
#include "tests/wire/support/golden.h"

namespace gregor::wire::test {
namespace {

using nlohmann::json;

json section(const std::string& folder, const char* name) {
  std::ifstream in(folder + "/misc.json");
  const json all = json::parse(in);
  std::cout << name << ": " << all.at(name).size() << " cases\n";
  return all.at(name);
}

std::string written(std::uint64_t value) {
  std::array<std::byte, kVarlongBytesMax> room{};
  const std::byte* end = write_varint(room.data(), value);
  const auto size = static_cast<std::size_t>(end - room.data());
  EXPECT_EQ(size, varint_size(value));
  return to_hex(Bytes(room.data(), size));
}

TEST(GoldenVarints, AreWrittenAsKafkaWritesThem) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  for (const json& each : section(folder, "varint"))
    EXPECT_EQ(written(zigzag(each["value"].get<std::int32_t>())), each["hex"]);
  for (const json& each : section(folder, "varlong"))
    EXPECT_EQ(written(zigzag(each["value"].get<std::int64_t>())), each["hex"]);
  for (const json& each : section(folder, "unsignedVarint"))
    EXPECT_EQ(written(each["value"].get<std::uint32_t>()), each["hex"]);
  for (const json& each : section(folder, "unsignedVarlong")) {
    EXPECT_EQ(written(std::stoull(each["value"].get<std::string>())), each["hex"]);
  }
}

TEST(GoldenVarints, OddFormsAreReadAsKafkaReadsThem) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  for (const json& each : section(folder, "varintReading")) {
    SCOPED_TRACE(each.dump());
    const ByteBuffer bytes = from_hex(each["hex"]);
    const std::string kind = each["kind"];
    std::uint32_t narrow = 0;
    std::uint64_t wide = 0;
    const std::size_t taken = kind == "varlong" ? read_varint(bytes, wide) : read_varint(bytes, narrow);
    if (!each["error"].is_null()) {
      EXPECT_EQ(taken, 0U);
      continue;
    }
    EXPECT_EQ(taken, each["read"].get<std::size_t>());
    const std::string value = kind == "varlong"  ? std::to_string(unzigzag(wide))
                              : kind == "varint" ? std::to_string(unzigzag(narrow))
                                                 : std::to_string(narrow);
    EXPECT_EQ(value, each["value"].get<std::string>());
  }
}

TEST(GoldenUuids, TextOrderAndOddReadingsAreKafkas) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  for (const json& each : section(folder, "uuid")) {
    const ByteBuffer bytes = from_hex(each["hex"]);
    const Uuid uuid = Uuid::from_bytes(bytes.data());
    EXPECT_EQ(uuid.to_text(), each["text"]);
    EXPECT_EQ(Uuid::from_text(each["text"].get<std::string>()), uuid);
  }
  for (const json& each : section(folder, "uuidOrder")) {
    const auto order =
        Uuid::from_text(each["a"].get<std::string>()).value() <=> Uuid::from_text(each["b"].get<std::string>()).value();
    const int sign = order < 0 ? -1 : order > 0 ? 1 : 0;
    EXPECT_EQ(sign, each["compare"].get<int>()) << each.dump();
  }
  for (const json& each : section(folder, "uuidReading")) {
    SCOPED_TRACE(each.dump());
    const auto uuid = Uuid::from_text(each["text"].get<std::string>());
    ASSERT_EQ(uuid.has_value(), each["error"].is_null());
    if (uuid) {
      EXPECT_EQ(uuid->to_text(), each["value"]);
    }
  }
}

TEST(GoldenCrc32c, SumsAreKafkas) {
  GOLDEN_FOLDER_OR_SKIP(folder);
  for (const json& each : section(folder, "crc32c"))
    EXPECT_EQ(crc32c(from_hex(each["hex"])), each["crc"].get<std::uint32_t>());
}

}  // namespace
}  // namespace gregor::wire::test
