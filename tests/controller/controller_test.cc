// The controller on a simulated node: one decision after the other, each committed before it is told of.
#include "controller/controller.h"

#include <gtest/gtest.h>

#include <set>

#include "metadata/record_list.h"
#include "tests/controller/support/home.h"
#include "wire/metadata_records.h"

namespace gregor::controller {
namespace {

using wire::ErrorCode;

std::shared_ptr<sim::DiskImage> new_disk() {
  return std::make_shared<sim::DiskImage>();
}
/// Runs one life on one shard to its clean end.
void live(const std::shared_ptr<sim::DiskImage>& disk, NodeLife::Body body) {
  NodeLife life(disk, 1, std::move(body));
  life.to_end();
  ASSERT_TRUE(life.started) << why(life.started);
  EXPECT_TRUE(life.stopped) << why(life.stopped);
}

TEST(Controller, ANewClusterHoldsItsFeaturesAndNothingElse) {
  live(new_disk(), [](env::Fiber&, const Seat& seat) {
    const auto& image = *seat.feed.image();
    EXPECT_EQ(image.feature_level(metadata::kMetadataVersion), metadata::kMetadataVersionLatest);
    EXPECT_EQ(image.features().size(), metadata::features_of_a_new_cluster().size());
    EXPECT_TRUE(image.topics().empty());
    EXPECT_TRUE(image.brokers().empty());
  });
}

TEST(Controller, AReplyLeavesWhenItsRecordsAreDurableAndTheAskersShardShowsThem) {
  const auto disk = new_disk();
  int asked = 0;
  NodeLife life(disk, 3, [&](env::Fiber& self, const Seat& seat) {
    if (seat.shard.mailbox.self() == ShardId{0}) seat.serve(self);
    while (seat.feed.image()->brokers().empty()) env::sleep_for(self, seat.shard.clock, Milliseconds(1));
    for (int topic = 0; topic < 5; ++topic) {
      const std::string name = "t" + std::to_string(topic) + "-of-" + std::to_string(seat.shard.mailbox.self().value());
      const auto created = seat.create(self, name);
      ASSERT_TRUE(created) << why(created);
      ASSERT_EQ(created->at(0).error, ErrorCode::none);
      const metadata::Topic* shown = seat.feed.image()->find_topic(name);
      ASSERT_NE(shown, nullptr) << "shown before the reply";
      EXPECT_EQ(shown->id, created->at(0).id);
      EXPECT_NE(durable_image(*disk).find_topic(name), nullptr) << "durable before the reply";
      ++asked;
    }
  });
  life.to_end();
  EXPECT_EQ(asked, 15);
  EXPECT_EQ(image_after_restart(disk).topics().size(), 15U);
}

TEST(Controller, OfManyWhoCreateOneTopicOneSucceeds) {
  const auto disk = new_disk();
  std::multiset<ErrorCode> answers;
  NodeLife life(
      disk, 4,
      [&](env::Fiber& self, const Seat& seat) {
        if (seat.shard.mailbox.self() == ShardId{0}) seat.serve(self);
        while (seat.feed.image()->brokers().empty()) env::sleep_for(self, seat.shard.clock, Milliseconds(1));
        answers.insert(seat.create(self, "wanted")->at(0).error);
      },
      7);
  life.to_end();
  EXPECT_EQ(answers, (std::multiset<ErrorCode>{ErrorCode::none, ErrorCode::topic_already_exists,
                                               ErrorCode::topic_already_exists, ErrorCode::topic_already_exists}));
}

TEST(Controller, DeletedTopicsAreGoneAndMayComeBackUnderAnotherId) {
  live(new_disk(), [](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    const TopicId first = seat.create(self, "t")->at(0).id;
    const auto deleted = seat.controller.delete_topics(self, seat.feed, {.topics = {{.name = "t"}, {.name = "none"}}});
    ASSERT_TRUE(deleted) << why(deleted);
    EXPECT_EQ(deleted->at(0).error, ErrorCode::none);
    EXPECT_EQ(deleted->at(1).error, ErrorCode::unknown_topic_or_partition);
    EXPECT_TRUE(seat.feed.image()->topics().empty());
    EXPECT_NE(seat.create(self, "t")->at(0).id, first);
  });
}

TEST(Controller, WhatIsOnlyValidatedOrRefusedWritesNothing) {
  const auto disk = new_disk();
  live(disk, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    const Offset before = seat.feed.image()->offset();
    const std::uint64_t bytes_before = disk->checksum();
    const auto validated =
        seat.controller.create_topics(self, seat.feed, {.topics = {{.name = "t"}}, .validate_only = true});
    EXPECT_EQ(validated->at(0).error, ErrorCode::none);
    EXPECT_EQ(seat.create(self, "no such name!")->at(0).error, ErrorCode::invalid_topic_exception);
    EXPECT_EQ(seat.feed.image()->offset(), before);
    EXPECT_EQ(disk->checksum(), bytes_before);
  });
}

// KIP-730, INVARIANTS 45: no id is given out twice, whoever asks and whatever happens in between.
TEST(Controller, ProducerIdsAreNeverGivenTwiceAcrossShardsLivesAndPowerLosses) {
  const auto disk = new_disk();
  std::set<std::int64_t> firsts;
  for (std::uint64_t life_number = 1; life_number <= 4; ++life_number) {
    NodeLife life(
        disk, 2,
        [&](env::Fiber& self, const Seat& seat) {
          if (seat.shard.mailbox.self() == ShardId{0}) seat.serve(self, life_number);
          const auto is_serving = [&] {
            const auto* broker = seat.feed.image()->find_broker(kBroker);
            return broker != nullptr && broker->incarnation_id.low == life_number;
          };
          while (!is_serving()) env::sleep_for(self, seat.shard.clock, Milliseconds(1));
          for (;;) {
            const auto block = seat.controller.allocate_producer_ids(self, seat.feed, kBroker,
                                                                     seat.feed.image()->find_broker(kBroker)->epoch);
            ASSERT_TRUE(block) << why(block);
            EXPECT_EQ(block->count, metadata::kProducerIdBlockSize);
            EXPECT_EQ(block->first % metadata::kProducerIdBlockSize, 0);
            EXPECT_TRUE(firsts.insert(block->first).second) << block->first << " in life " << life_number;
          }
        },
        life_number);
    life.world.run_until([&] { return firsts.size() >= 6 * life_number; });
    life.world.lose_power(0);
  }
}

TEST(Controller, IdsAreForBrokersThatAreRegisteredUnderTheirPresentEpoch) {
  live(new_disk(), [](env::Fiber& self, const Seat& seat) {
    const auto nobody = seat.controller.allocate_producer_ids(self, seat.feed, NodeId{8}, BrokerEpoch{1});
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, Errc::not_found);
    const BrokerEpoch epoch = seat.serve(self);
    const auto former = seat.controller.allocate_producer_ids(self, seat.feed, kBroker, epoch + -1);
    ASSERT_FALSE(former);
    EXPECT_EQ(former.error().code, Errc::stale);
  });
}

// KIP-380, KAFKA-7235.
TEST(Controller, ASecondIncarnationIsRefusedInTheSameLifeAndTakenInTheNext) {
  const auto disk = new_disk();
  BrokerEpoch first{-1};
  live(disk, [&](env::Fiber& self, const Seat& seat) {
    first = seat.serve(self, 1);
    const auto other = seat.enter(self, 2);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, Errc::exists);
    EXPECT_EQ(seat.feed.image()->find_broker(kBroker)->epoch, first);
  });
  live(disk, [&](env::Fiber& self, const Seat& seat) {
    const auto second = seat.enter(self, 2);
    ASSERT_TRUE(second) << why(second);
    EXPECT_GT(*second, first);
    EXPECT_EQ(second->value(), seat.feed.image()->offset().value()) << "the offset of its record";
    EXPECT_TRUE(seat.feed.image()->find_broker(kBroker)->fenced) << "until it says that it serves";
  });
}

TEST(Controller, ABrokerOfAnotherClusterIsRefused) {
  live(new_disk(), [](env::Fiber& self, const Seat& seat) {
    const auto refused = seat.controller.register_broker(
        self, seat.feed, {.id = kBroker, .incarnation_id = {1, 1}, .cluster_id = "another"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_TRUE(seat.feed.image()->brokers().empty());
  });
}

TEST(Controller, AFencedBrokerLeadsNothingAndLeadsInALaterEpochWhenItServesAgain) {
  live(new_disk(), [](env::Fiber& self, const Seat& seat) {
    const BrokerEpoch epoch = seat.serve(self);
    const TopicId id = seat.create(self, "t")->at(0).id;
    const auto partition = [&] { return *seat.feed.image()->find_partition(id, PartitionIndex{0}); };
    EXPECT_EQ(partition().leader, kBroker);
    const LeaderEpoch led = partition().leader_epoch;
    ASSERT_TRUE(seat.controller.fence_broker(self, seat.feed, kBroker, epoch));
    EXPECT_TRUE(seat.feed.image()->find_broker(kBroker)->fenced);
    EXPECT_EQ(partition().leader, metadata::kNoLeader);
    ASSERT_TRUE(seat.controller.unfence_broker(self, seat.feed, kBroker, epoch));
    EXPECT_EQ(partition().leader, kBroker);
    EXPECT_GT(partition().leader_epoch, led);
    const auto stale = seat.controller.fence_broker(self, seat.feed, kBroker, epoch + 1);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, Errc::stale);
    const auto nobody = seat.controller.unfence_broker(self, seat.feed, NodeId{9}, epoch);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, Errc::not_found);
  });
}

// K3.
TEST(Controller, ARestartReplaysToTheSameImageAfterACleanEndAndAfterAKill) {
  for (const bool is_clean : {true, false}) {
    const auto disk = new_disk();
    Uuid before;
    Offset end;
    NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
      const BrokerEpoch epoch = seat.serve(self);
      for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(seat.create(self, name));
      ASSERT_TRUE(seat.controller.delete_topics(self, seat.feed, {.topics = {{.name = "b"}}}));
      ASSERT_TRUE(seat.controller.allocate_producer_ids(self, seat.feed, kBroker, epoch));
      before = seat.feed.image()->hash();
      end = seat.feed.image()->offset();
      while (!is_clean) self.park();
    });
    life.world.run_until([&] { return before != Uuid{} && (!is_clean || !life.world.is_alive(0)); });
    if (!is_clean) life.world.crash(0);
    const metadata::Image after = image_after_restart(disk);
    EXPECT_EQ(after.hash(), before);
    EXPECT_GT(after.offset(), end) << "the new epoch's own record";
    EXPECT_EQ(image_after_restart(disk).hash(), before);
  }
}

TEST(Controller, StopEndsWhatIsInFlightAndRefusesTheRest) {
  live(new_disk(), [](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    std::vector<Errc> refusals;
    int created = 0;
    int left = 6;
    env::WaitQueue done;
    for (int asker = 0; asker < 6; ++asker) {
      seat.shard.fibers.spawn("asker", [&, asker](env::Fiber& fiber) {
        const auto answer = seat.create(fiber, "t" + std::to_string(asker));
        if (answer) {
          EXPECT_EQ(answer->at(0).error, ErrorCode::none);
          ++created;
        } else {
          refusals.push_back(answer.error().code);
        }
        --left;
        done.wake_all();
      });
    }
    while (created == 0) env::sleep_for(self, seat.shard.clock, Milliseconds(1));
    ASSERT_TRUE(seat.controller.stop(self));
    while (left > 0) done.wait(self);
    EXPECT_EQ(seat.feed.image()->topics().size(), static_cast<std::size_t>(created)) << "answered as it is";
    for (const Errc refusal : refusals) EXPECT_EQ(refusal, Errc::closed);
    const auto late = seat.create(self, "late");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::closed);
  });
}

/// One asker, to be cancelled from outside, and what came of it.
struct CancelledAsker {
  env::Fiber* fiber = nullptr;  ///< while it runs
  bool has_begun = false;
  bool is_answered = false;
  env::WaitQueue over;

  void ask(env::Fiber& self, const Seat& seat) {
    struct Presence {
      CancelledAsker& asker;
      ~Presence() {
        asker.fiber = nullptr;
        asker.over.wake_all();
      }
    } const presence{*this};
    fiber = &self;
    has_begun = true;
    is_answered = seat.create(self, "asked").has_value();
  }
};

// Method: the asker is cancelled after each event of its request in turn. Whether its topic is made or not, the
// controller goes on, and what it shows is what its log says.
TEST(Controller, ADecisionEndsWholeWhenItsAskerIsCancelled) {
  int unanswered = 0;
  int made_unanswered = 0;
  bool was_cancelled = true;
  for (std::uint64_t events = 0; was_cancelled; ++events) {
    const auto disk = new_disk();
    CancelledAsker asker;
    NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
      seat.serve(self);
      seat.shard.fibers.spawn("asker", [&](env::Fiber& fiber) { asker.ask(fiber, seat); });
      while (!asker.has_begun || asker.fiber != nullptr) asker.over.wait(self);
      const auto next = seat.create(self, "next");
      ASSERT_TRUE(next) << why(next);
      EXPECT_EQ(next->at(0).error, ErrorCode::none);
      const bool is_made = seat.feed.image()->find_topic("asked") != nullptr;
      EXPECT_TRUE(is_made || !asker.is_answered);
      unanswered += !asker.is_answered;
      made_unanswered += is_made && !asker.is_answered;
      EXPECT_EQ(durable_image(*disk).hash(), seat.feed.image()->hash());
    });
    life.world.run_until([&] { return asker.has_begun; });
    life.world.run_until([&] { return asker.fiber == nullptr; }, {.events_max = events});
    was_cancelled = asker.fiber != nullptr;
    if (was_cancelled) asker.fiber->cancel();
    life.to_end();
  }
  EXPECT_GT(unanswered, 3);
  EXPECT_EQ(made_unanswered, unanswered) << "what was asked for goes on without its asker";
}

TEST(Controller, AFullDiskIsAnAnswerAndTheNextRequestMaySucceed) {
  const auto disk = new_disk();
  live(disk, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    disk->law().capacity_bytes = 1;
    const auto refused = seat.create(self, "t");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::no_space);
    EXPECT_TRUE(seat.feed.image()->topics().empty());
    disk->law().capacity_bytes = sim::kBoundlessBytes;
    EXPECT_EQ(seat.create(self, "t")->at(0).error, ErrorCode::none);
  });
}

// INVARIANTS 48.
TEST(Controller, AFailedFlushHaltsTheNodeAndNobodyIsAnswered) {
  const auto disk = new_disk();
  bool is_answered = false;
  NodeLife life(disk, 2, [&](env::Fiber& self, const Seat& seat) {
    if (seat.shard.mailbox.self() == ShardId{0}) seat.serve(self);
    while (seat.feed.image()->brokers().empty()) env::sleep_for(self, seat.shard.clock, Milliseconds(1));
    disk->law().sync_error = sim::kAlways;
    (void)seat.create(self, "t");
    is_answered = true;
  });
  life.world.run_until([&] { return !life.world.is_alive(0); });
  EXPECT_EQ(life.world.state(0), sim::NodeState::crashed);
  EXPECT_EQ(life.world.halts().size(), 1U);
  EXPECT_FALSE(is_answered);
}

/// Appended by who leads a quorum of one, without a controller.
void append_alone(const std::shared_ptr<sim::DiskImage>& disk, const metadata::RecordList& records) {
  quorum::on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    quorum::Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(life.node->append(self, records.values()));
  });
}

// KIP-868: who died in the middle never comes back to it.
TEST(Controller, ATransactionThatWasLeftOpenIsAbortedByTheNextController) {
  const auto disk = new_disk();
  metadata::RecordList records;
  records.add(wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 30}, 0);
  records.add(wire::BeginTransactionRecord{}, 0);
  records.add(wire::TopicRecord{.name = "half", .topic_id = Uuid{1, 2}}, 0);
  append_alone(disk, records);
  NodeLife life(disk, 1, [](env::Fiber& self, const Seat& seat) {
    EXPECT_EQ(seat.feed.image()->find_topic("half"), nullptr);
    seat.serve(self);
    EXPECT_TRUE(seat.create(self, "whole"));
  });
  life.to_end();
  ASSERT_TRUE(life.started) << why(life.started);
  const auto after = image_after_restart(disk);
  EXPECT_EQ(after.find_topic("half"), nullptr);
  EXPECT_NE(after.find_topic("whole"), nullptr);
}

TEST(Controller, AClusterWhoseFirstTransactionNeverEndedBeginsAnew) {
  const auto disk = new_disk();
  metadata::RecordList records;
  records.add(wire::BeginTransactionRecord{}, 0);
  records.add(wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 30}, 0);
  append_alone(disk, records);
  ASSERT_TRUE(disk->names().remove(std::string(kHome) + "/bootstrap.checkpoint", false)) << "it holds no real records";
  NodeLife life(disk, 1, [](env::Fiber&, const Seat& seat) {
    EXPECT_EQ(seat.feed.image()->feature_level("metadata.version"), metadata::kMetadataVersionLatest);
  });
  life.to_end();
  ASSERT_TRUE(life.started) << why(life.started);
}

TEST(Controller, AnOpenTransactionOfAVersionThatHasNoneIsRefused) {
  const auto disk = new_disk();
  metadata::RecordList records;
  records.add(wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 12}, 0);
  records.add(wire::BeginTransactionRecord{}, 0);
  append_alone(disk, records);
  NodeLife life(disk, 1, [](env::Fiber&, const Seat&) {});
  life.to_end();
  ASSERT_FALSE(life.started);
  EXPECT_EQ(life.started.error().code, Errc::unsupported);
}

// Method: the power fails after each few events of a life on two shards. What was answered is there in the next life,
// what was not is there whole or not at all.
TEST(Controller, APowerLossKeepsEveryAnsweredTopicWhole) {
  constexpr std::size_t kTopics = 3;
  std::size_t unanswered_kept = 0;
  for (std::uint64_t events = 10;; events += 7) {
    const auto disk = new_disk();
    std::set<std::string> answered;
    NodeLife life(
        disk, 2,
        [&](env::Fiber& self, const Seat& seat) {
          if (seat.shard.mailbox.self() == ShardId{0}) seat.serve(self);
          while (seat.feed.image()->brokers().empty()) env::sleep_for(self, seat.shard.clock, Milliseconds(1));
          for (std::size_t topic = 0; topic < kTopics; ++topic) {
            const std::string name = std::to_string(topic) + "-" + std::to_string(seat.shard.mailbox.self().value());
            const auto created = seat.create(self, name);
            if (created && created->at(0).error == ErrorCode::none) answered.insert(name);
          }
          while (true) self.park();
        },
        events);
    life.world.run_until([&] { return answered.size() == 2 * kTopics; }, {.events_max = events});
    const bool is_complete = answered.size() == 2 * kTopics;
    life.world.lose_power(0);
    const metadata::Image image = image_after_restart(disk);
    for (const std::string& name : answered) ASSERT_NE(image.find_topic(name), nullptr) << name << ", " << events;
    for (const auto& [name, topic] : image.topics()) EXPECT_EQ(topic->partitions.size(), 2U) << name;
    unanswered_kept += image.topics().size() - answered.size();
    if (is_complete) break;
  }
  EXPECT_GT(unanswered_kept, 0U) << "else the losses came at harmless moments only";
}

}  // namespace
}  // namespace gregor::controller
