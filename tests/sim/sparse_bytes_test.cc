#include "sim/sparse_bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace gregor::sim {
namespace {

RC_GTEST_PROP(SparseBytes, BehaveAsAnArrayOfBytes, ()) {
  SparseBytes sparse;
  ByteBuffer model;
  const int steps = *rc::gen::inRange(1, 20);
  for (int step = 0; step < steps; ++step) {
    const auto at = *rc::gen::inRange<std::size_t>(0, 20'000);
    if (*rc::gen::inRange(0, 4) == 0) {
      sparse.resize(at);
      model.resize(at);
    } else {
      const ByteBuffer bytes(*rc::gen::inRange<std::size_t>(0, 9000), static_cast<std::byte>(step + 1));
      sparse.write(at, bytes);
      if (!bytes.empty()) model.resize(std::max(model.size(), at + bytes.size()));
      std::copy(bytes.begin(), bytes.end(), model.begin() + static_cast<std::ptrdiff_t>(bytes.empty() ? 0 : at));
    }
  }
  RC_ASSERT(sparse.size() == model.size());
  RC_ASSERT(sparse.copy() == model);
}

TEST(SparseBytes, ACopyKeepsItsBytesWhenTheOriginalChanges) {
  SparseBytes original;
  original.write(0, bytes_of("before"));
  const SparseBytes copy = original;
  original.write(0, bytes_of("after!"));
  EXPECT_EQ(text_of(copy.copy()), "before");
  EXPECT_EQ(text_of(original.copy()), "after!");
}

TEST(SparseBytes, ReadingEndsWhereTheBytesEnd) {
  SparseBytes bytes;
  bytes.write(4095, bytes_of("abc"));
  ByteBuffer into(10);
  EXPECT_EQ(bytes.read(4096, into), 2U);
  EXPECT_EQ(bytes.read(4098, into), 0U);
}

TEST(SparseBytes, AFlippedBitFlipsBack) {
  SparseBytes bytes;
  bytes.write(0, bytes_of("rot"));
  const SparseBytes before = bytes;
  bytes.flip_bit(1, 7);
  EXPECT_FALSE(bytes == before);
  bytes.flip_bit(1, 7);
  EXPECT_TRUE(bytes == before);
}

}  // namespace
}  // namespace gregor::sim
