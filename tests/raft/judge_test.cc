// The judge of the model must not be blind: for each thing that it watches, one tiny bad history that it has to see.
#include "tests/raft/support/judge.h"

#include <gtest/gtest.h>

#include "tests/raft/support/driven.h"

namespace gregor::raft::model {
namespace {

/// Three nodes of one record each, the first of which leads epoch 3 with its machine.
class Judged : public testing::Test {
 protected:
  Judged() {
    Driven leading;
    leading.lead();
    for (int id = 1; id <= 3; ++id) {
      Node node;
      node.id = NodeId{id};
      node.disk.log = {{LeaderEpoch{2}, 1}, {LeaderEpoch{2}, 2}};
      node.disk.flushed = Offset{2};
      node.fsm = leading.fsm;
      nodes.push_back(node);
    }
  }
  std::string seen() { return judge.violation().substr(0, 2); }

  std::vector<Node> nodes;
  Judge judge;
};

TEST_F(Judged, AGoodHistoryIsNoViolation) {
  judge.leads(nodes[0]);
  judge.voted(nodes[1], true, LeaderEpoch{3}, kOne);
  judge.voted(nodes[1], true, LeaderEpoch{4}, kThree);
  judge.appends_as_leader(nodes[0], LeaderEpoch{3});
  judge.committed_to(nodes[0], Offset{2}, nodes);
  judge.compare_logs(nodes);
  EXPECT_EQ(judge.violation(), "");
  EXPECT_EQ(judge.committed().size(), 2U);
}

TEST_F(Judged, TwoLeadersOfAnEpochAreSeen) {
  judge.leads(nodes[0]);
  judge.leads(nodes[1]);
  EXPECT_EQ(seen(), "K1");
}

TEST_F(Judged, TheSameNodeLeadingAgainInAnotherLifeIsSeen) {
  judge.leads(nodes[0]);
  ++nodes[0].life;
  judge.leads(nodes[0]);
  EXPECT_EQ(seen(), "K1");
}

TEST_F(Judged, TwoVotesInAnEpochAreSeen) {
  judge.voted(nodes[1], true, LeaderEpoch{3}, kOne);
  judge.voted(nodes[1], true, LeaderEpoch{3}, kThree);
  EXPECT_EQ(seen(), "K1");
}

TEST_F(Judged, AnotherRecordAtACommittedOffsetIsSeen) {
  judge.committed_to(nodes[0], Offset{2}, nodes);
  nodes[1].disk.log[1].id = 7;
  judge.committed_to(nodes[1], Offset{2}, nodes);
  EXPECT_EQ(seen(), "K2");
}

TEST_F(Judged, ACommitWithoutAMajorityOnDiskIsSeen) {
  nodes[1].disk.flushed = nodes[2].disk.flushed = Offset{1};
  judge.committed_to(nodes[0], Offset{2}, nodes);
  EXPECT_EQ(seen(), "K2");
}

TEST_F(Judged, AHighWatermarkThatFallsIsSeen) {
  nodes[0].high_watermark = Offset{2};
  judge.committed_to(nodes[0], Offset{1}, nodes);
  EXPECT_EQ(seen(), "K2");
}

TEST_F(Judged, ATruncatedCommitIsSeenAndAnUncommittedTailIsNot) {
  judge.committed_to(nodes[0], Offset{1}, nodes);
  judge.truncates(nodes[1], Offset{1});
  EXPECT_EQ(seen(), "");
  judge.truncates(nodes[1], Offset{0});
  EXPECT_EQ(seen(), "K2");
}

TEST_F(Judged, WritingInAnEpochOfAnotherIsSeen) {
  judge.leads(nodes[0]);
  judge.appends_as_leader(nodes[1], LeaderEpoch{3});
  EXPECT_EQ(seen(), "K5");
}

TEST_F(Judged, WritingBehindALaterEpochIsSeen) {
  judge.leads(nodes[0]);
  nodes[0].disk.log.back().epoch = LeaderEpoch{4};
  judge.appends_as_leader(nodes[0], LeaderEpoch{3});
  EXPECT_EQ(seen(), "K5");
}

}  // namespace
}  // namespace gregor::raft::model
