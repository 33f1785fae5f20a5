// AlterPartition, v2-v3, of controllers: a leader wants another ISR, or has recovered (KIP-497, KIP-704; v3 names the
// epochs of the replicas' brokers, KIP-903). Errors per partition: as metadata::decide_alter_partition(); of the
// request: STALE_BROKER_EPOCH, NOT_CONTROLLER; REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/handlers.h"
#include "metadata/node_ids.h"
#include "wire/alter_partition.h"

namespace gregor::broker::api {
namespace {

constexpr std::int16_t kEpochsFrom = 3;

metadata::AlterPartition owned(const wire::AlterPartitionRequest& asked, std::int16_t version) {
  metadata::AlterPartition request{
      .broker = NodeId{asked.broker_id}, .broker_epoch = BrokerEpoch{asked.broker_epoch}, .topics = {}};
  for (const auto& topic : asked.topics) {
    auto& named = request.topics.emplace_back();
    named.id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      metadata::AlterPartition::Partition wanted{.index = partition.partition_index,
                                                 .leader_epoch = LeaderEpoch{partition.leader_epoch},
                                                 .partition_epoch = partition.partition_epoch,
                                                 .isr = {},
                                                 .leader_recovery_state = partition.leader_recovery_state};
      if (version >= kEpochsFrom) {
        for (const auto& member : partition.new_isr_with_epochs) {
          wanted.isr.push_back({.id = NodeId{member.broker_id}, .epoch = BrokerEpoch{member.broker_epoch}});
        }
      } else {
        for (const std::int32_t id : partition.new_isr) wanted.isr.push_back({.id = NodeId{id}});
      }
      named.partitions.push_back(std::move(wanted));
    }
  }
  return request;
}

}  // namespace

Result<Reply> alter_partition(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AlterPartitionRequest>());
  const auto altered =
      request.shard.core.controller->alter_partition(self, request.shard.feed, owned(asked, request.version()));
  wire::AlterPartitionResponse response;
  if (!altered) {
    response.error_code = code(refusal_of_broker(request, altered.error()));
    return request.answer(response);
  }
  for (const metadata::AlteredPartitions& topic : *altered) {
    auto& answered = response.topics.emplace_back();
    answered.topic_id = topic.topic;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back({.partition_index = partition.index,
                                     .error_code = code(partition.error),
                                     .leader_id = partition.leader.value(),
                                     .leader_epoch = partition.leader_epoch.value(),
                                     .isr = metadata::ids_of(partition.isr),
                                     .leader_recovery_state = partition.leader_recovery_state,
                                     .partition_epoch = partition.partition_epoch});
    }
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
