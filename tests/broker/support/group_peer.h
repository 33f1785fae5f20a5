// What tests of groups ask of a node, frame by frame: find, join, sync, commit, fetch.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/broker/support/node_world.h"
#include "wire/find_coordinator.h"
#include "wire/heartbeat.h"
#include "wire/join_group.h"
#include "wire/offset_commit.h"
#include "wire/offset_fetch.h"
#include "wire/sync_group.h"

namespace gregor::broker::test {

/// No delay before the first rebalance, one partition of offsets.
inline Settings group_settings(Settings more = {}) {
  Settings settings = {{"group.initial.rebalance.delay.ms", "0"},
                       {"group.min.session.timeout.ms", "100"},
                       {"offsets.topic.num.partitions", "3"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

/// Makes __consumer_offsets where it is not there, and waits until the group's coordinator serves.
inline void find_group(const Client& client, Peer& peer, const std::string& group) {
  for (int i = 0; i < 200; ++i) {
    wire::FindCoordinatorRequest find;
    find.coordinator_keys = {group};
    const auto found = peer.ask<wire::FindCoordinatorResponse>(find, 4);
    wire::HeartbeatRequest beat;
    beat.group_id = group;
    const auto told = peer.ask<wire::HeartbeatResponse>(beat, 4);
    const bool serves = told.body.error_code == code(wire::ErrorCode::unknown_member_id);
    if (found.body.coordinators.at(0).error_code == 0 && serves) return;
    client.sleep(Milliseconds(10));
  }
  ADD_FAILURE() << "no coordinator for " << group;
}

struct Joined {
  std::int16_t error = 0;
  std::int32_t generation = -1;
  std::string member_id;
  std::string leader;
  std::size_t members = 0;
};
/// Borrows both texts.
inline wire::JoinGroupRequest join_request(std::string_view group, std::string_view member_id,
                                           Milliseconds session = Milliseconds(10'000)) {
  wire::JoinGroupRequest request;
  request.group_id = group;
  request.session_timeout_ms = static_cast<std::int32_t>(session.count());
  request.rebalance_timeout_ms = 5'000;
  request.member_id = member_id;
  request.protocol_type = "consumer";
  request.protocols.push_back({.name = "range", .metadata = bytes_of("m")});
  return request;
}
inline Joined joined(const wire::JoinGroupResponse& response) {
  return {response.error_code, response.generation_id, std::string(response.member_id), std::string(response.leader),
          response.members.size()};
}
/// Version 3: members are let in without an id.
inline Joined join(Peer& peer, const std::string& group, const std::string& member_id = "",
                   Milliseconds session = Milliseconds(10'000)) {
  return joined(peer.ask<wire::JoinGroupResponse>(join_request(group, member_id, session), 3).body);
}
/// Both ask to join before either is answered. Requires a rebalance delay that lets the second come in.
inline std::pair<Joined, Joined> join_together(const Client& client, Peer& one, Peer& two, const std::string& group) {
  find_group(client, one, group);
  one.send(join_request(group, ""), 3);
  two.send(join_request(group, ""), 3);
  const Joined first = joined(one.take<wire::JoinGroupResponse>(3).body);
  return {first, joined(two.take<wire::JoinGroupResponse>(3).body)};
}
/// As the leader, with one assignment for itself.
inline std::int16_t sync(Peer& peer, const std::string& group, const Joined& as) {
  wire::SyncGroupRequest request;
  request.group_id = group;
  request.generation_id = as.generation;
  request.member_id = as.member_id;
  request.assignments.push_back({.member_id = as.member_id, .assignment = bytes_of("plan")});
  return peer.ask<wire::SyncGroupResponse>(request, 3).body.error_code;
}
inline std::int16_t heartbeat(Peer& peer, const std::string& group, const Joined& as) {
  wire::HeartbeatRequest request;
  request.group_id = group;
  request.generation_id = as.generation;
  request.member_id = as.member_id;
  return peer.ask<wire::HeartbeatResponse>(request, 4).body.error_code;
}
/// From outside any generation unless `as` says otherwise; version 8.
inline std::int16_t commit(Peer& peer, const std::string& group, const std::string& topic, std::int64_t offset,
                           const Joined& as = {}, std::int32_t partition = 0) {
  wire::OffsetCommitRequest request;
  request.group_id = group;
  request.generation_id_or_member_epoch = as.generation;
  request.member_id = as.member_id;
  request.topics.push_back({.name = topic, .partitions = {{.partition_index = partition, .committed_offset = offset}}});
  return peer.ask<wire::OffsetCommitResponse>(request, 8).body.topics.at(0).partitions.at(0).error_code;
}
/// -1: none. Version 7.
inline std::int64_t committed(Peer& peer, const std::string& group, const std::string& topic,
                              std::int32_t partition = 0) {
  wire::OffsetFetchRequest request;
  request.group_id = group;
  request.topics = {{.name = topic, .partition_indexes = {partition}}};
  const auto answer = peer.ask<wire::OffsetFetchResponse>(request, 7);
  EXPECT_EQ(answer.body.error_code, 0);
  return answer.body.topics.at(0).partitions.at(0).committed_offset;
}

}  // namespace gregor::broker::test
