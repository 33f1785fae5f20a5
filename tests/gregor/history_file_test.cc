// A history on file says what it says, or the first line that cannot be meant is named.
#include "runtime/gregor/history_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

using properties::History;
using properties::HistoryPartition;
using properties::Outcome;

const HistoryPartition kOrders{"orders", 3};
const std::string kPlace = R"("topic": "orders", "partition": 3)";

/// A file of these lines between its first and its last.
std::string file_of(const Scratch& scratch, const std::vector<std::string>& lines) {
  std::string path = scratch / "history.jsonl";
  std::ofstream file(path, std::ios::binary);
  file << "{\"gregor_history\": 1}\n";
  for (const std::string& line : lines) file << line << "\n";
  file << "{\"end\": " << lines.size() << "}\n";
  return path;
}

/// What is said of a file with these bytes; empty where it is read.
std::string objection(const std::string& bytes) {
  const Scratch scratch("history_file");
  const std::string path = scratch / "h";
  std::ofstream(path, std::ios::binary) << bytes;
  History history;
  const auto read = read_history(path, history);
  return read ? "" : read.error().text.substr(path.size() + 1);
}
std::string objection_to(const std::string& line) {
  return objection("{\"gregor_history\": 1}\n" + line + "\n{\"end\": 1}\n");
}

TEST(HistoryFile, WhatItTellsStandsInTheHistory) {
  const Scratch scratch("history_file");
  History history;
  const std::string sent =
      R"({"sent": 7, "client": 1, "acks": -1, "idempotent": true, "invoked_us": 5, "completed_us": 9, )"
      R"("outcome": "acknowledged", "offset": 2, )" +
      kPlace + "}";
  const auto read = read_history(
      file_of(scratch, {sent, R"({"read": 7, "client": 2, "offset": 2, "at_us": 11, "asked_us": 10, )" + kPlace + "}",
                        R"({"final": 7, "offset": 2, "at_us": 20, )" + kPlace + "}",
                        R"({"log_start": 2, )" + kPlace + "}", R"({"out_of_range": 1, "at_us": 12, )" + kPlace + "}",
                        R"({"loss": "power", "at_us": 30, "certain": false})",
                        R"({"loss": "media", "at_us": 3, "certain": true})"}),
      history);
  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ(history.sent.size(), 1u);
  EXPECT_EQ(history.sent[0].partition, kOrders);
  EXPECT_EQ(history.sent[0].value, 7u);
  EXPECT_EQ(history.sent[0].outcome, Outcome::acknowledged);
  EXPECT_EQ(history.sent[0].offset, Offset{2});
  EXPECT_TRUE(history.sent[0].idempotent);
  EXPECT_EQ(history.sent[0].completed, MonotonicTime{std::chrono::microseconds(9)});
  ASSERT_EQ(history.reads.size(), 1u);
  EXPECT_EQ(history.reads[0].client, 2);
  EXPECT_EQ(history.reads[0].asked, MonotonicTime{std::chrono::microseconds(10)});
  ASSERT_EQ(history.final_log[kOrders].size(), 1u);
  EXPECT_EQ(history.final_log[kOrders][0].value, 7u);
  EXPECT_EQ(history.log_starts[kOrders], Offset{2});
  ASSERT_EQ(history.out_of_range.size(), 1u);
  EXPECT_EQ(history.out_of_range[0].offset, Offset{1});
  ASSERT_EQ(history.losses.size(), 2u);
  EXPECT_EQ(history.losses[0].cause, "media") << "in order of time";
  EXPECT_TRUE(history.losses[0].certain);
}

TEST(HistoryFile, WhatWasNotAcknowledgedNeedsNoOffset) {
  const std::string rest =
      R"("client": 1, "acks": -1, "idempotent": true, "invoked_us": 5, "completed_us": 9, "offset": -1, )" + kPlace +
      "}";
  EXPECT_EQ(objection_to(R"({"sent": 7, "outcome": "refused", )" + rest), "");
  EXPECT_EQ(objection_to(R"({"sent": 7, "outcome": "unknown", )" + rest), "");
  EXPECT_NE(objection_to(R"({"sent": 7, "outcome": "acknowledged", )" + rest).find("line 2: 'offset' is -1, outside 0"),
            std::string::npos);
  EXPECT_NE(objection_to(R"({"sent": 7, "outcome": "perhaps", )" + rest).find("'outcome' is 'perhaps'"),
            std::string::npos);
}

TEST(HistoryFile, WhatCannotBeMeantIsNamed) {
  EXPECT_EQ(objection_to("{}"), "line 2: it is none of sent, read, final, log_start, out_of_range, loss, end");
  EXPECT_EQ(objection_to("[]"), "line 2: it is no JSON object");
  EXPECT_EQ(objection_to(R"({"log_start": 1, "partition": 0})"), "line 2: 'topic' is missing or no text");
  EXPECT_EQ(objection_to(R"({"log_start": "1", "topic": "t", "partition": 0})"),
            "line 2: 'log_start' is missing or no whole number");
  EXPECT_EQ(objection_to(R"({"log_start": 18446744073709551615, "topic": "t", "partition": 0})").substr(0, 50),
            "line 2: 'log_start' is 18446744073709551615, outsi");
  EXPECT_EQ(objection_to(R"({"log_start": 1, "topic": "t", "partition": 2147483648})").substr(0, 41),
            "line 2: 'partition' is 2147483648, outsid");
  EXPECT_EQ(objection_to(R"({"loss": "power", "at_us": 1, "certain": 1})"),
            "line 2: 'certain' is missing, or not true or false");
}

TEST(HistoryFile, TheEndOfALogIsToldInOrder) {
  const std::string second = R"({"final": 8, "topic": "t", "partition": 0, "offset": 1, "at_us": 1})";
  const std::string told = objection("{\"gregor_history\": 1}\n" + second + "\n" + second + "\n{\"end\": 2}\n");
  EXPECT_EQ(told, "line 3: 'offset' is 1 of t-0, not above the one before, 1");
}

TEST(HistoryFile, AFileCutShortIsNoHistory) {
  const std::string line = R"({"log_start": 1, "topic": "t", "partition": 0})";
  EXPECT_EQ(objection(""), "line 1: the file has no end; was it cut short?");
  EXPECT_EQ(objection("{\"gregor_history\": 1}\n" + line + "\n"), "line 3: the file has no end; was it cut short?");
  EXPECT_EQ(objection("{\"gregor_history\": 1}\n{\"end\": 1}\n"),
            "line 2: it tells of 1 lines before it, and there are 0");
  EXPECT_EQ(objection("{\"gregor_history\": 1}\n{\"end\": 0}\n" + line + "\n"), "line 3: it stands behind the end");
  EXPECT_EQ(objection("{\"gregor_history\": 2}\n{\"end\": 0}\n"),
            "line 1: the history has version 2, and version 1 is what is read");
  EXPECT_EQ(objection(line + "\n{\"end\": 0}\n"), "line 1: 'gregor_history' is missing or no whole number");
}

TEST(HistoryFile, AFileThatIsNotThereIsNamed) {
  History history;
  const auto read = read_history("/nowhere/h", history);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text, "cannot open /nowhere/h");
}

}  // namespace
}  // namespace gregor::program
