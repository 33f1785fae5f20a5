#include "group/other_groups.h"

#include <gtest/gtest.h>

namespace gregor::group {
namespace {

TEST(OtherGroups, AnyValueMakesAGroupAndItsMetadatasTombstoneEndsIt) {
  OtherGroups groups;
  groups.note(wire::ConsumerGroupMetadataKey{.group_id = "g"}, false);
  EXPECT_FALSE(groups.contains("g"));
  EXPECT_EQ(groups.note(wire::ConsumerGroupMemberMetadataKey{.group_id = "g", .member_id = "m"}, true), "g");
  EXPECT_EQ(groups.note(wire::ConsumerGroupMetadataKey{.group_id = "g"}, true), "g");
  EXPECT_TRUE(groups.contains("g"));
  EXPECT_EQ(groups.groups().at("g").type, "consumer");
  EXPECT_EQ(groups.groups().at("g").members.size(), 1U);
  groups.note(wire::ConsumerGroupMemberMetadataKey{.group_id = "g", .member_id = "m"}, false);
  EXPECT_TRUE(groups.groups().at("g").members.empty());
  EXPECT_TRUE(groups.contains("g"));
  groups.note(wire::ConsumerGroupMetadataKey{.group_id = "g"}, false);
  EXPECT_FALSE(groups.contains("g"));
}

TEST(OtherGroups, EveryRecordIsCountedByName) {
  OtherGroups groups;
  groups.note(wire::ShareGroupMetadataKey{.group_id = "s"}, true);
  groups.note(wire::StreamsGroupTopologyKey{.group_id = "t"}, true);
  groups.note(wire::StreamsGroupTopologyKey{.group_id = "t"}, false);
  EXPECT_EQ(groups.records().at("StreamsGroupTopologyKey"), 2U);
  EXPECT_EQ(groups.records().at("ShareGroupMetadataKey"), 1U);
  EXPECT_EQ(groups.groups().at("s").type, "share");
  EXPECT_EQ(groups.groups().at("t").type, "streams");
}

}  // namespace
}  // namespace gregor::group
