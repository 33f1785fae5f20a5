// A member of a group against a coordinator that says what the test wants: whom it believes, and what it does then.
#include "client/group_member.h"

#include <gtest/gtest.h>

#include <deque>

#include "tests/client/support/script_broker.h"
#include "wire/api_keys.h"
#include "wire/find_coordinator.h"
#include "wire/heartbeat.h"
#include "wire/sync_group.h"

namespace gregor::client {
namespace {

using namespace test;
using wire::ErrorCode;

/// Answers FindCoordinator with itself and everything else with the next error of its script, none when it is at its
/// end.
class Coordinator {
 public:
  void serve(Line& line) {
    line.greet(5);
    while (const auto asked = line.next()) {
      asked_.push_back(asked->header.request_api_key);
      answer(line, *asked);
    }
  }
  std::deque<ErrorCode> joins;
  std::deque<ErrorCode> syncs;
  std::deque<ErrorCode> beats;
  [[nodiscard]] std::size_t count(wire::ApiKey key) const {
    return static_cast<std::size_t>(std::count(asked_.begin(), asked_.end(), static_cast<std::int16_t>(key)));
  }

 private:
  static std::int16_t next(std::deque<ErrorCode>& script) {
    if (script.empty()) return 0;
    const ErrorCode code = script.front();
    script.pop_front();
    return wire::wire_code(code);
  }
  void answer(Line& line, const AskedFrame& asked) {
    switch (static_cast<wire::ApiKey>(asked.header.request_api_key)) {
      case wire::ApiKey::find_coordinator: {
        wire::FindCoordinatorResponse response;
        response.coordinators = {{.key = "g", .node_id = 1, .host = "10.0.0.1", .port = kScriptPort}};
        return line.answer(asked, response);
      }
      case wire::ApiKey::join_group: {
        wire::JoinGroupResponse response;
        response.error_code = next(joins);
        response.generation_id = 7;
        response.protocol_name = "range";
        response.leader = "somebody-else";
        response.member_id = "me";
        return line.answer(asked, response);
      }
      case wire::ApiKey::sync_group: {
        const ByteBuffer assignment = encode_assignment({{"t", {3}}});
        wire::SyncGroupResponse response;
        response.error_code = next(syncs);
        response.assignment = Bytes(assignment);
        return line.answer(asked, response);
      }
      default: {
        wire::HeartbeatResponse response;
        response.error_code = next(beats);
        return line.answer(asked, response);
      }
    }
  }
  std::vector<std::int16_t> asked_;
};

/// Runs `body` with a member of group "g" that reads topic "t".
void with_member(Coordinator& coordinator, const std::function<void(env::Fiber&, GroupMember&, Cluster&)>& body) {
  ScriptWorld w([&](Line& line, int) { coordinator.serve(line); });
  w.run([&](env::Fiber& self, env::Shard& shard) {
    ClusterSettings settings;
    settings.bootstrap = {{"10.0.0.1", kScriptPort}};
    Cluster cluster(shard, settings);
    GroupMember member(cluster, {.group_id = "g", .topics = {"t"}});
    body(self, member, cluster);
    cluster.close();
  });
}

TEST(GroupMember, ComesBackWithTheIdThatItWasGiven) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::member_id_required};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    ASSERT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(1000))));
    EXPECT_EQ(member.member_id(), "me");
    EXPECT_EQ(member.generation(), 7);
    EXPECT_EQ(member.assignment(), (Assignment{{"t", {3}}}));
  });
  EXPECT_EQ(coordinator.count(wire::ApiKey::join_group), 2U);
}

TEST(GroupMember, JoinsAgainWhereTheGenerationEndsBeforeItsPlan) {
  Coordinator coordinator;
  coordinator.syncs = {ErrorCode::rebalance_in_progress, ErrorCode::unknown_member_id};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    EXPECT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(1000))));
  });
  EXPECT_EQ(coordinator.count(wire::ApiKey::join_group), 3U);
}

TEST(GroupMember, LooksForTheCoordinatorAgainWhereItIsNone) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::not_coordinator, ErrorCode::coordinator_load_in_progress};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    EXPECT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(5000))));
  });
  EXPECT_EQ(coordinator.count(wire::ApiKey::find_coordinator), 2U) << "loading is no reason to look elsewhere";
}

TEST(GroupMember, GivesUpWhereItIsFenced) {
  Coordinator coordinator;
  coordinator.joins = {ErrorCode::fenced_instance_id};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    const auto joined = member.join(self, cluster.deadline_in(Milliseconds(1000)));
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().code, ErrorCode::fenced_instance_id);
  });
}

TEST(GroupMember, AHeartbeatTellsLifeFromItsEnd) {
  Coordinator coordinator;
  coordinator.beats = {ErrorCode::none, ErrorCode::rebalance_in_progress, ErrorCode::not_coordinator};
  with_member(coordinator, [](env::Fiber& self, GroupMember& member, Cluster& cluster) {
    ASSERT_TRUE(member.join(self, cluster.deadline_in(Milliseconds(1000))));
    EXPECT_TRUE(member.heartbeat(self).value());
    EXPECT_FALSE(member.heartbeat(self).value());
    EXPECT_FALSE(member.heartbeat(self)) << "nothing is known of the membership";
  });
}

}  // namespace
}  // namespace gregor::client
