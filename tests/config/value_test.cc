// Text to values and back, as Java reads it.
#include "config/value.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace gregor::config {
namespace {

TEST(ConfigValue, BlanksAroundAValueDoNotCount) {
  EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
  EXPECT_EQ(trimmed("   "), "");
  EXPECT_EQ(parse_boolean(" True "), true);
  EXPECT_EQ(parse_integer(" +7 ", 0, 9), 7);
}

TEST(ConfigValue, IntegersStayInTheirRange) {
  EXPECT_EQ(parse_integer("9223372036854775807", INT64_MIN, INT64_MAX), INT64_MAX);
  EXPECT_EQ(parse_integer("9223372036854775808", INT64_MIN, INT64_MAX), std::nullopt);
  EXPECT_EQ(parse_integer("10", 0, 9), std::nullopt);
  EXPECT_EQ(parse_integer("+-1", -9, 9), std::nullopt);
  EXPECT_EQ(parse_integer("1 2", 0, 99), std::nullopt);
}

TEST(ConfigValue, RealsReadBackAsThemselves) {
  EXPECT_EQ(parse_real("1.7976931348623157E308"), 1.7976931348623157E308);
  EXPECT_EQ(to_text(0.5), "0.5");
  EXPECT_EQ(to_text(1.0), "1");
  EXPECT_EQ(parse_real("nan"), std::nullopt);
}

TEST(ConfigValue, ListsKeepTheirEmptyElements) {
  EXPECT_EQ(parse_list(" a ,b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parse_list(" "), std::vector<std::string>{});
  EXPECT_EQ(parse_list("a,,"), (std::vector<std::string>{"a", "", ""}));
}

RC_GTEST_PROP(ConfigValueProperty, IntegersReadBackAsThemselves, (std::int64_t value)) {
  RC_ASSERT(parse_integer(std::to_string(value), INT64_MIN, INT64_MAX) == value);
}

}  // namespace
}  // namespace gregor::config
