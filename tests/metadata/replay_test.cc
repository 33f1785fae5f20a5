// Batches and metadata transactions (KIP-868) into images.
#include "metadata/replay.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "metadata/delete_topics.h"
#include "metadata/producer_ids.h"
#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

RecordList topic(const char* name, std::uint64_t id) {
  RecordList records;
  records.add(wire::TopicRecord{.name = name, .topic_id = {1, id}}, 0);
  return records;
}
template <class Record>
RecordList just(const Record& record) {
  RecordList records;
  records.add(record, 0);
  return records;
}

TEST(Replay, NothingOfATransactionIsSeenBeforeItsEnd) {
  Replay replay;
  ASSERT_TRUE(replay.apply_batch(just(wire::BeginTransactionRecord{}).values(), Offset{0}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.apply_batch(topic("t", 1).values(), Offset{1}, LeaderEpoch{1}));
  EXPECT_FALSE(replay.take_change());
  ASSERT_TRUE(replay.apply_batch(just(wire::EndTransactionRecord{}).values(), Offset{2}, LeaderEpoch{1}));
  const auto change = replay.take_change();
  ASSERT_TRUE(change);
  EXPECT_NE(change->image->find_topic("t"), nullptr);
  EXPECT_EQ(change->image->offset(), Offset{2});
  EXPECT_EQ(change->delta->created_topics.size(), 1u);
}

TEST(Replay, NothingOfAnAbortedTransactionIsEverSeen) {
  Replay replay;
  ASSERT_TRUE(replay.apply_batch(topic("kept", 1).values(), Offset{0}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.apply_batch(just(wire::BeginTransactionRecord{}).values(), Offset{1}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.apply_batch(topic("t", 2).values(), Offset{2}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.apply_batch(just(wire::AbortTransactionRecord{}).values(), Offset{3}, LeaderEpoch{1}));
  const auto change = replay.take_change();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->image->find_topic("t"), nullptr);
  EXPECT_NE(change->image->find_topic("kept"), nullptr);
  EXPECT_EQ(change->delta->created_topics, (std::set<TopicId>{{1, 1}}));
  EXPECT_EQ(change->image->offset(), Offset{3});
}

TEST(Replay, ASnapshotReplacesAllAndTheChangeLeadsThereFromWhatWasShown) {
  Replay replay;
  ASSERT_TRUE(replay.apply_batch(topic("shown", 1).values(), Offset{0}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.take_change());
  ASSERT_TRUE(replay.apply_batch(topic("never_shown", 2).values(), Offset{1}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.apply_batch(just(wire::BeginTransactionRecord{}).values(), Offset{2}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.apply_batch(topic("open", 3).values(), Offset{3}, LeaderEpoch{1}));
  ASSERT_TRUE(replay.load_snapshot(topic("loaded", 4).values(), Offset{90}, LeaderEpoch{7}));
  EXPECT_FALSE(replay.in_transaction());
  const auto change = replay.take_change();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->image->offset(), Offset{90});
  EXPECT_EQ(change->image->epoch(), LeaderEpoch{7});
  EXPECT_EQ(change->image->topics().size(), 1U);
  EXPECT_EQ(change->delta->deleted_topics, (std::set<TopicId>{{1, 1}})) << "what was never shown is not taken back";
  EXPECT_EQ(change->delta->created_topics, (std::set<TopicId>{{1, 4}}));
  ASSERT_TRUE(replay.apply_batch(topic("next", 5).values(), Offset{91}, LeaderEpoch{7}));
  EXPECT_EQ(replay.take_change()->delta->created_topics, (std::set<TopicId>{{1, 5}}));
}

TEST(Replay, ASnapshotOfNothingThatIsKnownIsAnErrorAndChangesNothing) {
  Replay replay;
  ASSERT_TRUE(replay.apply_batch(topic("t", 1).values(), Offset{0}, LeaderEpoch{1}));
  EXPECT_FALSE(replay.load_snapshot(std::vector<ByteBuffer>{ByteBuffer(3)}, Offset{9}, LeaderEpoch{1}));
  EXPECT_EQ(replay.image().offset(), Offset{0});
  EXPECT_NE(replay.image().find_topic("t"), nullptr);
}

TEST(Replay, TransactionsThatDoNotPairAreCorrupt) {
  const auto refused = [](std::initializer_list<RecordList> batches) {
    Replay replay;
    Offset offset{0};
    for (const RecordList& batch : batches) {
      if (!replay.apply_batch(batch.values(), offset, LeaderEpoch{1})) return true;
      ++offset;
    }
    return false;
  };
  EXPECT_TRUE(refused({just(wire::BeginTransactionRecord{}), just(wire::BeginTransactionRecord{})}));
  EXPECT_TRUE(refused({just(wire::EndTransactionRecord{})}));
  EXPECT_TRUE(refused({just(wire::AbortTransactionRecord{})}));
}

TEST(Replay, EachChangeIsToldOnce) {
  Replay replay;
  EXPECT_FALSE(replay.take_change());
  replay.skip_batch(Offset{0}, LeaderEpoch{1});
  EXPECT_TRUE(replay.take_change()->delta->is_empty());
  EXPECT_FALSE(replay.take_change());
}

/// One decision of a drawn kind; its records.
RecordList decide(TestLog& log, int kind, int which) {
  const std::string name = "topic-" + std::to_string(which % 6);
  const NodeId broker{1 + which % 3};
  const BrokerRegistration* registration = log.image().find_broker(broker);
  switch (kind) {
    case 0:
    case 1:
      return decide_create_topics(log.image(), {.topics = {{.name = name, .num_partitions = 1 + which % 4}}},
                                  log.defaults, log.random)
          .records;
    case 2:
      return decide_delete_topics(log.image(), {.topics = {{.name = name}}}, true).records;
    case 3:
      return decide_fence_broker(log.image(), log.rules, broker, registration->epoch).value();
    case 4:
      return decide_unfence_broker(log.image(), log.rules, broker, registration->epoch).value();
    default:
      return decide_allocate_producer_ids(log.image(), broker, registration->epoch).value().records;
  }
}

/// What must hold of any image that decisions made.
void check_image(const Image& image) {
  std::size_t partitions = 0;
  for (const auto& [name, topic] : image.topics()) {
    RC_ASSERT(image.find_topic(topic->id) == topic.get());
    for (const auto& [index, partition] : topic->partitions) {
      ++partitions;
      const auto& isr = partition.isr;
      RC_ASSERT(!isr.empty() || !partition.eligible_leader_replicas.empty());  // who holds everything stays known
      if (partition.leader == kNoLeader) continue;
      RC_ASSERT(std::find(isr.begin(), isr.end(), partition.leader) != isr.end());  // R4
      RC_ASSERT(!image.find_broker(partition.leader)->fenced);                      // L1
    }
  }
  RC_ASSERT(partitions == image.partition_count());
}

// K3: the fold of the log is the image, whatever the batches were and however often the image was copied on the way.
RC_GTEST_PROP(ReplayProperty, AnyHistoryOfDecisionsFoldsToTheSameImageBatchByBatchOrAtOnce,
              (const std::vector<std::pair<unsigned, unsigned>>& history)) {
  TestLog log(3);
  std::vector<ByteBuffer> all;
  Replay again;
  const Image start = log.image();
  for (const auto& [kind, which] : history) {
    const RecordList records = decide(log, static_cast<int>(kind % 6), static_cast<int>(which % 1000));
    log.write(records);
    check_image(log.image());
    all.insert(all.end(), records.values().begin(), records.values().end());
  }
  Image folded = start;
  Delta delta;
  for (const ByteBuffer& value : all) RC_ASSERT(folded.apply(value, delta).has_value());
  RC_ASSERT(folded.to_text() == log.image().to_text());
  RC_ASSERT(folded.hash() == log.image().hash());
  RC_CLASSIFY(folded.topics().size() > 2, "several topics");
}

// The delta names every topic and partition that differs between two images.
RC_GTEST_PROP(ReplayProperty, ADeltaLeadsFromTheImageBeforeToTheImageAfter,
              (const std::vector<std::pair<unsigned, unsigned>>& history)) {
  TestLog log(3);
  const Image before = log.image();
  RecordList records;
  Replay replay;
  for (const auto& [kind, which] : history) {
    const RecordList more = decide(log, static_cast<int>(kind % 6), static_cast<int>(which % 1000));
    log.write(more);
    records.append(more);
  }
  Image after = before;
  Delta delta;
  for (const ByteBuffer& value : records.values()) RC_ASSERT(after.apply(value, delta).has_value());
  for (const auto& [id, topic] : before.topics_by_id()) {
    RC_ASSERT((after.find_topic(id) == nullptr) == delta.deleted_topics.contains(id));
  }
  for (const auto& [id, topic] : after.topics_by_id()) {
    RC_ASSERT((before.find_topic(id) == nullptr) == delta.created_topics.contains(id));
    for (const auto& [index, partition] : topic->partitions) {
      const Partition* then = before.find_partition(id, index);
      if (then != nullptr && *then == partition) continue;
      RC_ASSERT(delta.partitions.at(id).contains(index));
    }
  }
}

}  // namespace
}  // namespace gregor::metadata
