#include "observe/log.h"

#include <gtest/gtest.h>

namespace gregor::observe {
namespace {

TEST(Log, ALineNamesItsEventAndQuotesWhatNeedsIt) {
  EXPECT_EQ(format_line(Level::info, "broker.ready", {{"port", 9092}, {"address", "127.0.0.1"}, {"why", "two words"}}),
            "INFO broker.ready port=9092 address=127.0.0.1 why=\"two words\"");
}

TEST(Log, BytesFromOutsideCannotForgeALine) {
  EXPECT_EQ(format_line(Level::warn, "frame.refused", {{"client", "a\nERROR fake"}}),
            "WARN frame.refused client=\"a\\x0aERROR fake\"");
  EXPECT_EQ(format_line(Level::warn, "x", {{"k", ""}, {"q", "say \"hi\""}}), "WARN x k=\"\" q=\"say \\\"hi\\\"\"");
}

}  // namespace
}  // namespace gregor::observe
