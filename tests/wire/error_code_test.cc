#include "wire/error_code.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gregor::wire {
namespace {

TEST(ErrorCode, NamesAreKafkas) {
  EXPECT_EQ(name_of(ErrorCode::not_leader_or_follower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(wire_code(ErrorCode::unknown_server_error), -1);
  EXPECT_TRUE(is_retriable(ErrorCode::leader_not_available));
  EXPECT_FALSE(is_retriable(ErrorCode::none));
}

TEST(ErrorCode, ANumberWithoutMeaningIsAnUnknownServerError) {
  EXPECT_EQ(error_code_of(6), ErrorCode::not_leader_or_follower);
  EXPECT_EQ(error_code_of(30'000), ErrorCode::unknown_server_error);
}

TEST(ErrorCode, TheTableIsKafkas) {
  const std::string path = GREGOR_SOURCE_DIR "/../shared/protocol/errors.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no errors.json to compare with";
  std::ifstream in(path);
  for (const auto& row : nlohmann::json::parse(in)) {
    const auto code = static_cast<ErrorCode>(row["code"].get<std::int16_t>());
    EXPECT_EQ(name_of(code), row["name"].get<std::string>());
    EXPECT_EQ(is_retriable(code), row["retriable"].get<bool>()) << row["name"];
    EXPECT_EQ(error_code_of(row["code"].get<std::int16_t>()), code);
  }
}

}  // namespace
}  // namespace gregor::wire
