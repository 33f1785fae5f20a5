// What a group may be told, within the broker's bounds.
#include "config/group_config.h"

#include <gtest/gtest.h>

namespace gregor::config {
namespace {

std::string why(const Result<void>& checked) {
  return checked ? "" : checked.error().text;
}

TEST(GroupConfig, ValuesWithinTheBrokersBoundsPass) {
  EXPECT_TRUE(check_group_config({}, {}));
  EXPECT_TRUE(
      check_group_config({{"consumer.session.timeout.ms", "50000"}, {"share.auto.offset.reset", "earliest"}}, {}));
}

TEST(GroupConfig, TheBrokersBoundsHold) {
  EXPECT_NE(why(check_group_config({{"consumer.session.timeout.ms", "1"}}, {})).find("min.session"), std::string::npos);
  EXPECT_NE(why(check_group_config({{"consumer.session.timeout.ms", "60001"}}, {})).find("max.session"),
            std::string::npos);
  EXPECT_TRUE(check_group_config({{"consumer.session.timeout.ms", "60001"}},
                                 {{"group.consumer.max.session.timeout.ms", "70000"}}));
  EXPECT_FALSE(check_group_config({{"streams.num.standby.replicas", "3"}}, {}));
}

TEST(GroupConfig, AHeartbeatFitsIntoASession) {
  const SettingMap broker = {{"group.consumer.max.heartbeat.interval.ms", "60000"}};
  EXPECT_NE(why(check_group_config({{"consumer.heartbeat.interval.ms", "45000"}}, broker)).find("greater"),
            std::string::npos);
}

TEST(GroupConfig, UnknownNamesAndValuesAreRefused) {
  EXPECT_FALSE(check_group_config({{"no.such", "1"}}, {}));
  EXPECT_FALSE(check_group_config({{"share.isolation.level", "nonsense"}}, {}));
}

}  // namespace
}  // namespace gregor::config
