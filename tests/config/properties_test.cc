// Java's .properties syntax, rule by rule.  (java.util.Properties.load)
#include "config/properties.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace gregor::config {
namespace {

std::string read(std::string_view text) {
  const auto properties = parse_properties(text);
  if (!properties) return "error: " + properties.error().text;
  std::string out;
  for (const Property& p : *properties) out += std::to_string(p.line) + "{" + p.key + "}{" + p.value + "}";
  return out;
}

TEST(Properties, KeyEndsAtEqualsColonOrBlank) {
  EXPECT_EQ(read("a=1\nb:2\nc 3\nd = 4\ne : 5\nf\t=\t6"), "1{a}{1}2{b}{2}3{c}{3}4{d}{4}5{e}{5}6{f}{6}");
}

TEST(Properties, OnlyTheFirstSeparatorCounts) {
  EXPECT_EQ(read("listeners=PLAINTEXT://:9092"), "1{listeners}{PLAINTEXT://:9092}");
  EXPECT_EQ(read("a b=c"), "1{a}{b=c}");
  EXPECT_EQ(read("a==b"), "1{a}{=b}");
}

TEST(Properties, CommentsAndBlankLinesArePassedOver) {
  EXPECT_EQ(read("# a=1\n! b=2\n\n   \n  # c=3\nd=4 # not a comment"), "6{d}{4 # not a comment}");
}

TEST(Properties, BackslashContinuesALineAndDropsItsIndentation) {
  EXPECT_EQ(read("a=1,\\\n   2,\\\n\t3\nb=4"), "1{a}{1,2,3}4{b}{4}");
  EXPECT_EQ(read("a=1\\\\\nb=2"), "1{a}{1\\}2{b}{2}") << "two backslashes are one character, not a continuation";
  EXPECT_EQ(read("a=1\\"), "1{a}{1}");
  EXPECT_EQ(read("# comment \\\na=1"), "2{a}{1}") << "a comment is never continued";
}

TEST(Properties, EscapesAreResolved) {
  EXPECT_EQ(read("a\\ b\\=c=\\t\\n\\q\\\\"), "1{a b=c}{\t\nq\\}");
  EXPECT_EQ(read("a=\\u00e9\\u20AC"), "1{a}{\xc3\xa9\xe2\x82\xac}");
  EXPECT_EQ(read("a=\\ud83d\\ude00"), "1{a}{\xf0\x9f\x98\x80}") << "a surrogate pair is one character";
  EXPECT_EQ(read("a=\\ud83d!"), "1{a}{\xef\xbf\xbd!}") << "half a pair is none";
}

TEST(Properties, BrokenUnicodeEscapeNamesItsLine) {
  EXPECT_EQ(read("a=1\nb=\\u12"), "error: line 2: \\u wants four hexadecimal digits");
  EXPECT_EQ(read("b=\\u12g4"), "error: line 1: \\u wants four hexadecimal digits");
}

TEST(Properties, AnyLineEndServes) {
  EXPECT_EQ(read("a=1\r\nb=2\rc=3\n"), "1{a}{1}2{b}{2}3{c}{3}");
}

TEST(Properties, KeysMayHaveNoValueAndTrailingBlanksStay) {
  EXPECT_EQ(read("a\nb=\nc=1 "), "1{a}{}2{b}{}3{c}{1 }");
}

TEST(Properties, RepeatedKeysStayInOrder) {
  EXPECT_EQ(read("a=1\na=2"), "1{a}{1}2{a}{2}");
}

TEST(Properties, AFileOfNoLimitIsRefused) {
  const auto parsed = parse_properties(std::string(kPropertiesBytesMax + 1, '#'));
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, Errc::limit);
}

/// What a writer of properties does to a text so that a reader gets it back.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (std::string_view("\\=: \t\f#!").find(c) != std::string_view::npos)
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

RC_GTEST_PROP(PropertiesProperty, WhatWasEscapedReadsBack, (const std::string& key, const std::string& value)) {
  RC_PRE(!key.empty());
  const auto parsed = parse_properties(escaped(key) + "=" + escaped(value) + "\n");
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->size() == 1u);
  RC_ASSERT(parsed->front().key == key);
  RC_ASSERT(parsed->front().value == value);
}

RC_GTEST_PROP(PropertiesProperty, AnyTextIsReadOrNamed, (const std::string& text)) {
  const auto parsed = parse_properties(text);
  if (!parsed) RC_ASSERT(parsed.error().code == Errc::malformed);
}

}  // namespace
}  // namespace gregor::config
