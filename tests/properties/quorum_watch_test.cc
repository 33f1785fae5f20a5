// Each rule of the quorum's watch is shown one small life that breaks it, and one that does not.
#include "properties/always/quorum_watch.h"

#include <gtest/gtest.h>

namespace gregor::properties {
namespace {

const TopicPartition kMetadata{std::string(kMetadataTopic), Uuid{0, 1}, PartitionIndex{0}};

/// Three voters, and node 4 that observes.
class QuorumWatchTest : public ::testing::Test {
 protected:
  explicit QuorumWatchTest(std::set<NodeId> voters = {NodeId{1}, NodeId{2}, NodeId{3}})
      : watch_(std::move(voters), verdict_, [] { return MonotonicTime{}; }) {
    for (std::int32_t node = 1; node <= 4; ++node) {
      ghosts_.push_back(std::make_unique<GhostLog>(GhostLog::Rules{}, unheard_, [] { return MonotonicTime{}; }));
      tell(node, observe::LogOpened{kMetadata, Offset{0}, Offset{0}, 0});
    }
  }
  void tell(std::int32_t node, const observe::Event& event) {
    GhostLog& ghost = *ghosts_[static_cast<std::size_t>(node - 1)];
    ghost.on(event);
    watch_.of(NodeId{node}, ghost).on(event);
  }
  void lead(std::int32_t node, std::int32_t epoch) {
    tell(node, observe::QuorumLeaderElected{NodeId{node}, LeaderEpoch{epoch}});
  }
  void append(std::initializer_list<std::int32_t> nodes, std::int64_t offset, std::uint32_t crc = 7) {
    for (const std::int32_t node : nodes) {
      tell(node, observe::BatchAppended{kMetadata, Offset{offset}, Offset{offset}, LeaderEpoch{1}, crc, kNoProducerId,
                                        ProducerEpoch{-1}, Sequence{-1}});
    }
  }
  void flush(std::initializer_list<std::int32_t> nodes, std::int64_t end) {
    for (const std::int32_t node : nodes) tell(node, observe::LogFlushed{kMetadata, Offset{end}});
  }
  void apply(std::int32_t node, std::int64_t offset) { tell(node, observe::MetadataApplied{Offset{offset}}); }
  /// One batch, committed as it should be.
  void commit(std::int64_t offset) {
    append({1, 2, 4}, offset);
    flush({1, 2}, offset + 1);
    apply(1, offset);
  }
  std::string first_broken() const { return verdict_.holds() ? "" : verdict_.violations().front().invariant; }

  Verdict unheard_;
  Verdict verdict_;
  std::vector<std::unique_ptr<GhostLog>> ghosts_;
  QuorumWatch watch_;
};

/// Node 1 began alone.
class JoinedQuorumWatchTest : public QuorumWatchTest {
 protected:
  JoinedQuorumWatchTest() : QuorumWatchTest({}) { name({1}, -1, {1}); }
  void name(std::initializer_list<std::int32_t> nodes, std::int64_t offset,
            std::initializer_list<std::int32_t> voters) {
    observe::VotersNamed named{Offset{offset}, {}};
    for (const std::int32_t voter : voters) {
      const auto id = static_cast<std::uint64_t>(voter);
      named.voters.push_back({NodeId{voter}, Uuid{id, id}});
    }
    for (const std::int32_t node : nodes) tell(node, named);
  }
  [[nodiscard]] std::size_t settled() const {
    const auto voters = watch_.settled_voters();
    return voters ? voters->size() : 0;
  }
};

TEST_F(QuorumWatchTest, EpochsMayBeWonOutOfOrderButEachOnce) {
  lead(1, 4);
  lead(2, 6);
  lead(3, 5);
  EXPECT_EQ(first_broken(), "") << "votes of epoch 5 may come late";
  lead(1, 6);
  EXPECT_EQ(first_broken(), "K1");
}

TEST_F(QuorumWatchTest, ANodeLeadsNoEpochInTwoLives) {
  lead(1, 4);
  watch_.node_died(NodeId{1});
  lead(1, 4);
  EXPECT_EQ(first_broken(), "K1");
}

TEST_F(QuorumWatchTest, NodesAreLevelOnceEachShowsWhatAnyEverShowed) {
  for (std::int64_t offset = 0; offset < 3; ++offset) {
    append({1, 2, 3, 4}, offset);
    flush({1, 2, 3, 4}, offset + 1);
  }
  for (const std::int32_t node : {1, 2, 3, 4}) apply(node, 1);
  EXPECT_TRUE(watch_.is_level());
  watch_.node_died(NodeId{1});
  EXPECT_FALSE(watch_.is_level());
  apply(1, 0);
  EXPECT_FALSE(watch_.is_level());
  apply(1, 2);
  EXPECT_FALSE(watch_.is_level()) << "now the others lag";
  EXPECT_EQ(first_broken(), "");
}

TEST_F(QuorumWatchTest, NobodyActsOnWhatAMajorityOfVotersHasNotFlushed) {
  append({1, 2, 4}, 0);
  flush({1, 4}, 1);
  apply(1, 0);
  EXPECT_EQ(first_broken(), "K2") << "the observer's disk does not count";
}

TEST_F(QuorumWatchTest, ANodeThatActsOnAnotherBatchIsFound) {
  commit(0);
  append({3}, 0, 8);
  EXPECT_EQ(first_broken(), "") << "it may hold what was never committed";
  apply(3, 0);
  EXPECT_EQ(first_broken(), "K2");
}

TEST_F(QuorumWatchTest, ALeaderWithoutWhatIsCommittedIsFound) {
  commit(0);
  lead(2, 2);
  EXPECT_EQ(first_broken(), "");
  lead(3, 1);
  EXPECT_EQ(first_broken(), "") << "of an epoch that is over";
  lead(3, 3);
  EXPECT_EQ(first_broken(), "K2");
}

TEST_F(QuorumWatchTest, WhatWasActedOnIsNotCutOff) {
  commit(0);
  append({1}, 1);
  tell(1, observe::LogTruncated{kMetadata, Offset{1}});
  EXPECT_EQ(first_broken(), "") << "that was committed by nobody";
  tell(1, observe::LogTruncated{kMetadata, Offset{0}});
  EXPECT_EQ(first_broken(), "K2");
}

TEST_F(QuorumWatchTest, ASnapshotStandsForWhatItCovers) {
  commit(0);
  tell(3, observe::LogBegunAnew{kMetadata, Offset{1}});
  apply(3, 0);
  lead(3, 2);
  EXPECT_EQ(first_broken(), "");
}

TEST_F(JoinedQuorumWatchTest, WhatCommitsIsAMajorityOfWhoTheLogNames) {
  append({1, 2}, 0);
  flush({1, 2}, 1);
  apply(1, 0);
  append({1, 2}, 1);  // that node 2 votes
  name({1, 2}, 1, {1, 2});
  flush({1}, 2);
  apply(1, 1);
  EXPECT_EQ(first_broken(), "K2") << "one of two";
}

TEST_F(JoinedQuorumWatchTest, ALaterRecordDecidesTooWhatStandsBeforeIt) {
  append({1, 2, 3}, 0);
  name({1, 2, 3}, 0, {1, 2});
  append({1, 2, 3}, 1);
  append({1, 2, 3}, 2);
  name({1}, 2, {1, 2, 3});
  flush({1, 3}, 3);
  apply(3, 1);
  EXPECT_EQ(first_broken(), "") << "the leader counts three";
}

TEST_F(JoinedQuorumWatchTest, WhoVotesIsSettledOnceThatIsCommitted) {
  EXPECT_EQ(settled(), 1U);
  append({1, 2}, 0);
  name({1, 2}, 0, {1, 2});
  EXPECT_EQ(settled(), 0U) << "not yet";
  flush({1, 2}, 1);
  apply(1, 0);
  EXPECT_EQ(settled(), 2U);
  append({1, 2}, 1);
  name({2}, 1, {2});
  EXPECT_EQ(settled(), 0U) << "another change";
  tell(2, observe::LogTruncated{kMetadata, Offset{1}});
  name({2}, 0, {1, 2});
  EXPECT_EQ(settled(), 2U) << "it came to nothing";
}

TEST_F(JoinedQuorumWatchTest, ARecordThatWasNeverCommittedSettlesNothing) {
  append({1, 2}, 0);
  flush({1, 2}, 1);
  name({1, 2}, 0, {1, 2});
  apply(1, 0);
  append({1}, 1, 8);
  name({1}, 1, {1, 2, 3});
  append({2, 3}, 1, 9);
  append({3}, 0);
  flush({2, 3}, 2);
  name({2, 3}, 0, {2, 3});
  apply(2, 1);
  EXPECT_EQ(settled(), 2U) << "node 1 holds another batch there";
}

}  // namespace
}  // namespace gregor::properties
