// One partition's replicas as a cluster, under every legal fault of INVARIANTS C in modes D1 to D4. After each event
// the ghost log judges R1 to R10; when faults end, every replica is back in the ISR with the same log (L1, L2, L4).
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/replica/support/cluster.h"

namespace gregor::replica {
namespace {

int seeds_asked() {
  const char* asked = std::getenv("GREGOR_REPLICA_SEEDS");
  return asked == nullptr ? 150 : std::atoi(asked);
}

TEST(ReplicaCluster, NothingCommittedIsLostOrChangedAndAllComeTogetherAgain) {
  Coverage all;
  const int seeds = seeds_asked();
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto number = static_cast<std::uint64_t>(seed);
    Cluster cluster(number, settings_of(number));
    cluster.run();
    ASSERT_FALSE(cluster.violation()) << "seed " << seed << ": " << cluster.violation()->invariant << ", "
                                      << cluster.violation()->text;
    const Coverage& did = cluster.coverage();
    all.acknowledged += did.acknowledged;
    all.elections += did.elections;
    all.truncations += did.truncations;
    all.admissions += did.admissions;
    all.losses += did.losses;
    all.restarts_over += did.restarts_over;
  }
  std::cout << seeds << " seeds: " << all.acknowledged << " acknowledged, " << all.elections << " elections, "
            << all.truncations << " truncations, " << all.admissions << " admissions, " << all.losses << " losses, "
            << all.restarts_over << " logs begun anew\n";
  EXPECT_GT(all.acknowledged, seeds);
  EXPECT_GT(all.elections, seeds);
  EXPECT_GT(all.truncations, seeds / 4);
  EXPECT_GT(all.admissions, seeds);
  EXPECT_GT(all.losses, seeds / 4);
  EXPECT_GT(all.restarts_over, 0);
}

}  // namespace
}  // namespace gregor::replica
