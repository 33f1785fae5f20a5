// A follower: it asks where its own log ends, cuts by epochs, and takes only the answer to its last request.
#include <gtest/gtest.h>

#include "replica/replica.h"

namespace gregor::replica {
namespace {

using Kind = FollowerStep::Kind;

constexpr NodeId kL{0};
constexpr NodeId kF{1};

PartitionState led_in(int epoch) {
  return {.leader = kL,
          .leader_epoch = LeaderEpoch{epoch},
          .partition_epoch = PartitionEpoch{epoch},
          .replicas = {kL, kF},
          .isr = {kL, kF}};
}

/// Follows in epoch 3 with [0, 10), high watermark 4.
class ReplicaFollows : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(replica_.apply(led_in(3), {}), RoleChange::follows); }
  FetchAnswer answer_to(const FollowerStep& asked) {
    return {.request = asked.request,
            .asked_in = asked.current_leader_epoch,
            .asked_offset = asked.offset,
            .high_watermark = Offset{20},
            .log_start = Offset{0},
            .base_offset = asked.offset};
  }

  Replica replica_{Offset{0}, Offset{10}, Offset{4}, Durability::written, {.self = kF}};
  std::vector<EpochEntry> history_{{LeaderEpoch{1}, Offset{0}}, {LeaderEpoch{2}, Offset{8}}};
};

TEST_F(ReplicaFollows, FetchesFromItsLogEndAndNeverCutsToItsHighWatermark) {
  const FollowerStep step = replica_.next_step(history_);
  EXPECT_EQ(step.kind, Kind::fetch);
  EXPECT_EQ(step.offset, Offset{10});
  EXPECT_EQ(step.last_fetched_epoch, LeaderEpoch{2});
  EXPECT_EQ(step.current_leader_epoch, LeaderEpoch{3});
}

TEST_F(ReplicaFollows, WhereFlushesAreAskedForItFetchesAfterTheFlush) {
  replica_.set_durability(Durability::flushed);
  replica_.on_written(Offset{12});
  EXPECT_EQ(replica_.next_step(history_).kind, Kind::none);
  replica_.on_flushed(Offset{12});
  EXPECT_EQ(replica_.next_step(history_).offset, Offset{12});
}

TEST_F(ReplicaFollows, ADivergingAnswerCutsTheLogAndMovesNoHighWatermark) {
  FetchAnswer answer = answer_to(replica_.next_step(history_));
  answer.diverging = EpochEnd{LeaderEpoch{1}, Offset{9}};
  const FollowerStep step = replica_.judge(answer, history_);
  EXPECT_EQ(step.kind, Kind::truncate);
  EXPECT_EQ(step.offset, Offset{8});
  EXPECT_EQ(replica_.high_watermark(), Offset{4});
  replica_.on_truncated(Offset{8});
  EXPECT_EQ(replica_.log_end_offset(), Offset{8});
}

TEST_F(ReplicaFollows, AnEpochItLedWithoutWritingIsCutThoughNoRecordIs) {
  history_.push_back({LeaderEpoch{3}, Offset{10}});
  FetchAnswer answer = answer_to(replica_.next_step(history_));
  answer.diverging = EpochEnd{LeaderEpoch{2}, Offset{10}};
  const FollowerStep step = replica_.judge(answer, history_);
  EXPECT_EQ(step.kind, Kind::truncate);
  EXPECT_EQ(step.offset, Offset{10});
}

TEST_F(ReplicaFollows, LearnsTheHighWatermarkAsFarAsItsLogGoes) {
  FetchAnswer answer = answer_to(replica_.next_step(history_));
  answer.log_start = Offset{6};
  ASSERT_EQ(replica_.judge(answer, history_).kind, Kind::append);
  replica_.on_written(Offset{13});
  EXPECT_TRUE(replica_.on_replicated(answer));
  EXPECT_EQ(replica_.high_watermark(), Offset{13});
  EXPECT_EQ(replica_.readable_end(), Offset{13});
}

TEST_F(ReplicaFollows, TakesTheLeadersLogStartOnlyWhenItIsToldThatItIsDurable) {
  FetchAnswer answer = answer_to(replica_.next_step(history_));
  answer.log_start = Offset{6};
  EXPECT_EQ(replica_.log_start_to_follow(answer), Offset{0}) << "it is not known yet to agree with the leader";
  ASSERT_EQ(replica_.judge(answer, history_).kind, Kind::append);
  replica_.on_written(Offset{13});
  replica_.on_replicated(answer);
  EXPECT_EQ(replica_.log_start_to_follow(answer), Offset{6});
  EXPECT_EQ(replica_.log_start_offset(), Offset{0});
  EXPECT_TRUE(replica_.on_log_start(Offset{6}));
  answer.log_start = Offset{3};
  EXPECT_EQ(replica_.log_start_to_follow(answer), Offset{6}) << "never back";
}

TEST_F(ReplicaFollows, ALateAnswerIsNotTaken) {
  const FetchAnswer first = answer_to(replica_.next_step(history_));
  const FetchAnswer second = answer_to(replica_.next_step(history_));
  EXPECT_EQ(replica_.judge(first, history_).kind, Kind::none) << "a later request is under way";
  EXPECT_EQ(replica_.judge(second, history_).kind, Kind::append);
  replica_.on_written(Offset{12});
  EXPECT_EQ(replica_.judge(second, history_).kind, Kind::none) << "its records stand there already";
  const FetchAnswer third = answer_to(replica_.next_step(history_));
  replica_.apply(led_in(4), {});
  EXPECT_EQ(replica_.judge(third, history_).kind, Kind::none) << "asked in another epoch";
}

TEST_F(ReplicaFollows, OutOfRangeBelowTheLeadersLogItStartsOver) {
  FetchAnswer answer = answer_to(replica_.next_step(history_));
  answer.verdict = ReplicaVerdict::offset_out_of_range;
  const FollowerStep ask = replica_.judge(answer, history_);
  ASSERT_EQ(ask.kind, Kind::ask_range);
  const FollowerStep step = replica_.judge(
      {.request = ask.request, .asked_in = LeaderEpoch{3}, .log_start = Offset{15}, .log_end = Offset{20}});
  EXPECT_EQ(step.kind, Kind::start_over);
  EXPECT_EQ(step.offset, Offset{15});
  replica_.on_started_over(Offset{15});
  EXPECT_EQ(replica_.next_step({}).offset, Offset{15});
  EXPECT_EQ(replica_.high_watermark(), Offset{15});
}

TEST_F(ReplicaFollows, AnAnswerFromBelowTheLeadersLogIsAbsurd) {
  FetchAnswer answer = answer_to(replica_.next_step(history_));
  answer.log_start = Offset{15};
  answer.diverging = EpochEnd{LeaderEpoch{1}, Offset{9}};
  EXPECT_EQ(replica_.judge(answer, history_).kind, Kind::none);
}

TEST_F(ReplicaFollows, ServesConsumersThatMayReadFromAnyReplica) {
  EXPECT_EQ(replica_.fence(LeaderEpoch{3}, AnsweredBy::any_replica), ReplicaVerdict::served);
  EXPECT_EQ(replica_.fence(LeaderEpoch{3}, AnsweredBy::leader), ReplicaVerdict::not_leader_or_follower);
  EXPECT_EQ(replica_.readable_end(), Offset{4});
}

}  // namespace
}  // namespace gregor::replica
