// The controller's decisions together, around a model of brokers that die, bounce, lie late and lose what they had.
// Method: tests/metadata/support/cluster_model.h; the invariants are R2-R4, K3, K5, K6, L1 and L3.
#include <gtest/gtest.h>

#include "tests/metadata/support/cluster_model.h"

namespace gregor::metadata {
namespace {

constexpr int kSeeds = GREGOR_SANITIZED ? 50 : 150;
constexpr int kSteps = 400;

TEST(ClusterProperty, NoHistoryOfRequestsBreaksAnInvariant) {
  ClusterModel::Counts sum;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ClusterModel model(seed);
    const auto broken = model.run(kSteps);
    ASSERT_FALSE(broken) << "seed " << seed << ": " << *broken;
    sum.elections += model.counts().elections;
    sum.unclean_elections += model.counts().unclean_elections;
    sum.isr_changes += model.counts().isr_changes;
    sum.late_requests += model.counts().late_requests;
    sum.refused_lives += model.counts().refused_lives;
    sum.completed_moves += model.counts().completed_moves;
    sum.fenced_together += model.counts().fenced_together;
    sum.eligible += model.counts().eligible;
  }
  // Not vacuous: each of these happened often.
  EXPECT_GT(sum.elections, kSeeds);
  EXPECT_GT(sum.unclean_elections, 10);
  EXPECT_GT(sum.isr_changes, kSeeds);
  EXPECT_GT(sum.late_requests, kSeeds);
  EXPECT_GT(sum.refused_lives, kSeeds);
  EXPECT_GT(sum.completed_moves, kSeeds / 10);
  EXPECT_GT(sum.fenced_together, 10);
  EXPECT_GT(sum.eligible, kSeeds);
}

TEST(ClusterProperty, ARunIsItsSeed) {
  for (const std::uint64_t seed : {3u, 4u}) {
    ClusterModel one(seed);
    ClusterModel two(seed);
    EXPECT_EQ(one.run(kSteps), two.run(kSteps));
    EXPECT_EQ(one.counts().elections, two.counts().elections);
  }
}

}  // namespace
}  // namespace gregor::metadata
