#include "env/stack_slab.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace gregor::env {
namespace {

TEST(StackSlab, HandsOutTheStackThatCameBackLast) {
  StackSlab slab;
  std::byte* first = slab.take(StackClass::small_64k);
  std::byte* second = slab.take(StackClass::small_64k);
  slab.give_back(first, StackClass::small_64k);
  slab.give_back(second, StackClass::small_64k);
  EXPECT_EQ(slab.take(StackClass::small_64k), second);
  EXPECT_EQ(slab.take(StackClass::small_64k), first);
  slab.give_back(first, StackClass::small_64k);
  slab.give_back(second, StackClass::small_64k);
  EXPECT_EQ(slab.made(), 2U);
}

TEST(StackSlab, ClassesDoNotMix) {
  StackSlab slab;
  std::byte* small = slab.take(StackClass::small_64k);
  slab.give_back(small, StackClass::small_64k);
  std::byte* large = slab.take(StackClass::large_256k);
  EXPECT_NE(large, small);
  std::memset(large, 1, stack_bytes_of(StackClass::large_256k));
  slab.give_back(large, StackClass::large_256k);
  EXPECT_EQ(slab.in_use(), 0U);
}

TEST(StackSlab, StacksBeyondTheWarmOnesComeBackEmpty) {
  StackSlab slab;
  std::vector<std::byte*> taken;
  for (std::size_t i = 0; i < kWarmStacksMax + 1; ++i) {
    taken.push_back(slab.take(StackClass::small_64k));
    *taken.back() = std::byte{7};
  }
  for (std::byte* stack : taken) slab.give_back(stack, StackClass::small_64k);
  for (std::size_t i = 0; i < kWarmStacksMax; ++i) EXPECT_EQ(*slab.take(StackClass::small_64k), std::byte{7});
  std::byte* cold = slab.take(StackClass::small_64k);
  EXPECT_EQ(*cold, std::byte{0}) << "its pages were given back to the system";
  *cold = std::byte{1};
  for (std::byte* stack : taken) slab.give_back(stack, StackClass::small_64k);
}

TEST(StackSlabDeathTest, BelowAStackThereIsNothing) {
  StackSlab slab;
  std::byte* stack = slab.take(StackClass::small_64k);
  EXPECT_DEATH(*const_cast<volatile std::byte*>(stack - 1) = std::byte{1}, "");
  EXPECT_DEATH(*const_cast<volatile std::byte*>(stack - kStackGuardBytes) = std::byte{1}, "");
  slab.give_back(stack, StackClass::small_64k);
}

}  // namespace
}  // namespace gregor::env
