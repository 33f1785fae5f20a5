// gregor sim report: one page that needs nothing else, with the run in it as data.
#include "runtime/gregor/sim_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/gregor/support/program.h"

namespace gregor::program {
namespace {

nlohmann::json run_in(const std::string& page) {
  const std::string opening = "<script type=\"application/json\" id=\"run\">";
  const std::size_t from = page.find(opening) + opening.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::string page_of(const scenarios::Scenario& scenario, const scenarios::RunReport& report) {
  return report_page(scenario, report, scenarios::RunTimeline(scenario), "gregor sim run X");
}

TEST(SimReport, ThePageNeedsNothingFromElsewhere) {
  const scenarios::Scenario scenario = scenarios::draw_cluster_scenario(2);
  const std::string page = page_of(scenario, {});
  for (const char* part : {"%STYLE%", "%SCRIPT%", "%RUN%", " src=", "@import", "url(", "<link", "fetch(", "import("})
    EXPECT_EQ(page.find(part), std::string::npos) << part;
  const std::regex address("https?://[^'\"]*");
  for (auto it = std::sregex_iterator(page.begin(), page.end(), address); it != std::sregex_iterator(); ++it)
    EXPECT_EQ(it->str(), "http://www.w3.org/2000/svg") << "a namespace is no resource; this is";
}

TEST(SimReport, TextsStandInThePageAsData) {
  scenarios::Scenario scenario = scenarios::draw_cluster_scenario(2);
  scenario.name = "</script><script>alert(1)</script>";
  scenario.why = "<!-- \xff not UTF-8";
  scenarios::RunReport report;
  report.verdict.violated("R7", "lost </script>", MonotonicTime{Milliseconds(7)});
  const std::string page = page_of(scenario, report);
  EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
  const nlohmann::json run = run_in(page);
  EXPECT_EQ(run["name"], scenario.name);
  EXPECT_EQ(run["violations"][0]["text"], "lost </script>");
  EXPECT_EQ(run["violations"][0]["at_us"], 7000);
  EXPECT_EQ(run["holds"], false);
}

TEST(SimReport, WhatTheCommandWritesTellsTheRun) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "sim_report_test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "page.html").string();
  const Ended ended = run_program({"sim", "report", "--seed", "7", "--cluster", "--out", path});
  EXPECT_EQ(ended.exit, 0) << ended.output << ended.errors;
  EXPECT_NE(ended.output.find(path), std::string::npos) << ended.output;
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove_all(folder);
  const nlohmann::json run = run_in(text.str());
  const scenarios::Scenario scenario = scenarios::draw_cluster_scenario(7);
  EXPECT_EQ(run["name"], "cluster-7");
  EXPECT_EQ(run["replay"], "gregor sim --seed 7 --cluster --verbose");
  EXPECT_EQ(run["holds"], true);
  EXPECT_EQ(run["nodes"].size(), static_cast<std::size_t>(node_count(scenario)));
  EXPECT_EQ(run["faults"].size(), scenario.faults.size());
  EXPECT_GE(run["spans"].size(), run["nodes"].size() * 2) << "each node is restarted at the end";
  EXPECT_FALSE(run["changes"].empty());
  EXPECT_LT(run["begun_us"], run["healed_us"]);
  EXPECT_LT(run["healed_us"], run["ended_us"]);
}

TEST(SimReport, WhatItCannotDoIsSaid) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"sim", "report"},
           {"sim", "report", "/nowhere/at/all"},
           {"sim", "report", "--seed", "2", "--cluster", "--out", "/nowhere/at/all"}}) {
    const Ended ended = run_program(words);
    EXPECT_EQ(ended.exit, 2) << words.back();
    EXPECT_FALSE(ended.errors.empty()) << words.back();
  }
}

}  // namespace
}  // namespace gregor::program
