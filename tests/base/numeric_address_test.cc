// Which texts are addresses in figures.
#include "base/numeric_address.h"

#include <gtest/gtest.h>

namespace gregor {
namespace {

TEST(NumericAddress, FourNumbersUpTo255) {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "255.255.255.255"}) EXPECT_TRUE(is_numeric_address(text)) << text;
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1..2.3", "1.2.3.x", "host", "0001.2.3.4"}) {
    EXPECT_FALSE(is_numeric_address(text)) << text;
  }
}

TEST(NumericAddress, HexadecimalFiguresAndColons) {
  for (const char* text : {"::", "::1", "fe80::1", "::ffff:1.2.3.4"}) EXPECT_TRUE(is_numeric_address(text)) << text;
  for (const char* text : {":", "::g", "[::1]"}) EXPECT_FALSE(is_numeric_address(text)) << text;
}

}  // namespace
}  // namespace gregor
