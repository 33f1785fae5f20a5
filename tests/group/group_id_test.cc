// Where groups live, and which requests are refused at the door. Source: ../shared/vectors/misc.json, section
// coordinatorPartition (Java's own hashes), and Kafka 4.3's answers.
#include "group/group_id.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace gregor::group {
namespace {

TEST(GroupId, HashesAsJavaDoes) {
  EXPECT_EQ(java_hash(""), 0);
  EXPECT_EQ(java_hash("group"), 98629247);
  EXPECT_EQ(java_hash("my-group"), -1906497762);
  EXPECT_EQ(java_hash("\xf0\x9f\x98\x80"), 1772899) << "beyond the basic plane Java hashes two surrogates";
}

TEST(GroupId, TheLowestHashLivesInPartitionZero) {
  EXPECT_EQ(java_hash("polygenelubricants"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(partition_of("polygenelubricants", 50), PartitionIndex{0});
}

TEST(GroupId, PartitionsAreThoseOfKafka) {
  const char* folder = std::getenv("GREGOR_VECTORS");
  std::ifstream in((folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared/vectors") + "/misc.json");
  if (!in) GTEST_SKIP() << "no ../shared/vectors here";
  const auto rows = nlohmann::json::parse(in).at("coordinatorPartition");
  ASSERT_GT(rows.size(), 10U);
  for (const auto& row : rows) {
    const auto name = row.at("name").get<std::string>();
    EXPECT_EQ(java_hash(name), row.at("hash").get<std::int32_t>()) << name;
    for (const auto& [count, partition] : row.at("partition").items()) {
      EXPECT_EQ(partition_of(name, std::stoi(count)).value(), partition.get<std::int32_t>()) << name << " of " << count;
    }
  }
}

TEST(GroupId, JoinsNeedAnIdAndASessionWithinTheBrokersLimits) {
  const GroupSettings settings;
  wire::JoinGroupRequest request{.group_id = "", .session_timeout_ms = 10'000};
  EXPECT_EQ(refusal_of_join(request, settings), wire::ErrorCode::invalid_group_id);
  request.group_id = "g";
  EXPECT_EQ(refusal_of_join(request, settings), wire::ErrorCode::none);
  request.session_timeout_ms = 5'999;
  EXPECT_EQ(refusal_of_join(request, settings), wire::ErrorCode::invalid_session_timeout);
  request.session_timeout_ms = 1'800'001;
  EXPECT_EQ(refusal_of_join(request, settings), wire::ErrorCode::invalid_session_timeout);
}

TEST(GroupId, SyncsNameTheirProtocolFromVersionFive) {
  wire::SyncGroupRequest request{.group_id = ""};
  EXPECT_EQ(refusal_of_sync(request, 5), wire::ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(refusal_of_sync(request, 4), wire::ErrorCode::invalid_group_id);
  request = {.group_id = "g", .protocol_type = "consumer", .protocol_name = "range"};
  EXPECT_EQ(refusal_of_sync(request, 5), wire::ErrorCode::none);
}

}  // namespace
}  // namespace gregor::group
