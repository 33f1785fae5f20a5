// For each judgement of configs one small bad history that must fail, and one good one that passes.
#include <gtest/gtest.h>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

using Kind = ConfigStep::Kind;

constexpr std::int16_t kMessageTooLarge = 10;

MonotonicTime at(int ms) {
  return MonotonicTime{Milliseconds(ms)};
}
ConfigStep changed(const std::string& name, std::optional<std::string> value, int ms,
                   Outcome outcome = Outcome::acknowledged, std::uint32_t life = 1) {
  return {.kind = Kind::change,
          .resource = "topic t",
          .name = name,
          .value = std::move(value),
          .asked = at(ms),
          .at = at(ms + 1),
          .life_at_begin = life,
          .life_at_end = life,
          .outcome = outcome};
}
ConfigStep seen(const std::string& name, std::optional<std::string> value, int ms, std::uint32_t life = 1) {
  ConfigStep step = changed(name, std::move(value), ms, Outcome::unknown, life);
  step.kind = Kind::seen;
  return step;
}
ConfigStep written(std::int32_t bytes, std::int16_t code, int ms) {
  return {.kind = Kind::write,
          .resource = "topic t",
          .name = "",
          .asked = at(ms),
          .at = at(ms + 1),
          .life_at_begin = 1,
          .life_at_end = 1,
          .written = 7,
          .bytes = bytes,
          .has_key = true,
          .code = code};
}

std::string first_broken(const History& history) {
  Verdict verdict;
  judge_history(history, verdict);
  return verdict.holds() ? "" : verdict.violations().front().invariant;
}

TEST(ConfigHistories, AConfigIsWhatWasAcknowledgedLast) {
  History history;
  history.config_steps = {seen("k", std::nullopt, 1), changed("k", "a", 10), seen("k", "a", 20),
                          changed("k", std::nullopt, 30), seen("k", std::nullopt, 40)};
  EXPECT_EQ(first_broken(history), "");
  history.config_steps.back().value = "a";
  EXPECT_EQ(first_broken(history), "K2") << "a removal that did nothing";
  history.config_steps = {changed("k", "a", 10), seen("k", std::nullopt, 20)};
  EXPECT_EQ(first_broken(history), "K2") << "a change that went lost";
}

TEST(ConfigHistories, AChangeWithoutAnAnswerMayComeWhileTheLifeLasts) {
  History history;
  history.config_steps = {changed("k", "a", 10), changed("k", "b", 20, Outcome::unknown), seen("k", "a", 30),
                          seen("k", "b", 40)};
  EXPECT_EQ(first_broken(history), "");
  history.config_steps = {changed("k", "a", 10), changed("k", "b", 20, Outcome::unknown), seen("k", "a", 30, 2),
                          seen("k", "b", 40, 2)};
  EXPECT_EQ(first_broken(history), "K2") << "the next life had shown that it never happened";
}

TEST(ConfigHistories, WritesFollowWhatSurelyHolds) {
  History history;
  history.config_steps = {changed("max.message.bytes", "100", 10), written(200, 0, 500)};
  EXPECT_EQ(first_broken(history), "") << "it may not have got about yet";
  history.config_steps = {changed("max.message.bytes", "100", 10), written(200, 0, 5000)};
  EXPECT_EQ(first_broken(history), "C1");
  history.config_steps[1].code = kMessageTooLarge;
  EXPECT_EQ(first_broken(history), "");
  history.config_steps[1].bytes = 90;
  EXPECT_EQ(first_broken(history), "C1") << "refused though it fits";
}

TEST(ConfigHistories, WhatWasFlushedBeforeItsAnswerStands) {
  History history;
  history.config_steps = {changed("flush.messages", "1", 10), written(50, 0, 5000),
                          changed("retention.bytes", "1", 6000)};
  history.configured_logs["topic t"] = {7};
  EXPECT_EQ(first_broken(history), "");
  history.configured_logs["topic t"] = {};
  EXPECT_EQ(first_broken(history), "C1");
  history.config_steps[0].value = "1000";
  EXPECT_EQ(first_broken(history), "");
}

}  // namespace
}  // namespace gregor::properties
