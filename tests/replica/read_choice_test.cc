// KIP-392: a consumer reads in its own rack where a replica there has what it asks for.
#include "replica/read_choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace gregor::replica {
namespace {

using Candidates = std::vector<ReadCandidate>;

ReadCandidate of(int node, const char* rack, std::int64_t end, int lag_ms = 0, bool is_leader = false) {
  return {NodeId{node}, rack, Offset{end}, Milliseconds(lag_ms), is_leader};
}

TEST(ReadChoice, WithoutARackOrAReplicaInItTheLeaderServes) {
  const Candidates candidates{of(0, "a", 10, 0, true), of(1, "b", 10)};
  EXPECT_EQ(preferred_read_replica("", candidates), std::nullopt);
  EXPECT_EQ(preferred_read_replica("c", candidates), std::nullopt);
  EXPECT_EQ(preferred_read_replica("b", candidates), NodeId{1});
}

TEST(ReadChoice, TheLeaderServesItsOwnRack) {
  const Candidates candidates{of(1, "a", 12), of(0, "a", 10, 0, true)};
  EXPECT_EQ(preferred_read_replica("a", candidates), std::nullopt);
}

TEST(ReadChoice, TheLongestLogThenTheLeastLagThenTheHighestIdIsChosen) {
  EXPECT_EQ(preferred_read_replica("a", Candidates{of(1, "a", 12), of(2, "a", 11)}), NodeId{1});
  EXPECT_EQ(preferred_read_replica("a", Candidates{of(1, "a", 12, 5), of(2, "a", 12, 9)}), NodeId{1});
  EXPECT_EQ(preferred_read_replica("a", Candidates{of(1, "a", 12), of(2, "a", 12)}), NodeId{2});
}

}  // namespace
}  // namespace gregor::replica
