// Kafka's range assignor and the consumer protocol's bytes.
#include "client/range_assignor.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

namespace gregor::client {
namespace {

Subscriber subscriber(std::string id, std::vector<std::string> topics) {
  return {.member_id = std::move(id), .instance_id = {}, .topics = std::move(topics)};
}

TEST(RangeAssignor, TheFirstMembersGetOneMore) {
  const auto plan = assign_ranges({subscriber("b", {"t"}), subscriber("a", {"t"}), subscriber("c", {"t"})}, {{"t", 7}});
  EXPECT_EQ(plan.at("a"), (Assignment{{"t", {0, 1, 2}}}));
  EXPECT_EQ(plan.at("b"), (Assignment{{"t", {3, 4}}}));
  EXPECT_EQ(plan.at("c"), (Assignment{{"t", {5, 6}}}));
}

TEST(RangeAssignor, StaticMembersComeFirstByTheirInstance) {
  auto late = subscriber("a", {"t"});
  auto early = subscriber("z", {"t"});
  late.instance_id = "two";
  early.instance_id = "one";
  const auto plan = assign_ranges({late, early, subscriber("0", {"t"})}, {{"t", 3}});
  EXPECT_EQ(plan.at("z"), (Assignment{{"t", {0}}}));
  EXPECT_EQ(plan.at("a"), (Assignment{{"t", {1}}}));
  EXPECT_EQ(plan.at("0"), (Assignment{{"t", {2}}}));
}

TEST(RangeAssignor, WhoDoesNotSubscribeGetsNothing) {
  const auto plan = assign_ranges({subscriber("a", {"t"}), subscriber("b", {"u"})}, {{"t", 2}, {"u", 0}});
  EXPECT_EQ(plan.at("a"), (Assignment{{"t", {0, 1}}}));
  EXPECT_TRUE(plan.at("b").empty());
}

TEST(RangeAssignor, EveryPartitionHasOneOwnerAndSharesDifferByOne) {
  rc::check([] {
    const auto members = *rc::gen::inRange(1, 8);
    const auto count = *rc::gen::inRange(0, 30);
    std::vector<Subscriber> subscribers;
    for (int i = 0; i < members; ++i) subscribers.push_back(subscriber("m" + std::to_string(i), {"t"}));
    std::multiset<std::int32_t> owned;
    std::size_t least = SIZE_MAX;
    std::size_t most = 0;
    for (const auto& [id, assignment] : assign_ranges(subscribers, {{"t", count}})) {
      const auto mine = assignment.find("t");
      const std::size_t share = mine == assignment.end() ? 0 : mine->second.size();
      if (share > 0) owned.insert(mine->second.begin(), mine->second.end());
      least = std::min(least, share);
      most = std::max(most, share);
    }
    RC_ASSERT(owned.size() == static_cast<std::size_t>(count));
    RC_ASSERT(std::set<std::int32_t>(owned.begin(), owned.end()).size() == owned.size());
    RC_ASSERT(most - least <= 1);
  });
}

TEST(ConsumerProtocol, ReadsBackWhatItWrote) {
  EXPECT_EQ(decode_subscription(encode_subscription({"t", "u"})).value(), (std::vector<std::string>{"t", "u"}));
  const Assignment assignment = {{"t", {0, 2}}, {"u", {1}}};
  EXPECT_EQ(decode_assignment(encode_assignment(assignment)).value(), assignment);
  EXPECT_TRUE(decode_assignment({}).value().empty());
  EXPECT_FALSE(decode_subscription(bytes_of("x")));
}

}  // namespace
}  // namespace gregor::client
