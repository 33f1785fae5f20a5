#include "scenarios/record_deletion.h"

#include "scenarios/patience.h"
#include "wire/delete_records.h"

namespace gregor::scenarios {
bool delete_records(env::Fiber& self, client::Cluster& cluster, const properties::HistoryPartition& partition,
                    Offset up_to, properties::History& history, UniqueFunction<MonotonicTime()>& now) {
  const auto leader =
      cluster.leader_of(self, partition.topic, PartitionIndex{partition.partition}, cluster.deadline_in(kPatience));
  if (!leader) return false;
  wire::DeleteRecordsRequest request;
  request.timeout_ms = static_cast<std::int32_t>(kPatience.count());
  request.topics.push_back({.name = partition.topic, .partitions = {}});
  request.topics[0].partitions.push_back({.partition_index = partition.partition, .offset = up_to.value()});
  const auto reply = leader->link->ask<wire::DeleteRecordsRequest, wire::DeleteRecordsResponse>(self, request);
  if (!reply || reply->body.topics.empty() || reply->body.topics[0].partitions.empty()) return false;
  const auto& answer = reply->body.topics[0].partitions[0];
  if (answer.error_code != 0) {
    cluster.forget(partition.topic);
    return false;
  }
  history.deletions.push_back({.partition = partition, .log_start = Offset{answer.low_watermark}, .at = now()});
  return true;
}

}  // namespace gregor::scenarios
