// One partition without followers: what it commits, whom it serves, what it may acknowledge.
#include "replica/replica.h"

#include <gtest/gtest.h>

namespace gregor::replica {
namespace {

Replica leader(Durability durability, LeaderEpoch epoch = LeaderEpoch{3}) {
  Replica replica(Offset{0}, Offset{10}, std::nullopt, durability);
  replica.become_leader(epoch);
  return replica;
}

TEST(Replica, WithoutARoleServesNobodyAndCommitsNothing) {
  Replica replica(Offset{0}, Offset{10}, Offset{4}, Durability::written);
  EXPECT_EQ(replica.fence(kNoLeaderEpoch), ReplicaVerdict::not_leader_or_follower);
  EXPECT_EQ(replica.high_watermark(), Offset{4});
}

TEST(Replica, ACheckpointBeyondTheLogIsCutToTheLog) {
  EXPECT_EQ(Replica(Offset{5}, Offset{10}, Offset{99}, Durability::written).high_watermark(), Offset{10});
  EXPECT_EQ(Replica(Offset{5}, Offset{10}, Offset{1}, Durability::written).high_watermark(), Offset{5});
}

TEST(Replica, AsWholeIsrCommitsWhatItRecovered) {
  EXPECT_EQ(leader(Durability::flushed).high_watermark(), Offset{10});
}

TEST(Replica, CommitsAtTheWriteOrAtTheFlushAsTheTopicAsks) {
  Replica written = leader(Durability::written);
  EXPECT_TRUE(written.on_written(Offset{12}));
  EXPECT_EQ(written.high_watermark(), Offset{12});

  Replica flushed = leader(Durability::flushed);
  EXPECT_FALSE(flushed.on_written(Offset{12})) << "no acknowledgement may rest on it yet";
  EXPECT_EQ(flushed.high_watermark(), Offset{10});
  EXPECT_TRUE(flushed.on_flushed(Offset{11}));
  EXPECT_EQ(flushed.high_watermark(), Offset{11});
}

TEST(Replica, AskingForFlushesLaterTakesNothingBack) {
  Replica replica = leader(Durability::written);
  replica.on_written(Offset{12});
  replica.set_durability(Durability::flushed);
  EXPECT_EQ(replica.high_watermark(), Offset{12});
}

TEST(Replica, FencesOlderAndNewerEpochs) {
  const Replica replica = leader(Durability::written, LeaderEpoch{3});
  EXPECT_EQ(replica.fence(LeaderEpoch{3}), ReplicaVerdict::served);
  EXPECT_EQ(replica.fence(kNoLeaderEpoch), ReplicaVerdict::served);
  EXPECT_EQ(replica.fence(LeaderEpoch{2}), ReplicaVerdict::fenced_leader_epoch);
  EXPECT_EQ(replica.fence(LeaderEpoch{4}), ReplicaVerdict::unknown_leader_epoch);
}

TEST(Replica, AcknowledgesByOffsetAndEpochNeverByOffsetAlone) {
  Replica replica = leader(Durability::flushed, LeaderEpoch{3});
  replica.on_written(Offset{12});
  EXPECT_FALSE(replica.acknowledges(Offset{12}, LeaderEpoch{3}).has_value()) << "not yet";
  replica.become_leader(LeaderEpoch{4});
  replica.on_flushed(Offset{12});
  EXPECT_EQ(replica.acknowledges(Offset{12}, LeaderEpoch{3}), ReplicaVerdict::not_leader_or_follower);
  EXPECT_EQ(replica.acknowledges(Offset{12}, LeaderEpoch{4}), ReplicaVerdict::served);
}

TEST(Replica, TheLogsStartRisesAndNeverFalls) {
  Replica replica = leader(Durability::written);
  EXPECT_TRUE(replica.on_log_start(Offset{6}));
  EXPECT_FALSE(replica.on_log_start(Offset{5}));
  EXPECT_EQ(replica.log_start_offset(), Offset{6});
}

TEST(Replica, TheLastStableOffsetStopsAtTheFirstOpenTransaction) {
  Replica replica = leader(Durability::written);
  ProducerTable producers;
  EXPECT_EQ(replica.last_stable_offset(producers), Offset{10});
  producers.apply({.producer_id = ProducerId{1},
                   .epoch = ProducerEpoch{0},
                   .first_sequence = Sequence{0},
                   .last_sequence = Sequence{0},
                   .offset_delta = 0,
                   .timestamp = WallTime{1},
                   .is_transactional = true},
                  Offset{4});
  EXPECT_EQ(replica.last_stable_offset(producers), Offset{4});
}

}  // namespace
}  // namespace gregor::replica
