// A value that a key may not have is told in one sentence: key, value, what is allowed.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "config/key.h"

namespace gregor::config {
namespace {

std::string complaint(const Key& key, const std::string& value) {
  const auto checked = check_value(key, &value);
  return checked ? "" : checked.error().text;
}

constexpr Key kPartitions{"num.partitions", Type::int32, "1", at_least(1)};
constexpr Key kGzip{"compression.gzip.level", Type::int32, "-1", between_or(1, 9, -1)};
constexpr Key kPolicy{
    "cleanup.policy",  Type::list, "delete", one_of("compact, delete"), Importance::medium, UpdateMode::not_of_a_broker,
    Support::honoured, {},         kDistinct};

TEST(ConfigCheck, NamesKeyValueAndWhatIsAllowed) {
  EXPECT_EQ(complaint(kPartitions, "0"), "Invalid value 0 for configuration num.partitions: must be at least 1");
  EXPECT_EQ(complaint(kGzip, "10"),
            "Invalid value 10 for configuration compression.gzip.level: must be no more than 9");
}

TEST(ConfigCheck, NumbersOutsideTheTypeAreNotNumbers) {
  EXPECT_EQ(complaint(kPartitions, "2147483648"),
            "Invalid value 2147483648 for configuration num.partitions: is not a number of type INT");
  EXPECT_NE(complaint(kPartitions, "1.0"), "");
  EXPECT_NE(complaint(kPartitions, ""), "");
  EXPECT_NE(complaint(kPartitions, "0x10"), "");
  EXPECT_EQ(complaint(kPartitions, " 2147483647 "), "") << "blanks around a number do not count";
}

TEST(ConfigCheck, TheExceptionOfARangePasses) {
  EXPECT_EQ(complaint(kGzip, "-1"), "");
  EXPECT_NE(complaint(kGzip, "0"), "");
  EXPECT_EQ(complaint(kGzip, "1"), "");
  EXPECT_EQ(complaint(kGzip, "9"), "");
}

TEST(ConfigCheck, BooleansHaveAnyCase) {
  constexpr Key kFlag{"preallocate", Type::boolean, "false"};
  EXPECT_EQ(complaint(kFlag, "TRUE"), "");
  EXPECT_EQ(complaint(kFlag, "yes"), "Invalid value yes for configuration preallocate: must be true or false");
}

TEST(ConfigCheck, EachElementOfAListIsOneOfItsChoices) {
  EXPECT_EQ(complaint(kPolicy, "compact, delete"), "");
  EXPECT_EQ(complaint(kPolicy, ""), "") << "an empty list passes here";
  EXPECT_NE(complaint(kPolicy, "compact,purge"), "");
  EXPECT_NE(complaint(kPolicy, "compact,compact"), "") << "no element twice";
  EXPECT_NE(complaint(kPolicy, "compact,,delete"), "") << "no empty element";
  EXPECT_NE(complaint(kPolicy, "Compact"), "") << "case counts";
}

TEST(ConfigCheck, ListsThatMustNotBeEmptyAreNot) {
  constexpr Key kRoles{"process.roles",   Type::list,
                       kRequired,         one_of("broker, controller"),
                       Importance::high,  UpdateMode::read_only,
                       Support::honoured, {},
                       kDistinctNotEmpty};
  EXPECT_EQ(complaint(kRoles, ""), "Invalid value  for configuration process.roles: must not be empty");
}

TEST(ConfigCheck, ChoicesOfAnyCase) {
  constexpr Key kMigration{"group.consumer.migration.policy", Type::string, "bidirectional",
                           one_of_any_case("DISABLED, BIDIRECTIONAL")};
  EXPECT_EQ(complaint(kMigration, "Disabled"), "");
  EXPECT_NE(complaint(kMigration, "sideways"), "");
}

TEST(ConfigCheck, RealsKeepTheirRange) {
  constexpr Key kRatio{"min.cleanable.dirty.ratio", Type::real, "0.5", real_between(0, 1)};
  EXPECT_EQ(complaint(kRatio, "1"), "");
  EXPECT_NE(complaint(kRatio, "1.0001"), "");
  EXPECT_NE(complaint(kRatio, "-0.1"), "");
  EXPECT_NE(complaint(kRatio, "nan"), "");
  EXPECT_NE(complaint(kRatio, "half"), "");
}

TEST(ConfigCheck, ThrottledReplicasAreAStarOrPairs) {
  constexpr Key kThrottled{"leader.replication.throttled.replicas", Type::list, "",
                           checked_as(Valid::Kind::throttled_replicas)};
  EXPECT_EQ(complaint(kThrottled, "*"), "");
  EXPECT_EQ(complaint(kThrottled, "0:1,12:3"), "");
  EXPECT_EQ(complaint(kThrottled, ""), "");
  EXPECT_NE(complaint(kThrottled, "0:1,12"), "");
}

TEST(ConfigCheck, OffsetResetByDuration) {
  constexpr Key kReset{"share.auto.offset.reset", Type::string, "latest", checked_as(Valid::Kind::auto_offset_reset)};
  EXPECT_EQ(complaint(kReset, "by_duration:PT1H"), "");
  EXPECT_EQ(complaint(kReset, "earliest"), "");
  EXPECT_NE(complaint(kReset, "by_duration:"), "");
  EXPECT_NE(complaint(kReset, "by_duration:soon"), "");
}

TEST(ConfigCheck, NullPassesOnlyWhereItIsTheDefault) {
  EXPECT_FALSE(check_value(kPartitions, nullptr).has_value());
  constexpr Key kRack{"broker.rack", Type::string, nullptr};
  EXPECT_TRUE(check_value(kRack, nullptr).has_value());
}

TEST(ConfigCheck, SecretsAreNotRepeated) {
  constexpr Key kSecret{"ssl.key.password", Type::password, nullptr, checked_as(Valid::Kind::not_null)};
  const auto checked = check_value(kSecret, nullptr);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().text.find("hunter2"), std::string::npos);
}

// No text, however wild, does more than pass or be told off.
RC_GTEST_PROP(ConfigCheckProperty, AnyTextIsJudgedWithoutHarm, (const std::string& text)) {
  for (const Key* key : {&kPartitions, &kGzip, &kPolicy}) {
    const auto checked = check_value(*key, &text);
    if (!checked) RC_ASSERT(checked.error().code == Errc::invalid);
  }
}

}  // namespace
}  // namespace gregor::config
