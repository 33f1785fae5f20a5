// Keys land where Java's producer puts them. Source: ../shared/vectors/misc.json, section murmur2.
#include "client/partitioner.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gregor::client {
namespace {

ByteBuffer from_hex(const std::string& hex) {
  ByteBuffer bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

TEST(Murmur2, OfKnownKeysIsKafkas) {
  EXPECT_EQ(murmur2({}), 275646681);
  EXPECT_EQ(murmur2(bytes_of("a")), -1563381124);
  EXPECT_EQ(murmur2(bytes_of("123456789")), -1822237082);
  EXPECT_EQ(murmur2(bytes_of("kafka")), -798503068);
}

TEST(Murmur2, AgreesWithEveryVector) {
  const char* folder = std::getenv("GREGOR_VECTORS");
  std::ifstream in((folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared/vectors") + "/misc.json");
  if (!in) GTEST_SKIP() << "no ../shared/vectors here";
  const auto misc = nlohmann::json::parse(in);
  int checked = 0;
  for (const auto& line : misc["murmur2"]) {
    const ByteBuffer key = from_hex(line["hex"]);
    EXPECT_EQ(murmur2(key), line["hash"].get<std::int32_t>()) << line["hex"];
    for (const auto& [count, partition] : line["partition"].items()) {
      EXPECT_EQ(partition_of_key(key, std::stoi(count)).value(), partition.get<std::int32_t>()) << line["hex"];
    }
    ++checked;
  }
  std::cout << "misc.json murmur2: " << checked << " keys\n";
  EXPECT_GT(checked, 0);
}

}  // namespace
}  // namespace gregor::client
