// Addresses as bytes and back.
#include "broker/inet_address.h"

#include <gtest/gtest.h>

namespace gregor::broker {
namespace {

std::string there_and_back(std::string_view text) {
  return inet_address_of(inet_bytes_of(text)).value_or("none");
}

TEST(InetAddress, BothFamiliesComeBackAsTheyWere) {
  EXPECT_EQ(there_and_back("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(there_and_back("255.0.10.9"), "255.0.10.9");
  EXPECT_EQ(there_and_back("::1"), "0:0:0:0:0:0:0:1");
  EXPECT_EQ(there_and_back("fe80::12:abcd"), "fe80:0:0:0:0:0:12:abcd");
  EXPECT_EQ(there_and_back("::ffff:10.0.0.1"), "0:0:0:0:0:ffff:a00:1");
  EXPECT_EQ(there_and_back("::"), "0:0:0:0:0:0:0:0");
  EXPECT_EQ(there_and_back("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
}

TEST(InetAddress, WhatIsNoneIsNone) {
  for (const std::string_view text : {"", "localhost", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1:2:3", "g::1", "1::2::3",
                                      "1:2:3:4:5:6:7:8:9", "::1.2.3"}) {
    EXPECT_TRUE(inet_bytes_of(text).empty()) << text;
  }
  EXPECT_FALSE(inet_address_of(ByteBuffer(5)).has_value());
}

}  // namespace
}  // namespace gregor::broker
