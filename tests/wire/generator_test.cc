// The generator refuses a schema that it does not understand, and says in which line.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace gregor::wire {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = 0;
  std::string said;
};

Outcome generate(const std::string& schema) {
  const fs::path folder = fs::path(testing::TempDir()) / "wire_generator_test";
  fs::remove_all(folder);
  fs::create_directories(folder / "schema");
  std::ofstream(folder / "schema" / "99_tried.schema") << schema;
  const std::string command = std::string(GREGOR_BUILD_DIR "/core/gregor_wire_generator ") +
                              (folder / "schema").string() + " " + (folder / "out").string() + " 1 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  Outcome outcome;
  std::array<char, 512> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) outcome.said += part.data();
  outcome.status = pclose(pipe);
  fs::remove_all(folder);
  return outcome;
}

std::string refusal(const std::string& schema) {
  const Outcome outcome = generate(schema);
  EXPECT_NE(outcome.status, 0) << schema;
  return outcome.said.substr(outcome.said.find(".schema") == std::string::npos ? 0 : outcome.said.find(".schema") + 7);
}

constexpr const char* kHead =
    "# tried\n\nrequest TriedRequest: key 99, versions 0 to 3, flexible since 2, listeners broker\n";

TEST(Generator, TakesWhatTheLanguageSays) {
  const Outcome outcome = generate(std::string(kHead) +
                                   "  Id: int32 = -1\n  Rows: nullable []Row = null, since 1, ignorable\n    Key: "
                                   "int8\n    Name: string, since 2, tag 0\n");
  EXPECT_EQ(outcome.status, 0) << outcome.said;
}

TEST(Generator, RefusesWithFileAndLine) {
  const std::string head = kHead;
  EXPECT_EQ(refusal(head + "  Id: int32, sometimes\n"), ":4: unknown modifier 'sometimes'\n");
  EXPECT_EQ(refusal(head + "  Id\n"), ":4: a line 'NAME: TYPE ...' was expected\n");
  EXPECT_EQ(refusal(head + "  Id: int32, since 9\n"), ":4: versions outside of those of the parent\n");
  EXPECT_EQ(refusal(head + "   Id: int32\n"), ":4: odd indentation\n");
  EXPECT_EQ(refusal("message M: version 0\n"), ":1: a line 'KIND NAME: ...' was expected\n");
}

TEST(Generator, RefusesWhatCannotBeWritten) {
  const std::string head = kHead;
  EXPECT_NE(refusal(head + "  Rows: []Row\n    Id: int8, since 1\n").find("an element may take no bytes at all"),
            std::string::npos);
  EXPECT_NE(refusal(head + "  Row: Row\n").find("no struct Row"), std::string::npos);
  EXPECT_NE(refusal(head + "  Row: Row\n    Row: Row\n").find("a struct holds itself"), std::string::npos);
  EXPECT_NE(refusal(head + "  Id: int32, since 1, tag 0\n").find("tagged in a version that is not flexible"),
            std::string::npos);
  EXPECT_NE(refusal(head + "  Id: string = null\n").find("null is its default, but it may not be null"),
            std::string::npos);
}

}  // namespace
}  // namespace gregor::wire
