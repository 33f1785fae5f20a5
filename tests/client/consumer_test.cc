// A consumer shows what stands in the log from its position on, each record once, and nothing whose checksum is wrong.
#include "client/consumer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/crc32c.h"
#include "client/producer.h"
#include "tests/client/support/small_world.h"

namespace gregor::client {
namespace {

using test::SmallWorld;

void fill(env::Fiber& self, Cluster& cluster, int count, int partitions, record::Codec codec = record::Codec::none) {
  ProducerSettings settings;
  settings.batch_bytes = 150;
  settings.codec = codec;
  Producer producer(cluster, settings);
  for (int i = 0; i < count; ++i) {
    const std::string value = std::to_string(i);
    OutgoingRecord record;
    record.topic = "orders";
    record.partition = PartitionIndex{i % partitions};
    record.value = bytes_of(value);
    producer.send(self, record, [](const Delivery& delivery) { EXPECT_TRUE(delivery.has_value()); });
  }
  producer.flush(self);
}

struct Seen {
  std::map<PartitionIndex, std::vector<std::int64_t>> offsets;
  UniqueFunction<void(const ConsumedRecord&)> visit = [this](const ConsumedRecord& shown) {
    offsets[shown.partition].push_back(shown.record.offset.value());
  };
};

TEST(Consumer, ShowsEveryRecordOfEveryPartitionOnceAndInOrder) {
  for (const std::int16_t version : {std::int16_t{4}, std::int16_t{12}, std::int16_t{18}}) {
    for (const auto codec : {record::Codec::none, record::Codec::snappy, record::Codec::zstd}) {
      SmallWorld w;
      w.broker.fetch_version_max = version;
      w.broker.add_topic("orders", 3);
      Seen seen;
      w.run([&](env::Fiber& self, Cluster& cluster) {
        fill(self, cluster, 300, 3, codec);
        ConsumerSettings settings;
        settings.partition_bytes_max = 500;
        Consumer consumer(cluster, settings);
        for (int p = 0; p < 3; ++p) consumer.assign("orders", PartitionIndex{p}, Offset{0});
        std::size_t shown = 0;
        while (shown < 300) shown += consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).value();
        EXPECT_EQ(consumer.high_watermark("orders", PartitionIndex{0}), Offset{100});
        EXPECT_EQ(consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).value(), 0U) << "the end";
      });
      for (int p = 0; p < 3; ++p) {
        const auto& offsets = seen.offsets[PartitionIndex{p}];
        ASSERT_EQ(offsets.size(), 100U);
        for (std::size_t i = 0; i < offsets.size(); ++i) EXPECT_EQ(offsets[i], static_cast<std::int64_t>(i));
      }
    }
  }
}

TEST(Consumer, BeginsInTheMiddleOfABatchWhereItsPositionIs) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  Seen seen;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 50, 1);
    Consumer consumer(cluster, {});
    consumer.assign("orders", PartitionIndex{0}, Offset{37});
    ASSERT_TRUE(consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).has_value());
    EXPECT_EQ(consumer.position("orders", PartitionIndex{0}), Offset{50});
  });
  EXPECT_EQ(seen.offsets[PartitionIndex{0}].front(), 37);
  EXPECT_EQ(seen.offsets[PartitionIndex{0}].size(), 13U);
}

TEST(Consumer, NeverShowsABatchWhoseChecksumIsWrongAndStaysBeforeIt) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  Seen seen;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 50, 1);
    auto& batches = w.broker.log("orders", 0).batches;
    ASSERT_GE(batches.size(), 3U);
    const Offset broken = batches[2].base;
    batches[2].bytes.back() ^= std::byte{1};
    Consumer consumer(cluster, {});
    consumer.assign("orders", PartitionIndex{0}, Offset{0});
    const auto polled = consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit);
    ASSERT_FALSE(polled.has_value());
    EXPECT_EQ(polled.error().error.code, Errc::corrupt);
    EXPECT_EQ(consumer.position("orders", PartitionIndex{0}), broken);
  });
}

TEST(Consumer, OutOfRangeStartsOverAsToldOrFails) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 20, 1);
    Seen seen;
    ConsumerSettings settings;
    Consumer earliest(cluster, settings);
    earliest.assign("orders", PartitionIndex{0}, Offset{999});
    while (seen.offsets.empty())
      ASSERT_TRUE(earliest.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).has_value());
    EXPECT_EQ(seen.offsets[PartitionIndex{0}].front(), 0);
    settings.reset = OffsetReset::none;
    Consumer none(cluster, settings);
    none.assign("orders", PartitionIndex{0}, Offset{999});
    const auto polled = none.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit);
    ASSERT_FALSE(polled.has_value());
    EXPECT_EQ(polled.error().code, wire::ErrorCode::offset_out_of_range);
  });
}

TEST(Consumer, ReadsOnAcrossCrashesOfTheBroker) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  Seen seen;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 200, 1);
    ConsumerSettings settings;
    settings.partition_bytes_max = 200;
    Consumer consumer(cluster, settings);
    ASSERT_TRUE(consumer.assign_at(self, "orders", PartitionIndex{0}, OffsetReset::earliest).has_value());
    for (int i = 0; consumer.position("orders", PartitionIndex{0}) < Offset{200}; ++i) {
      if (i % 7 == 3) {
        w.world.crash(w.broker_node);
        w.world.restart_after(w.broker_node, Milliseconds(300));
      }
      ASSERT_TRUE(consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).has_value());
    }
  });
  const auto& offsets = seen.offsets[PartitionIndex{0}];
  ASSERT_EQ(offsets.size(), 200U);
  for (std::size_t i = 0; i < offsets.size(); ++i) EXPECT_EQ(offsets[i], static_cast<std::int64_t>(i));
}

TEST(Consumer, OutOfRangeWithResetLatestReadsOnlyWhatComesThen) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 20, 1);
    Seen seen;
    ConsumerSettings settings;
    settings.reset = OffsetReset::latest;
    Consumer consumer(cluster, settings);
    consumer.assign("orders", PartitionIndex{0}, Offset{999});
    EXPECT_EQ(consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).value(), 0U);
    EXPECT_EQ(consumer.position("orders", PartitionIndex{0}), Offset{20});
    fill(self, cluster, 5, 1);
    while (seen.offsets.empty())
      ASSERT_TRUE(consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).has_value());
    EXPECT_EQ(seen.offsets[PartitionIndex{0}].front(), 20);
  });
}

TEST(Consumer, TriesAgainWhatMayWorkLaterAsksForTheLeaderAnewAndStopsAtTheDeadline) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 20, 1);
    Seen seen;
    Consumer consumer(cluster, {});
    consumer.assign("orders", PartitionIndex{0}, Offset{0});
    const int asked_before = w.broker.metadata_asked;
    w.broker.fetch_refusals = {wire::ErrorCode::not_leader_or_follower, wire::ErrorCode::fenced_leader_epoch};
    EXPECT_GT(consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).value(), 0U);
    EXPECT_EQ(w.broker.metadata_asked, asked_before + 2);
    w.broker.fetch_refusals.assign(1'000, wire::ErrorCode::not_leader_or_follower);
    const MonotonicTime before = cluster.shard().clock.now();
    const auto never = consumer.poll(self, cluster.deadline_in(Milliseconds(3'000)), seen.visit);
    ASSERT_FALSE(never.has_value());
    EXPECT_EQ(never.error().code, wire::ErrorCode::not_leader_or_follower);
    EXPECT_LT(cluster.shard().clock.now() - before, Milliseconds(4'000));
  });
}

TEST(Consumer, FailsAtOnceWithWhatWillNotChangeAndWithNothingAssigned) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    Seen seen;
    Consumer consumer(cluster, {});
    const auto deadline = cluster.deadline_in(Milliseconds(5'000));
    EXPECT_EQ(consumer.poll(self, deadline, seen.visit).error().error.code, Errc::invalid);
    EXPECT_EQ(consumer.position("orders", PartitionIndex{0}), std::nullopt);
    EXPECT_EQ(consumer.high_watermark("orders", PartitionIndex{0}), kNoOffset);
    consumer.assign("orders", PartitionIndex{0}, Offset{0});
    w.broker.fetch_refusals = {wire::ErrorCode::topic_authorization_failed, wire::ErrorCode::unknown_server_error};
    EXPECT_EQ(consumer.poll(self, deadline, seen.visit).error().code, wire::ErrorCode::topic_authorization_failed);
    EXPECT_EQ(w.broker.fetch_refusals.size(), 1U) << "asked once";
    consumer.unassign("orders", PartitionIndex{0});
    EXPECT_EQ(consumer.poll(self, deadline, seen.visit).error().error.code, Errc::invalid);
  });
}

TEST(Consumer, PassesOverControlBatchesAndMovesBehindThem) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  Seen seen;
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 50, 1);
    auto& stored = w.broker.log("orders", 0).batches.at(1).bytes;
    const auto was = load_big_endian<std::int16_t>(stored.data() + record::kAttributesAt);
    store_big_endian(stored.data() + record::kAttributesAt, static_cast<std::int16_t>(was | record::kControlFlag));
    store_big_endian(stored.data() + record::kCrcAt, crc32c(Bytes(stored).subspan(record::kAttributesAt)));
    const auto hidden = record::BatchView::parse(stored);
    Consumer consumer(cluster, {});
    consumer.assign("orders", PartitionIndex{0}, Offset{0});
    while (consumer.position("orders", PartitionIndex{0}) < Offset{50})
      ASSERT_TRUE(consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit).has_value());
    const auto& offsets = seen.offsets[PartitionIndex{0}];
    EXPECT_EQ(offsets.size(), 50U - static_cast<std::size_t>(hidden->record_count()));
    EXPECT_EQ(std::count(offsets.begin(), offsets.end(), hidden->base_offset().value()), 0);
  });
}

TEST(Consumer, RefusesMessagesOlderThanBatches) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 5, 1);
    w.broker.log("orders", 0).batches.at(0).bytes[record::kMagicAt] = std::byte{1};
    Seen seen;
    Consumer consumer(cluster, {});
    consumer.assign("orders", PartitionIndex{0}, Offset{0});
    const auto polled = consumer.poll(self, cluster.deadline_in(Milliseconds(5'000)), seen.visit);
    ASSERT_FALSE(polled.has_value());
    EXPECT_EQ(polled.error().error.code, Errc::unsupported);
    EXPECT_TRUE(seen.offsets.empty());
  });
}

TEST(Consumer, AssignAtWantsAnEndOfTheLog) {
  SmallWorld w;
  w.broker.add_topic("orders", 1);
  w.run([&](env::Fiber& self, Cluster& cluster) {
    fill(self, cluster, 20, 1);
    Consumer consumer(cluster, {});
    EXPECT_EQ(consumer.assign_at(self, "orders", PartitionIndex{0}, OffsetReset::latest).value(), Offset{20});
    EXPECT_EQ(consumer.assign_at(self, "orders", PartitionIndex{0}, OffsetReset::earliest).value(), Offset{0});
    EXPECT_EQ(consumer.assign_at(self, "orders", PartitionIndex{0}, OffsetReset::none).error().error.code,
              Errc::invalid);
  });
}

}  // namespace
}  // namespace gregor::client
