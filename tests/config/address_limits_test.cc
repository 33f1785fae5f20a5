// Limits of single addresses: what is taken, what is refused with which words.
#include "config/address_limits.h"

#include <gtest/gtest.h>

namespace gregor::config {
namespace {

std::string complaint(std::string_view text) {
  const auto limits = parse_address_limits(text);
  return limits ? "" : limits.error().text;
}

TEST(AddressLimits, TheLastColonPartsAddressAndLimit) {
  const auto limits = parse_address_limits(" 10.0.0.1:5 , fe80::1:7,::1:0");
  ASSERT_TRUE(limits);
  EXPECT_EQ(*limits, (AddressLimits{{"10.0.0.1", 5}, {"fe80::1", 7}, {"::1", 0}}));
  EXPECT_EQ(to_text(*limits), "10.0.0.1:5,::1:0,fe80::1:7");
  EXPECT_EQ(parse_address_limits(to_text(*limits)).value(), *limits);
}

TEST(AddressLimits, NoTextIsNoLimit) {
  EXPECT_EQ(parse_address_limits("  ").value(), AddressLimits{});
  EXPECT_EQ(to_text(AddressLimits{}), "");
}

TEST(AddressLimits, WhatIsNoPairIsRefusedByName) {
  for (const char* pair :
       {"10.0.0.1", "10.0.0.1:", "10.0.0.1:-1", "10.0.0.1:2147483648", "10.0.0.1:x", "host:5", ":5"}) {
    EXPECT_NE(complaint(std::string("127.0.0.1:1,") + pair).find("'" + std::string(pair) + "'"), std::string::npos)
        << pair;
  }
  EXPECT_EQ(complaint("10.0.0.1:1,10.0.0.1:2"), "must name 10.0.0.1 once");
}

}  // namespace
}  // namespace gregor::config
