// gregor sim from the command line: a seed is what it was the last time, and what makes no sense is said with status 2.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/gregor/support/program.h"

namespace gregor::program {
namespace {

constexpr const char* kSeeds = GREGOR_SANITIZED ? "1..2" : "1..4";  // instrumented, a seed takes seconds

TEST(SimCommand, ARangeIsJudgedAndTheSameWhateverTheJobs) {
  const Ended one = run_program({"sim", "--seeds", kSeeds, "--jobs", "1", "--hash"});
  const Ended two = run_program({"sim", "--seeds", kSeeds, "--jobs", "3", "--hash"});
  EXPECT_EQ(one.exit, 0) << one.output << one.errors;
  EXPECT_EQ(one.output, two.output);
  EXPECT_EQ(std::count(one.output.begin(), one.output.end(), '\n'), GREGOR_SANITIZED ? 2 : 4);
}

TEST(SimCommand, ASeedAloneIsTheSeedOfTheRange) {
  const Ended range = run_program({"sim", "--seeds", "3..3", "--json"});
  ASSERT_EQ(range.exit, 0) << range.output << range.errors;
  const auto told = nlohmann::json::parse(range.output);
  EXPECT_EQ(told["seed"], 3);
  EXPECT_EQ(told["holds"], true);
  EXPECT_GT(told["events"], 0);
  const Ended alone = run_program({"sim", "--seed", "3"});
  EXPECT_EQ(alone.exit, 0) << alone.output;
  EXPECT_NE(alone.output.find(told["hash"].get<std::string>()), std::string::npos) << alone.output;
}

TEST(SimCommand, APrintedScenarioRunsAsItsSeedDoes) {
  const Ended printed = run_program({"sim", "--seed", "2", "--print"});
  ASSERT_EQ(printed.exit, 0);
  const auto path = std::filesystem::path(testing::TempDir()) / "sim_command_test.toml";
  std::ofstream(path) << printed.output;
  const Ended seed = run_program({"sim", "--seed", "2"});
  const Ended file = run_program({"sim", "run", path.string()});
  std::filesystem::remove(path);
  EXPECT_EQ(file.exit, 0) << file.output << file.errors;
  const auto hash_of = [](const std::string& output) {
    std::istringstream last(output.substr(output.rfind('\n', output.size() - 2) + 1));
    std::string name, hash;
    last >> name >> hash;
    return hash;
  };
  EXPECT_EQ(hash_of(file.output), hash_of(seed.output)) << file.output << seed.output;
}

TEST(SimCommand, WhatMakesNoSenseIsSaid) {
  const std::vector<std::vector<std::string>> wrong = {{"sim"},
                                                       {"sim", "--seeds", "5..1"},
                                                       {"sim", "--seeds", "0..1"},
                                                       {"sim", "--seeds", "all"},
                                                       {"sim", "--seeds", "1..2", "--jobs", "0"},
                                                       {"sim", "--seed", "1", "--mutant", "no_such_bug"},
                                                       {"sim", "--seed", "1", "--over-budget"},
                                                       {"sim", "run", "/nowhere/at/all"},
                                                       {"sim", "mutants"},
                                                       {"sim", "walk"}};
  for (const auto& words : wrong) {
    const Ended ended = run_program(words);
    EXPECT_EQ(ended.exit, 2) << words.back();
    EXPECT_FALSE(ended.errors.empty()) << words.back();
  }
}

}  // namespace
}  // namespace gregor::program
