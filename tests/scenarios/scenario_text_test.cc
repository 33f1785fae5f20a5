// A scenario reads back as it was written, and what a file may not ask for is refused by name.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "scenarios/scenario.h"

namespace gregor::scenarios {
namespace {

TEST(ScenarioText, EveryDrawnScenarioReadsBackAsItself) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Scenario drawn = draw_scenario(seed);
    const auto read = scenario_from_toml(to_toml(drawn));
    ASSERT_TRUE(read) << seed << ": " << read.error().text;
    EXPECT_EQ(*read, drawn) << seed << "\n" << to_toml(drawn);
  }
}

TEST(ScenarioText, SettingsComeBackInTheirOrder) {
  Scenario scenario;
  scenario.settings = {{"b", "1"}, {"a", "2"}, {"b", "3"}};
  scenario.topics = {{.name = "t", .partitions = 1, .configs = {{"z", "1"}, {"a", "2"}}}};
  const auto read = scenario_from_toml(to_toml(scenario));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(*read, scenario);
  for (const char* bad : {"settings = 3", "settings = [3]", "settings = [['a']]", "settings = [['a', 3]]"})
    EXPECT_FALSE(scenario_from_toml(bad)) << bad;
}

TEST(ScenarioText, AnUnknownKeyIsRefusedByName) {
  const auto read = scenario_from_toml("shard = 2");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::invalid);
  EXPECT_EQ(read.error().text, "shard must be left out: no such key");
}

TEST(ScenarioText, AValueOutOfRangeIsRefusedWithItsRange) {
  const auto read = scenario_from_toml("[[faults]]\nkind = 'crash'\nat_ms = -1");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text, "faults.at_ms must be a whole number from 0 to 3600000");
  EXPECT_FALSE(scenario_from_toml("[[faults]]\nkind = 'meteor'"));
  EXPECT_FALSE(scenario_from_toml("[[faults]]\nkind = 'wiped_disk'")) << "the only disk";
  EXPECT_TRUE(scenario_from_toml("brokers = 3\n[[faults]]\nkind = 'wiped_disk'"));
}

TEST(ScenarioText, ATextThatIsNotTomlIsRefusedWithItsLine) {
  const auto read = scenario_from_toml("name = 'x'\nshards = = 2");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::malformed);
  EXPECT_NE(read.error().text.find("line 2"), std::string::npos) << read.error().text;
}

TEST(ScenarioDraw, TheSameSeedDrawsTheSameScenario) {
  EXPECT_EQ(draw_scenario(7), draw_scenario(7));
  EXPECT_NE(draw_scenario(7), draw_scenario(8));
}

TEST(ScenarioDraw, EveryFaultKindIsDrawnBySomeSeed) {
  std::array<int, kFaultKindCount> seen{};
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    for (const Fault& fault : draw_scenario(seed).faults) ++seen[static_cast<std::size_t>(fault.kind)];
    for (const Fault& fault : draw_cluster_scenario(seed).faults) ++seen[static_cast<std::size_t>(fault.kind)];
  }
  for (std::size_t kind = 0; kind < seen.size(); ++kind)
    EXPECT_GT(seen[kind], 0) << name_of(static_cast<FaultKind>(kind));
}

}  // namespace
}  // namespace gregor::scenarios
