#include "base/check.h"

#include <gtest/gtest.h>

namespace gregor {
namespace {

TEST(CheckDeathTest, AFalseClaimEndsTheProcessAndNamesItself) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "CHECK failed: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace gregor
