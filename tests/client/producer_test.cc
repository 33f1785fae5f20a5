// What a producer promises while links and brokers fail: in order, once, and the truth about each record.
// Method: a fake broker in the simulated world, which ends connections and refuses requests as the test says.
#include "client/producer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/client/support/small_world.h"

namespace gregor::client {
namespace {

using test::ProduceFault;
using test::SmallWorld;

struct Told {
  std::map<std::string, Delivery> by_value;
  int reports = 0;
};

OutgoingRecord record_to(PartitionIndex partition, const std::string& value) {
  OutgoingRecord record;
  record.topic = "orders";
  record.partition = partition;
  record.value = bytes_of(value);
  return record;
}

void send_all(env::Fiber& self, Producer& producer, int count, Told& told, int partitions = 1) {
  for (int i = 0; i < count; ++i) {
    const std::string value = "v" + std::to_string(i);
    producer.send(self, record_to(PartitionIndex{i % partitions}, value), [&told, value](const Delivery& delivery) {
      told.by_value.insert_or_assign(value, delivery);
      ++told.reports;
    });
  }
  producer.flush(self);
}

/// Every acknowledged record stands once, at its offset; every failed one nowhere.
void expect_told_the_truth(SmallWorld& w, const Told& told, int partitions = 1) {
  std::map<std::string, int> seen;
  for (int p = 0; p < partitions; ++p) {
    const auto values = w.broker.values("orders", p);
    for (std::size_t at = 0; at < values.size(); ++at) {
      ++seen[values[at]];
      const Delivery& delivery = told.by_value.at(values[at]);
      if (delivery) {
        EXPECT_EQ(delivery->offset.value(), static_cast<std::int64_t>(at)) << values[at];
      }
    }
  }
  for (const auto& [value, delivery] : told.by_value) {
    if (delivery) {
      EXPECT_EQ(seen[value], 1) << value << " was acknowledged";
    } else if (delivery.error().fate == Fate::failed) {
      EXPECT_EQ(seen[value], 0) << value << " had failed for sure";
    } else {
      EXPECT_LE(seen[value], 1) << value;
    }
  }
}

void expect_in_order(std::vector<std::string> values) {
  std::vector<int> numbers;
  for (const std::string& value : values) numbers.push_back(std::stoi(value.substr(1)));
  EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
}

ProducerSettings small_batches() {
  ProducerSettings settings;
  settings.batch_bytes = 100;
  settings.linger = Milliseconds(1);
  return settings;
}

TEST(Producer, DeliversInOrderWithTheOffsetsOfTheLog) {
  for (const auto codec :
       {record::Codec::none, record::Codec::gzip, record::Codec::snappy, record::Codec::lz4, record::Codec::zstd}) {
    SmallWorld w;
    w.broker.add_topic("orders", 3);
    Told told;
    w.run([&](env::Fiber& self, Cluster& cluster) {
      ProducerSettings settings = small_batches();
      settings.codec = codec;
      Producer producer(cluster, settings);
      send_all(self, producer, 300, told, 3);
      EXPECT_EQ(producer.unreported(), 0U);
    });
    EXPECT_EQ(told.reports, 300);
    for (const auto& [value, delivery] : told.by_value) EXPECT_TRUE(delivery.has_value()) << value;
    expect_told_the_truth(w, told, 3);
  }
}

TEST(Producer, ARetryAfterALostAnswerIsNoDuplicateAndGetsTheFirstOffset) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.next_fault = [first = true]() mutable {
    return ProduceFault{std::exchange(first, false) ? ProduceFault::vanish_after : ProduceFault::none};
  };
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, {});
    const Delivery delivery = producer.send_and_wait(self, record_to(PartitionIndex{0}, "v0"));
    ASSERT_TRUE(delivery.has_value()) << delivery.error().to_text();
    EXPECT_EQ(delivery->offset, Offset{0});
  });
  EXPECT_EQ(w.broker.values("orders", 0), std::vector<std::string>{"v0"});
  EXPECT_EQ(w.broker.produce_asked, 2);
}

TEST(Producer, UnderRandomFaultsStaysInOrderOnceAndTruthful) {
  int with_unknown = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SmallWorld w(seed);
    w.broker.add_topic("orders", 2);
    RandomStream random(seed);
    w.broker.next_fault = [&random] {
      const auto drawn = random.below(10);
      if (drawn == 0) return ProduceFault{ProduceFault::vanish_before};
      if (drawn == 1) return ProduceFault{ProduceFault::vanish_after};
      if (drawn == 2) return ProduceFault{ProduceFault::refuse, wire::ErrorCode::not_enough_replicas};
      if (drawn == 3) return ProduceFault{ProduceFault::refuse, wire::ErrorCode::message_too_large};
      return ProduceFault{};
    };
    Told told;
    w.run([&](env::Fiber& self, Cluster& cluster) {
      Producer producer(cluster, small_batches());
      send_all(self, producer, 200, told, 2);
    });
    EXPECT_EQ(told.reports, 200);
    expect_told_the_truth(w, told, 2);
    for (int p = 0; p < 2; ++p) expect_in_order(w.broker.values("orders", p));
    with_unknown += std::any_of(told.by_value.begin(), told.by_value.end(),
                                [](const auto& t) { return !t.second && t.second.error().fate == Fate::unknown; });
  }
  EXPECT_GT(with_unknown, 0) << "the faults never left a record in doubt: they test too little";
}

TEST(Producer, ABrokerThatCrashesAndComesBackLosesNothingThatWasAcknowledged) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SmallWorld w(seed);
    w.broker.add_topic("orders", 1);
    for (int i = 1; i <= 5; ++i) {
      w.world.after(Milliseconds(i * 40), [&w] { w.world.crash(w.broker_node); });
      w.world.after(Milliseconds(i * 40 + 15), [&w] { w.world.restart(w.broker_node); });
    }
    Told told;
    w.run([&](env::Fiber& self, Cluster& cluster) {
      Producer producer(cluster, small_batches());
      for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 20; ++i) {
          const std::string value = "v" + std::to_string(round * 20 + i);
          producer.send(self, record_to(PartitionIndex{0}, value),
                        [&told, value](const Delivery& delivery) { told.by_value.insert_or_assign(value, delivery); });
        }
        env::sleep_for(self, cluster.shard().clock, Milliseconds(25));
      }
      producer.flush(self);
    });
    EXPECT_EQ(told.by_value.size(), 200U);
    for (const auto& [value, delivery] : told.by_value) EXPECT_TRUE(delivery.has_value()) << value;
    expect_told_the_truth(w, told);
    expect_in_order(w.broker.values("orders", 0));
  }
}

TEST(Producer, WhatIsRefusedForGoodFailsForSureAndTheRestGoesOn) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.next_fault = [asked = 0]() mutable {
    return ++asked == 2 ? ProduceFault{ProduceFault::refuse, wire::ErrorCode::message_too_large} : ProduceFault{};
  };
  Told told;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, small_batches());
    send_all(self, producer, 100, told);
  });
  const auto failures =
      std::count_if(told.by_value.begin(), told.by_value.end(), [](const auto& t) { return !t.second; });
  EXPECT_GT(failures, 0);
  EXPECT_LT(failures, 10) << "one batch";
  expect_told_the_truth(w, told);
  expect_in_order(w.broker.values("orders", 0));
}

TEST(Producer, NothingIsDeliveredInTimeWhereNobodyAnswersAndTheOutcomeIsUnknown) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.next_fault = [] { return ProduceFault{ProduceFault::swallow}; };
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings;
    settings.delivery_timeout = Milliseconds(5'000);
    Producer producer(cluster, settings);
    const MonotonicTime before = cluster.shard().clock.now();
    const Delivery delivery = producer.send_and_wait(self, record_to(PartitionIndex{0}, "v0"));
    ASSERT_FALSE(delivery.has_value());
    EXPECT_EQ(delivery.error().fate, Fate::unknown);
    EXPECT_LT(cluster.shard().clock.now() - before, std::chrono::seconds(10));
  });
}

TEST(Producer, ARecordThatNeverLeftFailsForSure) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.world.crash(w.broker_node);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings;
    settings.delivery_timeout = Milliseconds(3'000);
    Producer producer(cluster, settings);
    const Delivery delivery = producer.send_and_wait(self, record_to(PartitionIndex{0}, "v0"));
    ASSERT_FALSE(delivery.has_value());
    EXPECT_EQ(delivery.error().fate, Fate::failed);
  });
}

TEST(Producer, WithoutAcksReportsAtTheWriteAndKnowsNoOffset) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings;
    settings.acks = 0;
    settings.idempotent = false;
    Producer producer(cluster, settings);
    const Delivery delivery = producer.send_and_wait(self, record_to(PartitionIndex{0}, "v0"));
    ASSERT_TRUE(delivery.has_value());
    EXPECT_EQ(delivery->offset, kNoOffset);
    env::sleep_for(self, cluster.shard().clock, Milliseconds(100));
  });
  EXPECT_EQ(w.broker.values("orders", 0), std::vector<std::string>{"v0"});
}

TEST(Producer, ThatIsDestroyedReportsEveryRecordOnce) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.broker.next_fault = [] { return ProduceFault{ProduceFault::swallow}; };
  Told told;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, small_batches());
    for (int i = 0; i < 50; ++i) {
      const std::string value = "v" + std::to_string(i);
      producer.send(self, record_to(PartitionIndex{0}, value), [&told, value](const Delivery& delivery) {
        EXPECT_FALSE(delivery.has_value());
        told.by_value.insert_or_assign(value, delivery);
        ++told.reports;
      });
      if (i == 25) env::sleep_for(self, cluster.shard().clock, Milliseconds(200));
    }
  });
  EXPECT_EQ(told.reports, 50);
  EXPECT_EQ(told.by_value.at("v0").error().fate, Fate::unknown);
  EXPECT_EQ(told.by_value.at("v49").error().fate, Fate::failed);
}

TEST(Producer, WaitsWhereItsBufferIsFullAndRefusesWhatNeverFits) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  Told told;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    ProducerSettings settings = small_batches();
    settings.buffer_bytes_max = 400;
    settings.record_bytes_max = 300;
    Producer producer(cluster, settings);
    const std::string huge(301, 'x');
    const Delivery refused = producer.send_and_wait(self, record_to(PartitionIndex{0}, huge));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error.code, Errc::limit);
    send_all(self, producer, 200, told);
  });
  EXPECT_EQ(w.broker.values("orders", 0).size(), 200U);
}

TEST(Producer, PlacesKeysAsJavaDoesAndKeylessRecordsAnywhere) {
  SmallWorld w;
  w.broker.creates_topics = true;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Producer producer(cluster, {});
    OutgoingRecord record;
    record.topic = "orders";
    record.value = bytes_of("v");
    record.key = bytes_of("123456789");  // murmur2 -1822237082: partition 0 of 3
    const Delivery keyed = producer.send_and_wait(self, record);
    ASSERT_TRUE(keyed.has_value()) << keyed.error().to_text();
    EXPECT_EQ(keyed->partition, PartitionIndex{0});
    record.key.reset();
    std::set<PartitionIndex> places;
    for (int i = 0; i < 40; ++i) places.insert(producer.send_and_wait(self, record)->partition);
    EXPECT_EQ(places.size(), 3U);
  });
}

}  // namespace
}  // namespace gregor::client
