// The notation of valid values is Kafka's, so that an error or a generated page reads like Kafka's own.
#include "config/key.h"

#include <gtest/gtest.h>

namespace gregor::config {
namespace {

TEST(ConfigKey, RangesReadAsInKafka) {
  EXPECT_EQ(to_text(any()), "");
  EXPECT_EQ(to_text(at_least(-1)), "[-1,...]");
  EXPECT_EQ(to_text(between(1, 17)), "[1,...,17]");
  EXPECT_EQ(to_text(between_or(1, 9, -1)), "[1,...,9] or -1");
  EXPECT_EQ(to_text(real_between(0, 0.5)), "[0,...,0.5]");
}

TEST(ConfigKey, ChoicesReadAsInKafka) {
  EXPECT_EQ(to_text(one_of("compact, delete")), "[compact, delete]");
  EXPECT_EQ(to_text(one_of_any_case("ES256, RS256")), "(case insensitive) [ES256, RS256]");
  EXPECT_EQ(to_text(checked_as(Valid::Kind::not_null)), "non-null string");
}

TEST(ConfigKey, TypesReadAsInKafka) {
  EXPECT_EQ(name_of(Type::boolean), "BOOLEAN");
  EXPECT_EQ(name_of(Type::int16), "SHORT");
  EXPECT_EQ(name_of(Type::password), "PASSWORD");
  EXPECT_EQ(static_cast<int>(Type::password), 9) << "the number that DescribeConfigs answers";
}

TEST(ConfigKey, RequiredIsNotANullDefault) {
  EXPECT_TRUE((Key{"node.id", Type::int32, kRequired}).is_required());
  EXPECT_FALSE((Key{"broker.rack", Type::string, nullptr}).is_required());
}

}  // namespace
}  // namespace gregor::config
