// One member's place in a group: what it keeps of each answer, and what it asks next.
#include "client/membership.h"

#include <gtest/gtest.h>

#include "tests/client/support/coordinator.h"

namespace gregor::client {
namespace {

using namespace test;
using wire::ErrorCode;

void with_place(Coordinator& coordinator, const std::function<void(env::Fiber&, Membership&)>& body) {
  ScriptWorld w([&](Line& line, int) { coordinator.serve(line); });
  w.run([&](env::Fiber& self, env::Shard& shard) {
    ClusterSettings settings;
    settings.bootstrap = {{"10.0.0.1", kScriptPort}};
    Cluster cluster(shard, settings);
    Membership place(cluster, {.group_id = "g", .topics = {"t"}});
    body(self, place);
    cluster.close();
  });
}

TEST(Membership, AnIdIsKeptWhereTheGroupGivesOneAndAGenerationWhereOneBegins) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::member_id_required, ErrorCode::none};
  with_place(coordinator, [](env::Fiber& self, Membership& place) {
    ASSERT_TRUE(place.join(self));
    EXPECT_EQ(place.member_id(), "me");
    EXPECT_EQ(place.generation(), -1);
    const auto joined = place.join(self);
    ASSERT_TRUE(joined);
    EXPECT_EQ(place.generation(), 7);
    EXPECT_FALSE(place.leads(joined->body));
    EXPECT_EQ(place.committer().generation, 7);
    EXPECT_EQ(place.committer().member_id, "me");
  });
}

TEST(Membership, EachRequestIsAskedOnce) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::rebalance_in_progress};
  coordinator.beats = {ErrorCode::illegal_generation};
  with_place(coordinator, [](env::Fiber& self, Membership& place) {
    const auto joined = place.join(self);
    ASSERT_TRUE(joined);
    EXPECT_EQ(wire::error_code_of(joined->body.error_code), ErrorCode::rebalance_in_progress);
    EXPECT_EQ(place.member_id(), "");
    EXPECT_EQ(place.heartbeat(self), ErrorCode::illegal_generation);
  });
  EXPECT_EQ(coordinator.count(wire::ApiKey::join_group), 1U);
  EXPECT_EQ(coordinator.count(wire::ApiKey::heartbeat), 1U);
}

TEST(Membership, OnlyAnUnknownMemberForgetsItsId) {
  Coordinator coordinator;
  with_place(coordinator, [](env::Fiber& self, Membership& place) {
    ASSERT_TRUE(place.join(self));
    place.learn_from(ErrorCode::illegal_generation);
    EXPECT_EQ(place.member_id(), "me");
    place.learn_from(ErrorCode::unknown_member_id);
    EXPECT_EQ(place.member_id(), "");
  });
}

TEST(Membership, SubscriptionsAreReadAsTheGroupTellsThem) {
  const ByteBuffer metadata = encode_subscription({"a", "b"});
  wire::JoinGroupResponse joined;
  joined.members.push_back({.member_id = "one", .group_instance_id = "seat", .metadata = Bytes(metadata)});
  const auto subscribers = subscribers_of(joined);
  ASSERT_TRUE(subscribers);
  ASSERT_EQ(subscribers->size(), 1U);
  EXPECT_EQ(subscribers->front().instance_id, "seat");
  EXPECT_EQ(subscribers->front().topics, (std::vector<std::string>{"a", "b"}));
  joined.members.front().metadata = Bytes(metadata).first(3);
  EXPECT_FALSE(subscribers_of(joined));
}

}  // namespace
}  // namespace gregor::client
