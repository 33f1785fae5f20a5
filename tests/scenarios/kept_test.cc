// Scenarios that once found a bug, kept as files: each must hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/run.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {
namespace {

std::vector<std::filesystem::path> kept_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(GREGOR_SOURCE_DIR "/scenarios/kept"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(KeptScenarios, EachHolds) {
  const auto files = kept_files();
  ASSERT_FALSE(files.empty());
  constexpr std::size_t kStep = GREGOR_SANITIZED ? 4 : 1;  // instrumented, one takes long
  for (std::size_t i = 0; i < files.size(); i += kStep) {
    const auto& file = files[i];
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    const auto scenario = scenario_from_toml(text.str());
    ASSERT_TRUE(scenario) << file << ": " << scenario.error().text;
    EXPECT_FALSE(scenario->why.empty()) << file;
    const RunReport report = run_scenario(*scenario);
    EXPECT_TRUE(report.verdict.holds()) << report.verdict.violations().front().invariant << ": "
                                        << report.verdict.violations().front().text << "\nagain: gregor sim run "
                                        << file.string();
    EXPECT_GT(report.events, 1000U) << file << " is no life";
  }
}

}  // namespace
}  // namespace gregor::scenarios
