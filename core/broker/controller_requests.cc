#include "broker/controller_requests.h"

#include "base/check.h"
#include "broker/controller_link.h"
#include "wire/allocate_producer_ids.h"
#include "wire/create_topics.h"

namespace gregor::broker {
namespace {

MonotonicTime deadline_of(const BrokerShard& shard) {
  return shard.shard.clock.now() + Milliseconds(shard.config().request_timeout_ms);
}

/// Borrows from `asked`.
wire::CreateTopicsRequest on_the_wire(const metadata::CreateTopics& asked, std::int32_t timeout_ms) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = timeout_ms;
  request.validate_only = asked.validate_only;
  for (const metadata::NewTopic& topic : asked.topics) {
    CHECK(topic.assignments.empty());  // the broker's own topics are placed by the controller
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic.name;
    wanted.num_partitions = topic.num_partitions;
    wanted.replication_factor = topic.replication_factor;
    for (const auto& [name, value] : topic.configs) {
      auto& config = wanted.configs.emplace_back();
      config.name = name;
      config.value = value ? std::optional<std::string_view>(*value) : std::nullopt;
    }
  }
  return request;
}

}  // namespace

Result<std::vector<metadata::CreatedTopic>> create_topics(env::Fiber& self, BrokerShard& shard,
                                                          metadata::CreateTopics asked) {
  if (shard.controller->is_here()) return shard.core.controller->create_topics(self, shard.feed, std::move(asked));
  const auto request = on_the_wire(asked, shard.config().request_timeout_ms);
  TRY_ASSIGN(const auto reply, shard.controller->call<wire::CreateTopicsResponse>(self, request, deadline_of(shard)));
  std::vector<metadata::CreatedTopic> created;
  for (const auto& topic : reply.body.topics) {
    auto& one = created.emplace_back();
    one.name = std::string(topic.name);
    one.id = topic.topic_id;
    one.error = wire::error_code_of(topic.error_code);
  }
  if (created.empty()) return fail(Errc::malformed, "the controller answered for no topic");
  return created;
}

Result<metadata::ProducerIdBlock> allocate_producer_ids(env::Fiber& self, BrokerShard& shard) {
  const NodeId own = shard.core.config.node_id;
  const BrokerEpoch epoch = shard.core.broker_epoch;
  if (shard.controller->is_here()) return shard.core.controller->allocate_producer_ids(self, shard.feed, own, epoch);
  const wire::AllocateProducerIdsRequest request{.broker_id = own.value(), .broker_epoch = epoch.value()};
  TRY_ASSIGN(const auto reply,
             shard.controller->call<wire::AllocateProducerIdsResponse>(self, request, deadline_of(shard)));
  if (reply.body.error_code != 0) {
    return fail(Errc::stale,
                "the controller gives this broker no producer ids: error " + std::to_string(reply.body.error_code));
  }
  return metadata::ProducerIdBlock{.first = reply.body.producer_id_start, .count = reply.body.producer_id_len};
}

}  // namespace gregor::broker
