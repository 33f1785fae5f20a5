// What answers may be given about a topic that one client makes and deletes: one small history for each that may not.
#include <gtest/gtest.h>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

const TopicId kFirst{1, 1};
const TopicId kSecond{1, 2};

enum class Said { done, exists, absent, nothing };

TopicChange change(bool creates, Said said, TopicId id = {}, std::uint32_t life = 1, std::uint32_t life_at_end = 0) {
  TopicChange made{.creates = creates, .topic = "orders", .id = id, .invoked = {}, .completed = {}};
  made.life_at_begin = life;
  made.life_at_end = life_at_end == 0 ? life : life_at_end;
  made.outcome = said == Said::done      ? Outcome::acknowledged
                 : said == Said::nothing ? Outcome::unknown
                                         : Outcome::refused;
  made.says_exists = said == Said::exists;
  made.says_absent = said == Said::absent;
  return made;
}
TopicChange create(Said said, TopicId id = {}, std::uint32_t life = 1, std::uint32_t life_at_end = 0) {
  return change(true, said, id, life, life_at_end);
}
TopicChange remove(Said said, std::uint32_t life = 1, std::uint32_t life_at_end = 0) {
  return change(false, said, {}, life, life_at_end);
}

/// What is broken; "" when nothing is. `stands`: the id at the end, zero for none.
std::string broken(std::vector<TopicChange> changes, TopicId stands = {}) {
  History history;
  history.topic_changes = std::move(changes);
  if (!stands.is_zero()) history.final_topics["orders"] = stands;
  Verdict verdict;
  topics_stand_as_answered(history, verdict);
  for (const Violation& violation : verdict.violations()) EXPECT_EQ(violation.invariant, "K2");
  return verdict.holds() ? "" : verdict.violations().front().text;
}

TEST(TopicOrder, AnswersThatAgreeBreakNothing) {
  EXPECT_EQ(broken({}), "");
  EXPECT_EQ(broken({create(Said::done, kFirst)}, kFirst), "");
  EXPECT_EQ(broken({create(Said::done, kFirst), create(Said::exists), remove(Said::done), remove(Said::absent),
                    create(Said::done, kSecond)},
                   kSecond),
            "");
}

TEST(TopicOrder, ATopicThatWasMadeMustStandWithItsIdUntilItIsDeleted) {
  EXPECT_NE(broken({create(Said::done, kFirst)}), "") << "gone";
  EXPECT_NE(broken({create(Said::done, kFirst)}, kSecond), "") << "another";
  EXPECT_NE(broken({create(Said::done, kFirst), remove(Said::done)}, kFirst), "") << "back";
  EXPECT_NE(broken({create(Said::done, kFirst), remove(Said::absent)}, kFirst), "") << "denied";
  EXPECT_NE(broken({create(Said::done, kFirst), create(Said::done, kSecond)}, kSecond), "") << "made twice";
}

TEST(TopicOrder, WhatIsNotThereCannotExistNorBeDeleted) {
  EXPECT_NE(broken({create(Said::exists)}), "");
  EXPECT_NE(broken({remove(Said::done)}), "");
  EXPECT_NE(broken({create(Said::done, kFirst), remove(Said::done), remove(Said::done)}), "");
  EXPECT_NE(broken({remove(Said::absent)}, kFirst), "") << "out of nothing";
}

TEST(TopicOrder, AChangeWithoutAnAnswerMayHaveHappenedOrNot) {
  for (const TopicId stands : {TopicId{}, kFirst}) {
    EXPECT_EQ(broken({create(Said::nothing)}, stands), "");
    EXPECT_EQ(broken({create(Said::done, kFirst), remove(Said::nothing)}, stands), "");
  }
  EXPECT_EQ(broken({create(Said::nothing), create(Said::exists), remove(Said::done)}), "");
  EXPECT_EQ(broken({create(Said::nothing), remove(Said::absent), create(Said::done, kFirst)}, kFirst), "");
}

TEST(TopicOrder, OfTwoWithoutAnAnswerTheLaterMayComeFirst) {
  EXPECT_EQ(broken({create(Said::done, kFirst), create(Said::nothing), remove(Said::nothing)}, kSecond), "");
  EXPECT_NE(broken({create(Said::done, kFirst), create(Said::nothing)}, kSecond), "") << "nothing made room for it";
}

TEST(TopicOrder, AndMayComeLateWhileTheBrokersLifeLastsButNotInTheNext) {
  EXPECT_EQ(broken({create(Said::nothing), remove(Said::absent), create(Said::exists)}, kFirst), "") << "late";
  EXPECT_NE(broken({create(Said::nothing), remove(Said::absent, 2), create(Said::exists, {}, 2)}, kFirst), "")
      << "asked of a life that is over";
  EXPECT_EQ(broken({create(Said::nothing, {}, 1, 2), remove(Said::absent, 2), create(Said::exists, {}, 2)}, kFirst), "")
      << "asked of two lives";
}

TEST(TopicOrder, AChangeThatWasAskedForTwiceMayHappenOnceMoreLater) {
  TopicChange again = remove(Said::done);
  again.was_retried = true;
  EXPECT_EQ(broken({create(Said::done, kFirst), again, create(Said::done, kSecond)}), "") << "gone by the first try";
  EXPECT_EQ(broken({create(Said::done, kFirst), again, create(Said::done, kSecond)}, kSecond), "");
  EXPECT_NE(broken({create(Said::done, kFirst), again, create(Said::done, kSecond)}, kFirst), "") << "never back";
  TopicChange made_again = create(Said::done, kFirst);
  made_again.was_retried = true;
  EXPECT_EQ(broken({made_again, remove(Said::done)}, kSecond), "") << "made by the first try";
}

TEST(TopicOrder, TopicsAreJudgedApart) {
  TopicChange other = create(Said::done, kSecond);
  other.topic = "other";
  EXPECT_NE(broken({create(Said::done, kFirst), other}, kFirst).find("other"), std::string::npos);
}

}  // namespace
}  // namespace gregor::properties
