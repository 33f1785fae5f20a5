// What the documents name is there: files, folders and tests. Else they rot in silence.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

#include "tests/house/support/finding.h"

namespace gregor::house {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> documents() {
  std::vector<std::string> all = {"README.md", "ARCHITECTURE.md", "properties/README.md"};
  for (const auto& entry : fs::directory_iterator(GREGOR_SOURCE_DIR "/reports"))
    all.push_back("reports/" + entry.path().filename().string());
  std::sort(all.begin(), all.end());
  return all;
}

bool is_there(const std::string& path) {
  for (const char* below : {"", "core/"}) {
    for (const char* ending : {"", ".h", ".cc", ".toml", "_test.cc"}) {
      if (fs::exists(GREGOR_SOURCE_DIR "/" + (below + path) + ending)) return true;
    }
  }
  return false;
}

/// The folders that a document may name a path in: those of the repository, and the layers.
bool is_known_folder(const std::string& name) {
  static const std::set<std::string> top = {"core", "sim", "runtime", "scenarios", "properties", "tests", "reports"};
  return top.contains(name) || declared_layers().contains(name);
}

TEST(Docs, EveryPathTheyNameIsThere) {
  const std::regex pattern(R"(`([a-z_]+)(/[a-z0-9_./-]+)`)");
  std::size_t seen = 0;
  for (const std::string& document : documents()) {
    for_each_match(read_text(document), pattern, [&](const std::smatch& match) {
      if (!is_known_folder(match[1])) return;
      ++seen;
      EXPECT_TRUE(is_there(match[1].str() + match[2].str())) << document << " names " << match.str();
    });
  }
  EXPECT_GT(seen, 50U) << "the rule looks at nothing";
}

std::set<std::string> tests_by_name() {
  std::set<std::string> names;
  const std::regex pattern(R"((TEST|TEST_F|TEST_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*(\w+),\s*(\w+))");
  for (const SourceFile& file : all_sources()) {
    if (!file.is_below("tests/")) continue;
    for_each_match(file.text, pattern,
                   [&](const std::smatch& match) { names.insert(match[2].str() + "." + match[3].str()); });
  }
  return names;
}

/// Written in full, or cut off by an ellipsis.
TEST(Docs, EveryTestTheyNameIsThere) {
  const std::set<std::string> names = tests_by_name();
  const std::regex pattern(R"(([A-Z][A-Za-z]+)\.([A-Z][A-Za-z0-9]+))");
  std::size_t seen = 0;
  for (const std::string& document : documents()) {
    for_each_match(read_text(document), pattern, [&](const std::smatch& match) {
      if (match[1] == "Boost") return;
      ++seen;
      const auto found = names.lower_bound(match.str());
      EXPECT_TRUE(found != names.end() && found->starts_with(match.str())) << document << " names " << match.str();
    });
  }
  EXPECT_GT(seen, 20U) << "the rule looks at nothing";
}

}  // namespace
}  // namespace gregor::house
