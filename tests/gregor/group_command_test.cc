// gregor group, and gregor consume --group, against a broker: the built programs as a user runs them.
#include <gtest/gtest.h>

#include "tests/gregor/support/running_broker.h"
#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

TEST(GroupCommand, AGroupReadsOnWhereItStoodAndIsPutBack) {
  const Scratch scratch("group");
  RunningBroker broker(scratch / "data", {"group.initial.rebalance.delay.ms=0"});
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  ASSERT_EQ(broker.run({"produce", "t"}, "one\ntwo\n").exit, 0);
  const Ended first = broker.run({"consume", "t", "--group", "g"});
  EXPECT_EQ(first.output, "one\ntwo\n") << first.errors;
  ASSERT_EQ(broker.run({"produce", "t"}, "three\n").exit, 0);
  EXPECT_EQ(broker.run({"consume", "t", "--group", "g"}).output, "three\n");

  const auto groups = broker.json({"group", "list"});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0]["group"], "g");
  EXPECT_EQ(groups[0]["state"], "Empty");
  const auto described = broker.json({"group", "describe", "g"});
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
