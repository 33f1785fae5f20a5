// Names as Kafka's Topic class judges them.
#include "metadata/topic_name.h"

#include <gtest/gtest.h>

namespace gregor::metadata {
namespace {

TEST(TopicName, AsciiLettersDigitsDotUnderscoreAndDashAreAllowed) {
  for (const char* name : {"a", "A-Z.0_9", "...", "__consumer_offsets", "-"})
    EXPECT_FALSE(fault_of_topic_name(name)) << name;
  EXPECT_FALSE(fault_of_topic_name(std::string(249, 'a')));
}

TEST(TopicName, WhatCouldBeAPathOrIsTooLongIsRefused) {
  for (const char* name : {"", ".", "..", "a b", "a/b", "\xc3\xbc", "a\n", "a,b"})
    EXPECT_TRUE(fault_of_topic_name(name)) << name;
  EXPECT_TRUE(fault_of_topic_name(std::string(250, 'a')));
}

TEST(TopicName, DotAndUnderscoreCollide) {
  EXPECT_EQ(collision_form_of("a.b_c"), collision_form_of("a_b.c"));
  EXPECT_NE(collision_form_of("a.b"), collision_form_of("a-b"));
  EXPECT_TRUE(may_collide("a.b"));
  EXPECT_FALSE(may_collide("a-b"));
}

}  // namespace
}  // namespace gregor::metadata
