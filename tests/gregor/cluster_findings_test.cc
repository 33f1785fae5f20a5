#include "runtime/gregor/cluster_findings.h"

#include <gtest/gtest.h>

namespace gregor::program {
namespace {

using Kind = Finding::Kind;

PartitionStanding partition(std::int32_t index, std::int32_t leader, std::vector<int> replicas,
                            std::vector<int> in_sync) {
  PartitionStanding standing{.topic = "t", .min_in_sync = 2};
  standing.partition.partition = PartitionIndex{index};
  standing.partition.leader = NodeId{leader};
  for (const int id : replicas) standing.partition.replicas.push_back(NodeId{id});
  for (const int id : in_sync) standing.partition.in_sync.push_back(NodeId{id});
  return standing;
}

ClusterStanding healthy() {
  ClusterStanding standing{.cluster_id = "c", .now_ms = 1'000'000};
  client::QuorumDescription quorum{.leader = NodeId{1}, .leader_epoch = LeaderEpoch{3}, .high_watermark = Offset{50}};
  for (const int id : {1, 2, 3}) {
    standing.brokers.push_back({NodeId{id}, {"host", 9092}, false});
    quorum.voters.push_back({NodeId{id}, Offset{50}, 999'900});
  }
  standing.quorum = quorum;
  standing.partitions.push_back(partition(0, 1, {1, 2, 3}, {1, 2, 3}));
  return standing;
}

std::vector<Kind> kinds_of(const ClusterStanding& standing) {
  std::vector<Kind> kinds;
  for (const Finding& finding : findings_of(standing)) {
    EXPECT_FALSE(finding.what.empty());
    EXPECT_FALSE(finding.advice.empty()) << "every finding says what to do";
    kinds.push_back(finding.kind);
  }
  return kinds;
}

TEST(ClusterFindings, AHealthyClusterHasNone) {
  EXPECT_TRUE(findings_of(healthy()).empty());
}

TEST(ClusterFindings, APartitionIsFoundOnceByTheWorstThatIsTrueOfIt) {
  ClusterStanding standing = healthy();
  standing.partitions = {partition(0, -1, {1, 2}, {2}), partition(1, 1, {1, 2, 3}, {1}),
                         partition(2, 1, {1, 2, 3}, {1, 2})};
  const auto findings = findings_of(standing);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].kind, Kind::offline_partitions);
  EXPECT_NE(findings[0].what.find("t-0"), std::string::npos);
  EXPECT_NE(findings[0].advice.find("broker 2"), std::string::npos) << "who has all of it";
  EXPECT_EQ(findings[1].kind, Kind::under_min_in_sync);
  EXPECT_NE(findings[1].advice.find("2, 3"), std::string::npos);
  EXPECT_EQ(findings[2].kind, Kind::under_replicated);
  EXPECT_NE(findings[2].what.find("t-2"), std::string::npos);
}

TEST(ClusterFindings, ABrokerThatIsFencedAndAVoterThatIsSilentAreNamed) {
  ClusterStanding standing = healthy();
  standing.brokers[2].is_fenced = true;
  standing.quorum->voters[2].last_caught_up_ms = 900'000;
  EXPECT_EQ(kinds_of(standing), (std::vector<Kind>{Kind::silent_voter, Kind::fenced_broker}));
  standing.quorum->voters[2].last_caught_up_ms = -1;
  EXPECT_EQ(kinds_of(standing), std::vector<Kind>{Kind::fenced_broker}) << "nothing is known of the voter";
}

TEST(ClusterFindings, AQuorumWithoutALeaderComesFirst) {
  ClusterStanding standing = healthy();
  standing.quorum.reset();
  standing.partitions.push_back(partition(1, -1, {1}, {}));
  EXPECT_EQ(kinds_of(standing), (std::vector<Kind>{Kind::no_quorum_leader, Kind::offline_partitions}));
}

TEST(ClusterFindings, ALagIsWhatIsCommittedAndMissing) {
  const ClusterStanding standing = healthy();
  EXPECT_EQ(lag_of(*standing.quorum, {NodeId{2}, Offset{40}, 0}), 10);
  EXPECT_EQ(lag_of(*standing.quorum, {NodeId{2}, Offset{60}, 0}), 0);
  EXPECT_EQ(lag_of(*standing.quorum, {NodeId{2}, kNoOffset, 0}), std::nullopt);
}

}  // namespace
}  // namespace gregor::program
