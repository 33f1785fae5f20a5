// AssignReplicasToDirs, v0, of controllers: in which of its directories a broker keeps its replicas (KIP-858).
// Errors per partition: UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER (no replica of that
// broker); of the request: STALE_BROKER_EPOCH, UNSUPPORTED_VERSION (of metadata.version), NOT_CONTROLLER;
// REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/handlers.h"
#include "wire/assign_replicas_to_dirs.h"

namespace gregor::broker::api {
namespace {

metadata::AssignReplicas owned(const wire::AssignReplicasToDirsRequest& asked) {
  metadata::AssignReplicas request{
      .broker = NodeId{asked.broker_id}, .broker_epoch = BrokerEpoch{asked.broker_epoch}, .directories = {}};
  for (const auto& directory : asked.directories) {
    auto& named = request.directories.emplace_back();
    named.id = directory.id;
    for (const auto& topic : directory.topics) {
      auto& held = named.topics.emplace_back();
      held.id = topic.topic_id;
      for (const auto& partition : topic.partitions) held.partitions.push_back(partition.partition_index);
    }
  }
  return request;
}

}  // namespace

Result<Reply> assign_replicas_to_dirs(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AssignReplicasToDirsRequest>());
  const auto assigned = request.shard.core.controller->assign_replicas(self, request.shard.feed, owned(asked));
  wire::AssignReplicasToDirsResponse response;
  if (!assigned) {
    const bool is_too_new = assigned.error().code == Errc::unsupported;
    response.error_code =
        code(is_too_new ? wire::ErrorCode::unsupported_version : refusal_of_broker(request, assigned.error()));
    return request.answer(response);
  }
  for (const metadata::AssignedReplicas& directory : *assigned) {
    auto& answered = response.directories.emplace_back();
    answered.id = directory.directory;
    for (const auto& topic : directory.topics) {
      auto& held = answered.topics.emplace_back();
      held.topic_id = topic.id;
      for (const auto& partition : topic.partitions) {
        held.partitions.push_back({.partition_index = partition.index, .error_code = code(partition.error)});
      }
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
