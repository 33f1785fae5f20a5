// Failure stories, kept as files: in each the story must happen, and nothing may be violated. Whatever stands in the
// folder is run, so no story can be forgotten.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/scenario.h"
#include "tests/scenarios/support/held_run.h"

namespace gregor::scenarios {
namespace {

constexpr std::size_t kStoriesMin = 20;

std::vector<std::filesystem::path> story_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(GREGOR_SOURCE_DIR "/scenarios/stories"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Result<Scenario> read_story(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return scenario_from_toml(text.str());
}

TEST(Stories, EachHappensAndNothingIsViolated) {
  const auto files = story_files();
  EXPECT_GE(files.size(), kStoriesMin);
  constexpr std::size_t kStep = GREGOR_SANITIZED ? 5 : 1;  // instrumented, one takes seconds
  for (std::size_t i = 0; i < files.size(); i += kStep) {
    const auto& file = files[i];
    const auto scenario = read_story(file);
    ASSERT_TRUE(scenario) << file << ": " << scenario.error().text;
    const std::string again = "again: gregor sim run " + file.string() + " --verbose";
    const RunReport report = test::held_run(*scenario, nullptr, again);
    for (const std::string& line : unmet(*scenario, report.counts)) ADD_FAILURE() << line << "; " << again;
    EXPECT_GT(report.acknowledged, 0U) << again;
    EXPECT_GT(report.read, 0U) << again;
  }
}

TEST(Stories, EachSaysWhatItIsAboutAndWhatMustHappen) {
  for (const auto& file : story_files()) {
    const auto scenario = read_story(file);
    ASSERT_TRUE(scenario) << file << ": " << scenario.error().text;
    EXPECT_EQ(scenario->name, file.stem().string());
    EXPECT_EQ(file.extension(), ".toml");
    EXPECT_GT(scenario->why.size(), 100U) << file << ": why tells the story";
    EXPECT_GE(scenario->expects.size(), 2U) << file << ": a fault and what comes of it";
    const bool expects_fault = std::ranges::any_of(scenario->expects, [&](const auto& expected) {
      return std::ranges::any_of(scenario->faults,
                                 [&](const Fault& fault) { return name_of(fault.kind) == expected.first; });
    });
    EXPECT_TRUE(expects_fault) << file << ": one of its faults must be carried out";
  }
}

}  // namespace
}  // namespace gregor::scenarios
