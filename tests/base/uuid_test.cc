#include "base/uuid.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace gregor {
namespace {

TEST(Uuid, TextFormIsUrlSafeBase64) {
  EXPECT_EQ((Uuid{0, 1}).to_text(), "AAAAAAAAAAAAAAAAAAAAAQ");  // the id of __cluster_metadata
  EXPECT_EQ(Uuid{}.to_text(), "AAAAAAAAAAAAAAAAAAAAAA");
}

TEST(Uuid, TextReadsBackToTheSameId) {
  RandomStream random(7);
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = random.uuid();
    EXPECT_EQ(Uuid::from_text(id.to_text()), id);
  }
}

TEST(Uuid, PaddingMayBeThere) {
  EXPECT_EQ(Uuid::from_text("AAAAAAAAAAAAAAAAAAAAAQ=="), (Uuid{0, 1}));
  EXPECT_FALSE(Uuid::from_text("AAAAAAAAAAAAAAAAAAAAAQ="));
}

TEST(Uuid, TextOfWrongLengthOrAlphabetIsRefused) {
  EXPECT_FALSE(Uuid::from_text(""));
  EXPECT_FALSE(Uuid::from_text("AAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_FALSE(Uuid::from_text("AAAAAAAAAAAAAAAAAAAAA+"));
}

TEST(Uuid, OrdersByBothHalvesAsSignedNumbers) {
  EXPECT_LT((Uuid{0x8000000000000000ULL, 0}), (Uuid{0, 0}));
  EXPECT_LT((Uuid{1, 0x8000000000000000ULL}), (Uuid{1, 0}));
}

}  // namespace
}  // namespace gregor
