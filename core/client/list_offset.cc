#include "client/list_offset.h"

#include "wire/list_offsets.h"

namespace gregor::client {

namespace {

Outcome<FoundOffset> ask_leader(env::Fiber& self, const Cluster::Leader& leader, const std::string& topic,
                                PartitionIndex partition, std::int64_t timestamp_ms) {
  wire::ListOffsetsRequest request;
  request.replica_id = -1;
  request.topics.push_back({.name = topic, .partitions = {}});
  request.topics.back().partitions.push_back(
      {.partition_index = partition.value(), .current_leader_epoch = leader.epoch.value(), .timestamp = timestamp_ms});
  auto reply = leader.link->ask<wire::ListOffsetsRequest, wire::ListOffsetsResponse>(self, request);
  if (!reply) return passed_on(std::move(reply.error()));
  if (reply->body.topics.empty() || reply->body.topics[0].partitions.empty()) {
    return failed(Errc::malformed, "ListOffsets: an answer without our partition");
  }
  const auto& answer = reply->body.topics[0].partitions[0];
  if (answer.error_code != 0) return answered(wire::error_code_of(answer.error_code), "ListOffsets of " + topic);
  return FoundOffset{Offset{answer.offset}, WallTime{answer.timestamp}, LeaderEpoch{answer.leader_epoch}};
}

}  // namespace

Outcome<FoundOffset> list_offset(env::Fiber& self, Cluster& cluster, const std::string& topic, PartitionIndex partition,
                                 std::int64_t timestamp_ms, MonotonicTime deadline) {
  Backoff waits = cluster.backoff();
  while (true) {
    CLIENT_TRY_ASSIGN(const Cluster::Leader leader, cluster.leader_of(self, topic, partition, deadline));
    auto found = ask_leader(self, leader, topic, partition, timestamp_ms);
    if (found || !is_retriable(found.error())) return found;
    cluster.forget(topic);
    if (!cluster.back_off(self, waits, deadline)) {
      found.error().fate = Fate::failed;
      return found;
    }
  }
}

}  // namespace gregor::client
