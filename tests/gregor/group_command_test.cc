// gregor group, and gregor consume --group, against a broker: the built programs as a user runs them.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/gregor/support/program.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A broker on a port of the system's choice, in a directory of its own.
class Broker {
 public:
  explicit Broker(const std::string& name)
      : directory_(fs::path(GREGOR_BUILD_DIR) / "group_command_test" / name), program_(words(directory_)) {
    const std::string line = program_.read_line();
    const auto at = line.find("port=");
    EXPECT_NE(at, std::string::npos) << line;
    if (at != std::string::npos) server_ = "127.0.0.1:" + std::to_string(std::atoi(line.c_str() + at + 5));
  }
  ~Broker() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  Ended run(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.end(), {"-b", server_});
    return run_program(arguments, input);
  }

 private:
  static std::vector<std::string> words(const fs::path& directory) {
    fs::remove_all(directory);
    fs::create_directories(directory);
    return {"broker",
            "--data-dir",
            directory.string(),
            "--set",
            "listeners=PLAINTEXT://127.0.0.1:0",
            "--set",
            "group.initial.rebalance.delay.ms=0"};
  }
  fs::path directory_;
  Program program_;
  std::string server_;
};

std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

TEST(GroupCommand, AGroupReadsOnWhereItStoodAndIsPutBack) {
  const Broker broker("reads_on");
  ASSERT_EQ(broker.run({"produce", "t"}, "one\ntwo\n").exit, 0);
  const Ended first = broker.run({"consume", "t", "--group", "g"});
  EXPECT_EQ(first.output, "one\ntwo\n") << first.errors;
  ASSERT_EQ(broker.run({"produce", "t"}, "three\n").exit, 0);
  EXPECT_EQ(broker.run({"consume", "t", "--group", "g"}).output, "three\n");

  const auto groups = json_lines(broker.run({"group", "list", "--json"}).output);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0]["group"], "g");
  EXPECT_EQ(groups[0]["state"], "Empty");
  const auto described = json_lines(broker.run({"group", "describe", "g", "--json"}).output);
  ASSERT_EQ(described.size(), 1U);
  EXPECT_EQ(described[0]["partitions"][0]["committed"], 3);
  EXPECT_EQ(described[0]["partitions"][0]["end"], 3);

  const Ended dry = broker.run({"group", "reset-offsets", "g", "--to", "earliest", "--dry-run"});
  EXPECT_EQ(dry.exit, 0) << dry.errors;
  EXPECT_EQ(broker.run({"consume", "t", "--group", "g"}).output, "");
  EXPECT_EQ(broker.run({"group", "reset-offsets", "g", "--topic", "t", "--to", "1"}).exit, 0);
  EXPECT_EQ(broker.run({"consume", "t", "--group", "g"}).output, "two\nthree\n");

  EXPECT_EQ(broker.run({"group", "delete", "g"}).output, "deleted g\n");
  EXPECT_EQ(broker.run({"group", "list", "--json"}).output, "");
  const Ended gone = broker.run({"group", "delete", "g"});
  EXPECT_EQ(gone.exit, 1);
  EXPECT_NE(gone.errors.find("GROUP_ID_NOT_FOUND"), std::string::npos) << gone.errors;
}

TEST(GroupCommand, WrongWordsAreNamed) {
  for (const auto& [words, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"group"}, "verb"},
           {{"group", "make", "g"}, "make"},
           {{"group", "describe"}, "name of a group"},
           {{"group", "reset-offsets", "g"}, "--to"},
           {{"group", "reset-offsets", "g", "--to", "soon"}, "soon"},
           {{"consume", "t", "--group", "g", "-p", "0"}, "--partition"}}) {
    const Ended ended = run_program(words);
    EXPECT_EQ(ended.exit, 2) << ended.errors;
    EXPECT_NE(ended.errors.find(part), std::string::npos) << ended.errors;
  }
}

}  // namespace
}  // namespace gregor::program
