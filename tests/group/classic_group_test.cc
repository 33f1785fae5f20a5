#include "group/classic_group.h"

#include <gtest/gtest.h>

#include "wire/consumer_protocol.h"
#include "wire/record_frame.h"

namespace gregor::group {
namespace {

Member member(const std::string& id, std::vector<std::string> protocols, ByteBuffer metadata = {}) {
  Member made{.member_id = id};
  for (const std::string& name : protocols) made.protocols.push_back({name, metadata});
  return made;
}

TEST(ClassicGroup, VotesGoToWhatAllCanSpeak) {
  ClassicGroup group{.group_id = "g"};
  group.add(member("a", {"x", "y", "z"}), "consumer");
  group.add(member("b", {"z", "y"}), "consumer");
  group.add(member("c", {"y", "z", "x"}), "consumer");
  EXPECT_EQ(group.select_protocol(), "y") << "a cannot have x, and y then has two votes";
  group.remove("b");
  EXPECT_EQ(group.select_protocol(), "x") << "of equals the first by name";
}

TEST(ClassicGroup, AProtocolNamedTwiceCountsOnce) {
  ClassicGroup group{.group_id = "g"};
  group.add(member("a", {"x", "x"}), "consumer");
  EXPECT_EQ(group.supporters.at("x"), 1U);
  EXPECT_EQ(group.select_protocol(), "x");
}

TEST(ClassicGroup, TheLeadersPlaceIsNeverLeftToAStranger) {
  ClassicGroup group{.group_id = "g"};
  group.add(member("b", {"x"}), "consumer");
  group.add(member("a", {"x"}), "consumer");
  EXPECT_EQ(group.leader, "b");
  group.remove("b");
  EXPECT_EQ(group.leader, "a");
  group.park_join(*group.find("a"), Token{1});
  EXPECT_TRUE(group.elect_joined_leader());
  group.take_join(*group.find("a"));
  EXPECT_FALSE(group.elect_joined_leader());
  group.remove("a");
  EXPECT_EQ(group.leader, std::nullopt);
}

TEST(ClassicGroup, SubscriptionsOfAnyVersionAreRead) {
  for (std::int16_t version = 0; version <= 3; ++version) {
    ClassicGroup group{.group_id = "g"};
    const auto metadata = *wire::encode_versioned(wire::ConsumerProtocolSubscription{.topics = {"t", "u"}}, version);
    group.add(member("a", {"x"}, metadata), "consumer");
    group.begin_generation(WallTime{1});
    EXPECT_TRUE(group.is_subscribed_to("t")) << version;
    EXPECT_FALSE(group.is_subscribed_to("v")) << version;
  }
}

TEST(ClassicGroup, WhatCannotBeReadMayBeSubscribedToAnything) {
  ClassicGroup group{.group_id = "g"};
  group.add(member("a", {"x"}, {std::byte{9}}), "consumer");
  group.begin_generation(WallTime{1});
  EXPECT_TRUE(group.is_subscribed_to("t"));
  ClassicGroup connect{.group_id = "c"};
  connect.add(member("a", {"x"}), "connect");
  connect.begin_generation(WallTime{1});
  EXPECT_FALSE(connect.is_subscribed_to("t"));
}

}  // namespace
}  // namespace gregor::group
