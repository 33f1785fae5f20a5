#include "wire/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/wire/support/golden.h"

namespace gregor::wire {
namespace {

TEST(Json, TextsAreEscapedSoThatAnotherParserReadsTheSame) {
  std::string odd = "\"\\/\b\f\n\r\t";
  odd += '\0';
  odd += "\x1f é 中 🚀";
  EXPECT_EQ(nlohmann::json::parse(Json(odd).to_text()).get<std::string>(), odd);
  EXPECT_EQ(*Json::parse(Json(odd).to_text()).value().if_text(), odd);
}

TEST(Json, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  EXPECT_EQ(Json(std::string("a\xff\xc3")).to_text(), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(Json, IntegersKeepAll64Bits) {
  EXPECT_EQ(Json(INT64_MIN).to_text(), "-9223372036854775808");
  EXPECT_EQ(*Json::parse("9223372036854775807").value().if_integer(), INT64_MAX);
}

TEST(Json, EqualityIgnoresTheOrderOfMembersAndTheSpellingOfNumbers) {
  EXPECT_EQ(Json::parse(R"({"a":1,"b":[2]})").value(), Json::parse(R"({ "b" : [ 2.0 ], "a" : 1 })").value());
  EXPECT_FALSE(Json::parse(R"({"a":1})").value() == Json::parse(R"({"a":1,"b":null})").value());
  EXPECT_FALSE(Json::parse("[1,2]").value() == Json::parse("[2,1]").value());
}

TEST(Json, SetReplacesOrAppends) {
  Json object;
  object.set("a", Json(std::int64_t{1}));
  object.set("b", Json(true));
  object.set("a", Json());
  EXPECT_EQ(object.to_text(), R"({"a":null,"b":true})");
}

}  // namespace
}  // namespace gregor::wire
