// Tables for people: columns line up, nothing ends in a blank.
#include "runtime/gregor/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace gregor::program {
namespace {

TEST(TextTable, ColumnsAreAsWideAsTheirWidestCell) {
  TextTable table({"KEY", "VALUE"});
  EXPECT_TRUE(table.empty());
  table.add({"retention.ms", "5"});
  table.add({"a", ""});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(), "KEY           VALUE\nretention.ms  5\na             -\n");
}

}  // namespace
}  // namespace gregor::program
