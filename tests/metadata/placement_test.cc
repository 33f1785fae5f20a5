// Where replicas go: spread over brokers, led by active ones (KAFKA-13083).
#include "metadata/placement.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

TEST(Placement, LeadersAreSpreadEvenlyAndReplicasAreDistinct) {
  TestLog log(3);
  const auto placed = place_replicas(log.image(), 9, 2, log.random).value();
  std::map<NodeId, int> leads;
  for (const auto& replicas : placed) {
    ASSERT_EQ(replicas.size(), 2u);
    EXPECT_NE(replicas[0], replicas[1]);
    ++leads[replicas[0]];
  }
  for (const auto& [broker, count] : leads) EXPECT_EQ(count, 3);
}

TEST(Placement, AFencedBrokerIsNeitherLeaderNorInSync) {
  TestLog log(2);
  log.register_broker(NodeId{3}, 33, /*unfenced=*/false);
  const auto placed = place_replicas(log.image(), 6, 3, log.random).value();
  for (const auto& replicas : placed) {
    EXPECT_EQ(replicas.back(), NodeId{3});
    const Partition partition = new_partition(log.image(), replicas);
    EXPECT_EQ(partition.isr.size(), 2u);
    EXPECT_EQ(partition.directories.size(), 3u);
  }
}

TEST(Placement, TooFewBrokersAreCounted) {
  TestLog log(2);
  EXPECT_NE(place_replicas(log.image(), 1, 3, log.random).error().text.find("only 2 broker(s)"), std::string::npos);
  TestLog nobody(0);
  nobody.register_broker(NodeId{1}, 1, /*unfenced=*/false);
  EXPECT_FALSE(place_replicas(nobody.image(), 1, 1, nobody.random));
}

}  // namespace
}  // namespace gregor::metadata
