// Administrative requests through the controller: durable before they are answered, shown on the asker's shard.
#include <gtest/gtest.h>

#include "tests/controller/support/home.h"

namespace gregor::controller {
namespace {

using metadata::ConfigResource;
using wire::ErrorCode;

TEST(AdminRequests, WhatIsAnsweredIsDurableAndShown) {
  const auto disk = std::make_shared<sim::DiskImage>();
  NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    ASSERT_TRUE(seat.create(self, "t"));

    const ConfigResource topic{ConfigResource::kTopic, "t"};
    const auto altered = seat.controller.alter_configs(
        self, seat.feed, {.resources = {{topic, {{.name = "retention.ms", .operation = 0, .value = "5"}}}}});
    ASSERT_TRUE(altered) << why(altered);
    EXPECT_EQ(altered->at(0).error, ErrorCode::none);
    EXPECT_EQ(seat.feed.image()->configs_of(topic).at("retention.ms"), "5");
    EXPECT_EQ(durable_image(*disk).configs_of(topic).at("retention.ms"), "5");

    const auto grown = seat.controller.create_partitions(self, seat.feed, {.topics = {{.name = "t", .count = 5}}});
    ASSERT_TRUE(grown) << why(grown);
    EXPECT_EQ(durable_image(*disk).find_topic("t")->partitions.size(), 5U);

    const auto quotas = seat.controller.alter_client_quotas(
        self, seat.feed, {.entries = {{.entity = {{"user", "u"}}, .operations = {{"producer_byte_rate", 5.0}}}}});
    ASSERT_TRUE(quotas) << why(quotas);
    EXPECT_EQ(durable_image(*disk).client_quotas().size(), 1U);

    const auto elected = seat.controller.elect_leaders(self, seat.feed, {});
    ASSERT_TRUE(elected) << why(elected);
    EXPECT_EQ(elected->size(), 1U);
  });
  life.to_end();
  ASSERT_TRUE(life.started) << why(life.started);
  const auto after = image_after_restart(disk);
  EXPECT_EQ(after.client_quotas().size(), 1U);
  EXPECT_EQ(after.find_topic("t")->partitions.size(), 5U);
}

TEST(AdminRequests, ABrokerAtWorkIsNotForgottenAndOneThatIsGoneIs) {
  const auto disk = std::make_shared<sim::DiskImage>();
  NodeLife first(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    const auto refused = seat.controller.unregister_broker(self, seat.feed, kBroker);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::exists);
    EXPECT_EQ(seat.controller.unregister_broker(self, seat.feed, NodeId{9}).error().code, Errc::not_found);
  });
  first.to_end();
  NodeLife second(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    ASSERT_NE(seat.feed.image()->find_broker(kBroker), nullptr);
    EXPECT_TRUE(seat.controller.unregister_broker(self, seat.feed, kBroker));
    EXPECT_EQ(seat.feed.image()->find_broker(kBroker), nullptr);
  });
  second.to_end();
}

TEST(AdminRequests, ANewClusterHasOneMinimumOfReplicas) {
  const auto disk = std::make_shared<sim::DiskImage>();
  NodeLife life(disk, 1, [&](env::Fiber&, const Seat& seat) {
    EXPECT_EQ(seat.feed.image()->configs_of({ConfigResource::kBroker, ""}),
              (metadata::ConfigValues{{"min.insync.replicas", "1"}}));
  });
  life.to_end();
}

}  // namespace
}  // namespace gregor::controller
