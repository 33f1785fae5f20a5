// What one partition's lane sends and when: batches, sequences, ids. Seen from the broker, which notes what arrives.
#include "client/producer_lane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/client/support/small_world.h"

namespace gregor::client {
namespace {

using test::ProduceFault;
using test::SmallWorld;

OutgoingRecord record_of(const std::string& value) {
  OutgoingRecord record;
  record.topic = "orders";
  record.partition = PartitionIndex{0};
  record.value = bytes_of(value);
  return record;
}

/// Sends `count` records without waiting; failures are counted.
void send(env::Fiber& self, Producer& producer, int count, int* failures = nullptr) {
  for (int i = 0; i < count; ++i) {
    producer.send(self, record_of("v" + std::to_string(i)), [failures](const Delivery& delivery) {
      if (delivery) return;
      failures != nullptr ? void(++*failures) : void(ADD_FAILURE() << delivery.error().to_text());
    });
  }
}

struct ProducerLane : testing::Test {
  ProducerLane() { w.broker.add_topic("orders", 1); }
  /// The first sequence of each batch that arrived, in order.
  [[nodiscard]] std::vector<std::int32_t> sequences() const {
    std::vector<std::int32_t> all;
    for (const auto& batch : w.broker.arrived) all.push_back(batch.base_sequence.value());
    return all;
  }
  void refuse(int which, wire::ErrorCode code) {
    w.broker.next_fault = [asked = 0, which, code]() mutable {
      return ++asked == which ? ProduceFault{ProduceFault::refuse, code} : ProduceFault{};
    };
  }
  SmallWorld w;
};

ProducerSettings small_batches() {
  ProducerSettings settings;
  settings.batch_bytes = 100;
  return settings;
}

TEST_F(ProducerLane, ABatchWaitsForCompanyAsLongAsItMayLinger) {
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings;
    settings.linger = Milliseconds(50);
    Producer producer(cluster, settings);
    const MonotonicTime before = cluster.shard().clock.now();
    send(self, producer, 3);
    env::sleep_for(self, cluster.shard().clock, Milliseconds(40));
    EXPECT_TRUE(w.broker.arrived.empty());
    send(self, producer, 2);
    while (producer.unreported() > 0) env::sleep_for(self, cluster.shard().clock, Milliseconds(1));
    EXPECT_GE(cluster.shard().clock.now() - before, Milliseconds(50));
  });
  ASSERT_EQ(w.broker.arrived.size(), 1U);
  EXPECT_EQ(w.broker.arrived[0].record_count, 5);
}

TEST_F(ProducerLane, AFullBatchAndAFlushDoNotWait) {
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings = small_batches();
    settings.linger = std::chrono::minutes(10);
    Producer producer(cluster, settings);
    const MonotonicTime before = cluster.shard().clock.now();
    send(self, producer, 100);
    env::sleep_for(self, cluster.shard().clock, Milliseconds(100));
    EXPECT_GT(w.broker.arrived.size(), 5U) << "full ones went";
    EXPECT_GT(producer.unreported(), 0U) << "the last is not full";
    producer.flush(self);
    EXPECT_LT(cluster.shard().clock.now() - before, std::chrono::seconds(1));
  });
}

TEST_F(ProducerLane, SequencesCountRecordsWithoutGapUnderOneId) {
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, small_batches());
    send(self, producer, 100);
    producer.flush(self);
  });
  std::int32_t next = 0;
  for (const auto& batch : w.broker.arrived) {
    EXPECT_EQ(batch.base_sequence, Sequence{next});
    EXPECT_EQ(batch.producer_id, w.broker.arrived[0].producer_id);
    EXPECT_EQ(batch.acks, -1);
    next += batch.record_count;
  }
  EXPECT_EQ(next, 100);
}

TEST_F(ProducerLane, WithoutIdempotenceThereIsNoIdAndNoSequence) {
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings = small_batches();
    settings.idempotent = false;
    Producer producer(cluster, settings);
    send(self, producer, 30);
    producer.flush(self);
  });
  for (const auto& batch : w.broker.arrived) {
    EXPECT_EQ(batch.producer_id, kNoProducerId);
    EXPECT_EQ(batch.base_sequence, Sequence{-1});
  }
}

// A broker takes any first sequence of an id that it does not know. Were the second batch sent before the first is in
// the log, a refusal of the first alone would turn the two around.
TEST_F(ProducerLane, TheFirstBatchUnderAnIdGoesAlone) {
  w.broker.next_fault = [asked = 0]() mutable {
    return ++asked <= 3 ? ProduceFault{ProduceFault::refuse, wire::ErrorCode::not_enough_replicas} : ProduceFault{};
  };
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, small_batches());
    send(self, producer, 60);
    producer.flush(self);
  });
  const auto seen = sequences();
  ASSERT_GT(seen.size(), 5U);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], 0) << "three refusals, then the first again";
  EXPECT_GT(seen[4], 0);
}

TEST_F(ProducerLane, WhatIsSentAgainKeepsItsSequenceAndSoDoesWhatFollowsIt) {
  refuse(3, wire::ErrorCode::not_enough_replicas);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, small_batches());
    send(self, producer, 100);
    producer.flush(self);
  });
  const auto seen = sequences();
  const std::int32_t again = seen[2];
  EXPECT_EQ(std::count(seen.begin(), seen.end(), again), 2);
  EXPECT_TRUE(std::is_sorted(std::find(seen.begin() + 3, seen.end(), again), seen.end()))
      << "from the repetition on, in order";
  for (const auto& batch : w.broker.arrived) EXPECT_EQ(batch.producer_id, w.broker.arrived[0].producer_id);
  EXPECT_EQ(w.broker.values("orders", 0).size(), 100U);
}

TEST_F(ProducerLane, AfterAHoleInTheSequencesTheRestGoesUnderANewId) {
  refuse(3, wire::ErrorCode::message_too_large);
  int failures = 0;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, small_batches());
    send(self, producer, 100, &failures);
    producer.flush(self);
  });
  EXPECT_EQ(failures, w.broker.arrived[2].record_count) << "the refused batch, no other";
  const ProducerId first = w.broker.arrived.front().producer_id;
  const auto fresh = std::find_if(w.broker.arrived.begin(), w.broker.arrived.end(),
                                  [&](const auto& batch) { return batch.producer_id != first; });
  ASSERT_NE(fresh, w.broker.arrived.end());
  EXPECT_EQ(fresh->base_sequence, Sequence{0});
  EXPECT_EQ(w.broker.values("orders", 0).size(), 100U - static_cast<std::size_t>(failures));
}

// A batch whose answer was lost may stand in the log. Under another id the broker could not tell that it is the same.
TEST_F(ProducerLane, WhatMayHaveLandedIsNeverSentUnderAnotherId) {
  w.broker.next_fault = [asked = 0]() mutable {
    ++asked;
    if (asked == 2) return ProduceFault{ProduceFault::vanish_after};
    if (asked == 3) return ProduceFault{ProduceFault::refuse, wire::ErrorCode::invalid_record};
    return ProduceFault{};
  };
  int failures = 0;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, small_batches());
    send(self, producer, 60, &failures);
    producer.flush(self);
  });
  const auto values = w.broker.values("orders", 0);
  EXPECT_EQ(std::set<std::string>(values.begin(), values.end()).size(), values.size()) << "nothing stands twice";
  EXPECT_GT(failures, 0);
}

TEST_F(ProducerLane, ABatchThatNeverGotThroughFailsWhenItsTimeIsOver) {
  w.broker.next_fault = [] { return ProduceFault{ProduceFault::refuse, wire::ErrorCode::not_enough_replicas}; };
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings;
    settings.delivery_timeout = Milliseconds(3'000);
    Producer producer(cluster, settings);
    const MonotonicTime before = cluster.shard().clock.now();
    const Delivery delivery = producer.send_and_wait(self, record_of("v"));
    ASSERT_FALSE(delivery.has_value());
    EXPECT_EQ(delivery.error().fate, Fate::failed) << "each refusal said that nothing was written";
    const auto waited = cluster.shard().clock.now() - before;
    EXPECT_GE(waited, Milliseconds(2'000));
    EXPECT_LT(waited, Milliseconds(3'500));
  });
  EXPECT_GT(w.broker.arrived.size(), 3U);
}

TEST_F(ProducerLane, WaitsForAnIdAsLongAsThereIsNone) {
  w.broker.init_refusals = {wire::ErrorCode::coordinator_load_in_progress, wire::ErrorCode::coordinator_not_available};
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, {});
    EXPECT_TRUE(producer.send_and_wait(self, record_of("v")).has_value());
  });
  EXPECT_TRUE(w.broker.init_refusals.empty());
}

TEST_F(ProducerLane, ABufferThatIsFullLetsItsSendersWaitAndCancelledOnesGo) {
  w.broker.next_fault = [] { return ProduceFault{ProduceFault::swallow}; };
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings;
    settings.buffer_bytes_max = 200;
    settings.delivery_timeout = Milliseconds(2'500);
    Producer producer(cluster, settings);
    int reports = 0;
    bool took_it = false;
    const std::string half(80, 'x');
    for (int i = 0; i < 2; ++i) producer.send(self, record_of(half), [&](const Delivery&) { ++reports; });
    env::Fiber& waiting = cluster.shard().fibers.spawn("waits", [&](env::Fiber& fiber) {
      producer.send(fiber, record_of(half), [&](const Delivery&) { ADD_FAILURE() << "it was never taken"; });
      took_it = true;
    });
    env::sleep_for(self, cluster.shard().clock, Milliseconds(100));
    waiting.cancel();
    env::sleep_for(self, cluster.shard().clock, Milliseconds(100));
    EXPECT_FALSE(took_it);
    producer.flush(self);
    EXPECT_EQ(reports, 2);
    EXPECT_EQ(producer.unreported(), 0U);
  });
}

}  // namespace
}  // namespace gregor::client
