// Replies as responses: null or empty, top or member, by version. Source: Kafka 4.3's answers (conformance, groups/).
#include "group/wire_reply.h"

#include <gtest/gtest.h>

namespace gregor::group {
namespace {

TEST(WireReply, NoProtocolIsEmptyBelowVersionSevenAndNullFromThere) {
  const JoinReply reply = failed_join(ErrorCode::member_id_required, "id");
  EXPECT_EQ(to_wire(reply, 6).protocol_name, "");
  EXPECT_EQ(to_wire(reply, 7).protocol_name, std::nullopt);
  EXPECT_EQ(to_wire(reply, 7).generation_id, -1);
  EXPECT_EQ(to_wire(reply, 7).error_code, 79);
}

TEST(WireReply, BelowVersionThreeTheOneLeaverHasNoPlaceButTheTop) {
  const LeaveReply reply{.members = {{.member_id = "m", .error = ErrorCode::unknown_member_id}}};
  EXPECT_EQ(to_wire(reply, 2).error_code, 25);
  EXPECT_TRUE(to_wire(reply, 2).members.empty());
  EXPECT_EQ(to_wire(reply, 3).error_code, 0);
  EXPECT_EQ(to_wire(reply, 3).members.at(0).error_code, 25);
}

TEST(WireReply, OffsetsStandAtTheTopBelowVersionEight) {
  const OffsetFetchReply reply{.group_id = "g", .topics = {{.topic = "t", .partitions = {{.offset = Offset{4}}}}}};
  wire::OffsetFetchResponse old;
  append_wire(old, reply, 7);
  EXPECT_EQ(old.topics.at(0).partitions.at(0).committed_offset, 4);
  wire::OffsetFetchResponse grouped;
  append_wire(grouped, reply, 8);
  EXPECT_TRUE(grouped.topics.empty());
  EXPECT_EQ(grouped.groups.at(0).topics.at(0).partitions.at(0).committed_offset, 4);
}

TEST(WireReply, AGroupsErrorIsEveryPartitionsAtVersionOneAndAloneLater) {
  AskedOffsets asked{.group_id = "g"};
  asked.topics = {{.topic = "t", .topic_id = {}, .partitions = {0, 1}}};
  const OffsetFetchReply reply = failed_fetch(ErrorCode::not_coordinator, asked);
  wire::OffsetFetchResponse first;
  append_wire(first, reply, 1);
  EXPECT_EQ(first.topics.at(0).partitions.at(1).error_code, 16);
  wire::OffsetFetchResponse later;
  append_wire(later, reply, 2);
  EXPECT_TRUE(later.topics.empty());
  EXPECT_EQ(later.error_code, 16);
}

TEST(WireReply, EveryVersionsOffsetFetchIsOneShape) {
  wire::OffsetFetchRequest request{.group_id = "g", .topics = std::nullopt, .require_stable = true};
  auto asked = asked_offsets(request, 7);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_FALSE(asked[0].topics.has_value());
  EXPECT_TRUE(asked[0].require_stable);
  request.groups = {{.group_id = "a", .member_id = "m"}, {.group_id = "b", .topics = std::nullopt}};
  asked = asked_offsets(request, 9);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].member_id, "m");
  EXPECT_TRUE(asked[0].topics->empty());
  EXPECT_FALSE(asked[1].topics.has_value());
  EXPECT_TRUE(asked_offsets({}, 8).empty());
}

}  // namespace
}  // namespace gregor::group
