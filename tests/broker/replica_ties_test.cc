// Where another broker takes the connections of brokers, by what it registered; and who may join an ISR.
#include "broker/replica_ties.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"
#include "tests/broker/support/image_bench.h"
#include "tests/broker/support/node_world.h"

namespace gregor::broker {
namespace {

using test::ImageMaker;

TEST(ReplicaTies, BrokersAreFoundByTheListenerForBrokers) {
  sim::run_fiber([](env::Fiber&, env::Shard& shard) {
    observe::NullObserver observer;
    controller::ImageFeed feed(shard, observer);
    ImageMaker images;
    images.add_broker(NodeId{2}, "two", 9094);
    images.show(feed);
    const ImageDirectory directory(feed, "PLAINTEXT");
    EXPECT_EQ(directory.place_of(NodeId{2}), (BrokerPlace{"two", 9094}));
    EXPECT_EQ(directory.place_of(NodeId{3}), std::nullopt);
    EXPECT_EQ(ImageDirectory(feed, "BETWEEN").place_of(NodeId{2}), std::nullopt);
  });
}

TEST(ReplicaTies, OnlyUnfencedBrokersInTheRegistrationThatFetchedMayJoinAnIsr) {
  sim::run_fiber([](env::Fiber&, env::Shard& shard) {
    observe::NullObserver observer;
    controller::ImageFeed feed(shard, observer);
    ImageMaker images;
    images.add_broker(NodeId{2}, "two", 9094);
    images.add_broker(NodeId{3}, "three", 9095, true);
    images.show(feed);
    const BrokerEpoch epoch = feed.image()->find_broker(NodeId{2})->epoch;
    const ImageBrokers brokers(feed, NodeId{2});
    EXPECT_EQ(brokers.own_epoch(), epoch);
    EXPECT_TRUE(brokers.may_join_isr(NodeId{2}, epoch));
    EXPECT_FALSE(brokers.may_join_isr(NodeId{2}, epoch + 1)) << "KIP-903";
    EXPECT_FALSE(brokers.may_join_isr(NodeId{3}, feed.image()->find_broker(NodeId{3})->epoch)) << "fenced: KIP-841";
    EXPECT_FALSE(brokers.may_join_isr(NodeId{4}, BrokerEpoch{1}));
  });
}

}  // namespace
}  // namespace gregor::broker
