// gregor sim shrink from the command line: what it keeps runs again and violates the same; what it cannot do is said.
#include "runtime/gregor/sim_shrink.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "scenarios/run.h"
#include "tests/gregor/support/program.h"

namespace gregor::program {
namespace {

class SimShrinkTest : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name) { return folder_ / name; }
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

 private:
  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / "sim_shrink_test";
};

TEST(SimShrink, FileNamesHoldNothingThatLeadsElsewhere) {
  EXPECT_EQ(file_name_of("cluster-7", "-shrunk.toml"), "cluster-7-shrunk.toml");
  EXPECT_EQ(file_name_of("../a b", ".html"), "___a_b.html");
  EXPECT_EQ(file_name_of("", ".html"), "scenario.html");
}

TEST(SimShrink, ARunApartIsTheRunHere) {
  const scenarios::Scenario scenario = scenarios::draw_cluster_scenario(2);
  const auto apart = run_apart(scenario);
  ASSERT_TRUE(apart) << apart.error().text;
  EXPECT_EQ(apart->hash, run_seed(scenario).hash);
  EXPECT_EQ(apart->seed, 2U);
  EXPECT_TRUE(apart->holds);
}

/// No broker makes a topic of that name: L4, whatever the faults.
scenarios::Scenario stuck_scenario() {
  scenarios::Scenario scenario = scenarios::draw_cluster_scenario(1);
  scenario.name = "stuck";
  scenario.topics = {{.name = "no spaces allowed", .partitions = 1, .configs = {}}};
  scenario.faults = {{.kind = scenarios::FaultKind::pause, .at = Milliseconds(1), .lasts = Milliseconds(5)},
                     {.kind = scenarios::FaultKind::crash, .at = Milliseconds(2), .lasts = Milliseconds(5)}};
  return scenario;
}

#if !GREGOR_SANITIZED  // these run many lives
TEST_F(SimShrinkTest, WhatIsKeptIsSimplerAndViolatesTheSame) {
  std::ofstream(file("stuck.toml")) << scenarios::to_toml(stuck_scenario());
  const Ended ended = run_program(
      {"sim", "shrink", file("stuck.toml").string(), "--out", file("small.toml").string(), "--json", "--runs", "40"});
  ASSERT_EQ(ended.exit, 0) << ended.output << ended.errors;
  EXPECT_EQ(ended.errors, "") << "no progress where nobody looks";
  const auto told = nlohmann::json::parse(ended.output);
  EXPECT_EQ(told["invariant"], "L4");
  EXPECT_EQ(told["before"]["faults"], 2);
  EXPECT_EQ(told["after"]["faults"], 0);
  EXPECT_LE(told["runs"], 40);
  EXPECT_EQ(told["kept"], file("small.toml").string());
  EXPECT_NE(told["replay"].get<std::string>().find("gregor sim run "), std::string::npos);
  const Ended again = run_program({"sim", "run", file("small.toml").string()});
  EXPECT_EQ(again.exit, 1);
  EXPECT_NE(again.output.find("violates L4"), std::string::npos) << again.output;
}

TEST_F(SimShrinkTest, TheLifeThatFindsAPlantedBugShrinksToThreeFaultsAtMost) {
  const std::string small = file("small.toml").string();
  const std::string mutant = "aborted_index_lost_at_recovery";
  const Ended ended =
      run_program({"sim", "shrink", "--seed", "2", "--mutant", mutant, "--out", small, "--json"}, "", "gregor-mutants");
  ASSERT_EQ(ended.exit, 0) << ended.output << ended.errors;
  const auto told = nlohmann::json::parse(ended.output);
  EXPECT_EQ(told["invariant"], "T2");
  EXPECT_GT(told["before"]["faults"], 3);
  EXPECT_GE(told["after"]["faults"], 1);
  EXPECT_LE(told["after"]["faults"], 3);
  EXPECT_NE(told["replay"].get<std::string>().find("--mutant " + mutant), std::string::npos);
  const Ended again = run_program({"sim", "run", small, "--mutant", mutant}, "", "gregor-mutants");
  EXPECT_NE(again.output.find("violates T2"), std::string::npos) << again.output;
  EXPECT_EQ(run_program({"sim", "run", small}, "", "gregor-mutants").exit, 0) << "without the bug it holds";
}
#endif

TEST_F(SimShrinkTest, WhatCannotBeShrunkIsSaid) {
  const Ended holds = run_program({"sim", "shrink", "--seed", "2", "--cluster"});
  EXPECT_EQ(holds.exit, 2);
  EXPECT_NE(holds.errors.find("cluster-2 violates nothing"), std::string::npos) << holds.errors;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"sim", "shrink"},
                                             {"sim", "shrink", "/nowhere/at/all"},
                                             {"sim", "shrink", "one", "two"},
                                             {"sim", "shrink", "--seed", "2", "--cluster", "--runs", "0"},
                                             {"sim", "shrink", "--seed", "2", "--cluster", "--runs", "1000001"}}) {
    const Ended ended = run_program(words);
    EXPECT_EQ(ended.exit, 2) << words.back();
    EXPECT_FALSE(ended.errors.empty()) << words.back();
  }
}

TEST_F(SimShrinkTest, AResultThatCannotBeKeptIsSaid) {
  std::ofstream(file("stuck.toml")) << scenarios::to_toml(stuck_scenario());
  const Ended ended =
      run_program({"sim", "shrink", file("stuck.toml").string(), "--out", "/nowhere/at/all", "--runs", "1"});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_NE(ended.errors.find("/nowhere/at/all"), std::string::npos) << ended.errors;
}

}  // namespace
}  // namespace gregor::program
