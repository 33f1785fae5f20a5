// gregor judge: a good history holds; one that was doctored is refused, whatever was done to it.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/gregor/support/program.h"
#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

constexpr int kRecords = 20;

struct Standing {
  int value = 0;
  int offset = 0;  ///< of a sent one that was never answered: -1
};

/// A run of one partition: values 0 to 19 are sent and acknowledged at their own number, a reader sees them all, and
/// they stand at the end; each part can be doctored.
struct Told {
  std::vector<Standing> sent;
  std::vector<Standing> read;
  std::vector<Standing> final;
  Told() {
    for (int i = 0; i < kRecords; ++i) sent.push_back({i, i});
    read = final = sent;
  }
};

class JudgeCommand : public testing::Test {
 protected:
  Ended judge(const Told& run, const std::vector<std::string>& more = {}) {
    std::vector<std::string> sent;
    std::vector<std::string> seen;
    const std::string place = R"("topic": "t", "partition": 0, "offset": )";
    for (const Standing& one : run.sent) {
      const std::string outcome = one.offset < 0 ? "unknown" : "acknowledged";
      sent.push_back(R"({"client": 1, "acks": -1, "idempotent": true, "invoked_us": 1, "completed_us": 2, )"
                     R"("outcome": ")" +
                     outcome + R"(", )" + place + std::to_string(one.offset) + R"(, "sent": )" +
                     std::to_string(one.value) + "}");
    }
    const auto tell = [&](const Standing& one, const char* kind) {
      seen.push_back(R"({"client": 2, "at_us": 5, )" + place + std::to_string(one.offset) + ", \"" + kind +
                     "\": " + std::to_string(one.value) + "}");
    };
    for (const Standing& one : run.read) tell(one, "read");
    for (const Standing& one : run.final) tell(one, "final");
    std::vector<std::string> words{"judge", write("sent", sent), write("seen", seen)};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }

  std::string write(const std::string& name, const std::vector<std::string>& lines) {
    const std::string path = scratch_ / name;
    std::ofstream file(path);
    file << "{\"gregor_history\": 1}\n";
    for (const std::string& line : lines) file << line << "\n";
    file << "{\"end\": " << lines.size() << "}\n";
    return path;
  }

  /// The first invariant that is said to be broken; the program's exit has to agree.
  std::string broken_in(const Told& run) {
    const Ended ended = judge(run, {"--json"});
    const auto told = nlohmann::json::parse(ended.output);
    EXPECT_EQ(ended.exit, told["violation_count"] == 0 ? 0 : 1) << ended.output;
    return told["violations"].empty() ? "" : told["violations"][0]["invariant"].get<std::string>();
  }

  Scratch scratch_{"judge_command"};
};

TEST_F(JudgeCommand, AGoodHistoryHolds) {
  const Ended ended = judge(Told{});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_EQ(ended.output,
            "20 sent, 20 acknowledged, 0 refused, 0 unknown; 20 read; 20 stand in 1 partitions; 0 violations\n");
}

TEST_F(JudgeCommand, ALostRecordIsRefused) {
  Told lost;
  lost.final.pop_back();
  lost.read.pop_back();
  EXPECT_EQ(broken_in(lost), "R7");
}

TEST_F(JudgeCommand, ADoubledRecordIsRefused) {
  Told doubled;
  doubled.final.push_back({kRecords - 1, kRecords});
  EXPECT_EQ(broken_in(doubled), "P1");
}

TEST_F(JudgeCommand, ReorderedRecordsAreRefused) {
  Told reordered;
  std::swap(reordered.sent[7].offset, reordered.sent[8].offset);
  std::swap(reordered.read[7].value, reordered.read[8].value);
  std::swap(reordered.final[7].value, reordered.final[8].value);
  EXPECT_EQ(broken_in(reordered), "P2") << "though each stands where it was acknowledged";
}

TEST_F(JudgeCommand, AMovedOffsetIsRefused) {
  Told moved;
  for (std::size_t i = 10; i < moved.final.size(); ++i) ++moved.final[i].offset;
  moved.read.clear();
  EXPECT_EQ(broken_in(moved), "R7");
}

TEST_F(JudgeCommand, WhatAReaderWasShownAndIsGoneIsRefused) {
  Told shown;
  shown.sent.back().offset = -1;
  shown.final.pop_back();
  EXPECT_EQ(broken_in(shown), "R10") << "whoever sent it was never answered, and it had been shown";
}

TEST_F(JudgeCommand, TextNamesWhatIsBroken) {
  Told lost;
  lost.final.pop_back();
  lost.read.pop_back();
  const Ended ended = judge(lost);
  EXPECT_EQ(ended.exit, 1);
  EXPECT_NE(ended.output.find("R7 at 2e-06 s: value 19 was acknowledged at t-0 offset 19 and is gone\n"),
            std::string::npos)
      << ended.output;
  EXPECT_NE(ended.output.find("; 1 violations\n"), std::string::npos) << ended.output;
}

TEST_F(JudgeCommand, MoreViolationsThanAreShownAreCounted) {
  Told lost;
  for (int i = 0; i < 10; ++i) lost.sent.push_back({1000 + i, 1000 + i});
  for (int i = 0; i < 15; ++i) lost.sent.push_back({2000 + i, 2000 + i});
  const Ended ended = judge(lost);
  EXPECT_NE(ended.output.find("and 5 more\n"), std::string::npos) << ended.output;
}

TEST_F(JudgeCommand, AHistoryThatShowsNothingIsRefused) {
  Told idle;
  idle.sent.clear();
  idle.read.clear();
  idle.final.clear();
  const Ended ended = judge(idle);
  EXPECT_EQ(ended.exit, 2);
  EXPECT_NE(ended.errors.find("nothing was acknowledged in this history"), std::string::npos) << ended.errors;
}

TEST_F(JudgeCommand, AFileOfAnotherKindIsRefused) {
  const Ended ended = run_program({"judge", scratch_ / "absent"});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_NE(ended.errors.find("gregor judge: cannot open"), std::string::npos) << ended.errors;
}

}  // namespace
}  // namespace gregor::program
