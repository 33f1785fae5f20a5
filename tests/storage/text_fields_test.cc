// Lines, words and numbers of the small text files.
#include "storage/text_fields.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

using Words = std::vector<std::string_view>;

TEST(TextFields, TheLastNewlineEndsALineAndBeginsNone) {
  EXPECT_EQ(lines_of("a\nb\n"), (Words{"a", "b"}));
  EXPECT_EQ(lines_of("a\nb"), (Words{"a", "b"}));
  EXPECT_EQ(lines_of("a\n\n"), (Words{"a", ""}));
  EXPECT_EQ(lines_of(""), Words{});
}

TEST(TextFields, CarriageReturnsGoWithTheirNewlines) {
  EXPECT_EQ(lines_of("a\r\nb\r\n"), (Words{"a", "b"}));
  EXPECT_EQ(lines_of("a\rb\n"), Words{"a\rb"});
}

TEST(TextFields, WordsArePartedBySingleSpaces) {
  EXPECT_EQ(words_of("a b"), (Words{"a", "b"}));
  EXPECT_EQ(words_of("a  b"), (Words{"a", "", "b"}));
  EXPECT_EQ(words_of(""), Words{""});
}

TEST(TextFields, WhatIsNotWhollyANumberIsNone) {
  EXPECT_EQ(parse_number<int>("12"), 12);
  EXPECT_EQ(parse_number<int>("-12"), -12);
  for (const std::string_view text : {"", " 1", "1 ", "+1", "1x", "x", "0x1", "2147483648", "-"}) {
    EXPECT_EQ(parse_number<int>(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_number<unsigned>("-1"), std::nullopt);
}

}  // namespace
}  // namespace gregor::storage
