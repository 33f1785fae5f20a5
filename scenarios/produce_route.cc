#include "scenarios/produce_route.h"

#include <utility>

#include "scenarios/patience.h"

namespace gregor::scenarios {
std::optional<ProduceRoute> ProduceRoute::find(env::Fiber& self, client::Cluster& cluster,
                                               const properties::HistoryPartition& partition,
                                               std::int16_t version_max) {
  auto leader =
      cluster.leader_of(self, partition.topic, PartitionIndex{partition.partition}, cluster.deadline_in(kPatience));
  if (!leader) return std::nullopt;
  const auto version = leader->link->version_of(wire::ApiKey::produce, wire::ProduceRequest::kVersionMin, version_max);
  if (!version) return std::nullopt;
  ProduceRoute route;
  route.leader_ = std::move(*leader);
  route.version_ = *version;
  return route;
}

wire::ProduceRequest ProduceRoute::request(const properties::HistoryPartition& partition, Bytes batch) const {
  wire::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = static_cast<std::int32_t>(kPatience.count());
  request.topic_data.push_back({.name = partition.topic, .topic_id = leader_.topic_id, .partition_data = {}});
  request.topic_data[0].partition_data.push_back({.index = partition.partition, .records = batch});
  return request;
}

std::shared_ptr<client::Call> ProduceRoute::start(env::Fiber& self, const wire::ProduceRequest& request) const {
  auto call = leader_.link->start(self, request, version_);
  return call ? *call : nullptr;
}

std::optional<BatchAnswer> ProduceRoute::await(env::Fiber& self, client::Call& call) const {
  auto frame = call.await(self);
  if (!frame) return std::nullopt;
  const auto reply = client::Connection::decode_reply<wire::ProduceResponse>(std::move(*frame), version_);
  if (!reply || reply->body.responses.empty() || reply->body.responses[0].partition_responses.empty()) {
    return std::nullopt;
  }
  const auto& answer = reply->body.responses[0].partition_responses[0];
  return BatchAnswer{.code = wire::error_code_of(answer.error_code),
                     .base_offset = Offset{answer.base_offset},
                     .log_append_time_ms = answer.log_append_time_ms};
}

}  // namespace gregor::scenarios
