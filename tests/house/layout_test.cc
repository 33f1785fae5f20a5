// Where things stand: layers, namespaces, and a test beside every source.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/house/support/finding.h"

namespace gregor::house {
namespace {

TEST(Layout, EveryFolderOfCoreIsALayer) {
  std::set<std::string> folders;
  for (const SourceFile& file : all_sources()) {
    if (file.is_below("core/")) folders.insert(file.path.substr(5, file.path.find('/', 5) - 5));
  }
  EXPECT_EQ(folders, declared_layers())
      << "core/layers.cmake says who may include whom: a folder is a row there, and a row a folder";
}

TEST(Layout, NamespaceIsTheFolder) {
  for (const SourceFile& file : all_sources()) {
    if (!file.is_below("core/") || file.is_below("core/base/") || file.is_below("core/wire/generator/")) continue;
    const std::string layer = file.path.substr(5, file.path.find('/', 5) - 5);
    const std::regex inside("namespace gregor::" + layer + R"(\b)");
    const bool declares_nothing = file.code.find("namespace") == std::string::npos;
    if (!declares_nothing && !std::regex_search(file.code, inside))
      report(file, 1, "what stands in core/" + layer + " is in gregor::" + layer);
  }
}

/// tests/house/without_twin.txt: "SOURCE covered by TEST", or "SOURCE because REASON".
std::map<std::string, std::string> sources_without_twin() {
  std::map<std::string, std::string> listed;
  std::istringstream lines(read_text("tests/house/without_twin.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    listed[line.substr(0, line.find(' '))] = line.substr(line.find(' ') + 1);
  }
  return listed;
}

/// core/env/fiber.cc has tests/env/fiber_test.cc; sim/disk.cc has tests/sim/disk_test.cc; what stands deeper keeps its
/// folders.
std::vector<std::string> twins_of(const std::string& source) {
  std::string stem = source.substr(0, source.size() - 3);
  if (stem.starts_with("core/")) stem = stem.substr(5);
  if (stem.starts_with("runtime/gregor/")) stem = stem.substr(8);
  std::vector<std::string> twins = {"tests/" + stem + "_test.cc", "tests/" + stem + "_property.cc"};
  const auto folder = stem.find('/');
  const auto name = stem.rfind('/');
  if (folder != name) twins.push_back("tests/" + stem.substr(0, folder) + stem.substr(name) + "_test.cc");
  return twins;
}

bool has_twin(const std::string& source) {
  const std::vector<std::string> twins = twins_of(source);
  return std::any_of(twins.begin(), twins.end(), exists);
}

TEST(Layout, EverySourceHasATestBesideIt) {
  const auto listed = sources_without_twin();
  for (const SourceFile& file : all_sources()) {
    if (file.is_header() || file.is_below("tests/") || file.path.ends_with("/main.cc")) continue;
    const bool excused = listed.contains(file.path);
    if (has_twin(file.path) || excused) continue;
    report(file, 1,
           "no " + twins_of(file.path).front() +
               ": write it, or name in tests/house/without_twin.txt the test that covers this file");
  }
}

TEST(Layout, TheListOfSourcesWithoutTwinIsTrue) {
  for (const auto& [source, reason] : sources_without_twin()) {
    EXPECT_TRUE(exists(source)) << source << " is gone: take its line out of tests/house/without_twin.txt";
    EXPECT_FALSE(has_twin(source)) << source << " has a twin now: take its line out of tests/house/without_twin.txt";
    const std::string covered_by = "covered by ";
    if (reason.starts_with(covered_by)) {
      EXPECT_TRUE(exists(reason.substr(covered_by.size()))) << source << " is " << reason << ", which is not there";
    } else {
      EXPECT_TRUE(reason.starts_with("because ")) << source << ": say 'covered by TEST' or 'because REASON'";
    }
  }
}

}  // namespace
}  // namespace gregor::house
