#include "base/result.h"

#include <gtest/gtest.h>

namespace gregor {
namespace {

Result<int> half_of(int number) {
  if (number % 2 != 0) return fail(Errc::invalid, "odd");
  return number / 2;
}

Result<int> quarter_of(int number) {
  TRY_ASSIGN(const int half, half_of(number));
  return half_of(half);
}

Result<void> check_quarter(int number) {
  TRY(quarter_of(number));
  return {};
}

TEST(Result, CarriesTheValueOrTheError) {
  EXPECT_EQ(quarter_of(12).value(), 3);
  ASSERT_FALSE(quarter_of(6));
  EXPECT_EQ(quarter_of(6).error().code, Errc::invalid);
  EXPECT_EQ(quarter_of(6).error().text, "odd");
}

TEST(Result, TryHandsTheErrorOn) {
  EXPECT_TRUE(check_quarter(8));
  EXPECT_FALSE(check_quarter(7));
}

TEST(Result, EveryErrorCodeHasAName) {
  for (int code = 0; code <= static_cast<int>(Errc::stale); ++code) {
    EXPECT_STRNE(name_of(static_cast<Errc>(code)), "unknown") << code;
  }
}

}  // namespace
}  // namespace gregor
