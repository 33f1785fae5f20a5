#include "runtime/system_entropy.h"

#include <gtest/gtest.h>

namespace gregor::runtime {
namespace {

TEST(SystemEntropy, StreamsOfOneNameDifferFromCallToCall) {
  SystemEntropy entropy;
  RandomStream first = entropy.stream("test", 1);
  RandomStream second = entropy.stream("test", 1);
  EXPECT_NE(first.next(), second.next());
}

}  // namespace
}  // namespace gregor::runtime
