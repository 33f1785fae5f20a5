// Json::parse against another parser: what one takes the other takes, with the same value.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "wire/json.h"

namespace gregor::wire {
namespace {

TEST(JsonParse, TakesWhatIsJson) {
  for (const char* text : {"null", " true ", "[]", "{}", "[1,-2,3.5,1e3]", R"({"a":{"b":[{}]},"c":""})", R"("é\n\/")",
                           "\"\\ud83d\\ude80\""}) {
    const auto parsed = Json::parse(text);
    ASSERT_TRUE(parsed.has_value()) << text << ": " << parsed.error().text;
    EXPECT_EQ(nlohmann::json::parse(parsed->to_text()), nlohmann::json::parse(text)) << text;
  }
}

TEST(JsonParse, RefusesWhatIsNot) {
  for (const char* text : {"", "nul", "[1,]", "[1", "{\"a\"}", "{a:1}", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\u12\"",
                           "1 2", "-", "1.2.3", "\"\x01\""}) {
    const auto parsed = Json::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, Errc::malformed);
    EXPECT_NE(parsed.error().text.find("at byte"), std::string::npos);
  }
}

TEST(JsonParse, DepthIsBounded) {
  EXPECT_TRUE(Json::parse(std::string(Json::kDepthMax, '[') + std::string(Json::kDepthMax, ']')));
  EXPECT_FALSE(Json::parse(std::string(100'000, '[')));
}

TEST(JsonParse, EveryCutOfADocumentIsRefused) {
  const std::string text = R"({"a":[1,true,null,"x\u0041"],"b":{"c":-1.5e3}})";
  ASSERT_TRUE(Json::parse(text));
  for (std::size_t cut = 0; cut < text.size(); ++cut) EXPECT_FALSE(Json::parse(text.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace gregor::wire
