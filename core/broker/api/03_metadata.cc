// Metadata, v0-v13: which brokers are there, and where do these topics' partitions live?
// Topics are asked for by name, from v12 on by id too; null (v0: an empty list) means all. A missing topic is created
// where broker and client (v4) allow it, and is answered as unknown this once, as Kafka does: clients ask again. Errors
// per topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INVALID_TOPIC_EXCEPTION; INVALID_REQUEST for all where ids
// are asked for too early. Per partition: LEADER_NOT_AVAILABLE. Never suspends.
#include <set>

#include "broker/api/handlers.h"
#include "broker/controller_requests.h"
#include "broker/internal_topics.h"
#include "metadata/topic_name.h"
#include "wire/metadata.h"

namespace gregor::broker::api {
namespace {

using Topic = wire::MetadataResponse::MetadataResponseTopic;
using Partition = wire::MetadataResponse::MetadataResponsePartition;

constexpr std::int16_t kNullMeansAll = 1;
constexpr std::int16_t kByTopicId = 12;
constexpr std::int16_t kClusterOperationsFirst = 8;
constexpr std::int16_t kClusterOperationsLast = 10;

std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes) {
  std::vector<std::int32_t> plain;
  plain.reserve(nodes.size());
  for (const NodeId node : nodes) plain.push_back(node.value());
  return plain;
}

Partition describe(const metadata::Image& image, PartitionIndex index, const metadata::Partition& state) {
  Partition partition{
      .partition_index = index.value(), .leader_id = state.leader.value(), .leader_epoch = state.leader_epoch.value()};
  if (state.leader == metadata::kNoLeader) partition.error_code = code(wire::ErrorCode::leader_not_available);
  partition.replica_nodes = numbers(state.replicas);
  partition.isr_nodes = numbers(state.isr);
  for (const NodeId replica : state.replicas) {
    const metadata::BrokerRegistration* broker = image.find_broker(replica);
    if (broker == nullptr || broker->fenced) partition.offline_replicas.push_back(replica.value());
  }
  return partition;
}

Topic describe(const metadata::Image& image, const metadata::Topic& topic, bool with_operations) {
  Topic described{.name = topic.name, .topic_id = topic.id, .is_internal = metadata::is_internal_topic(topic.name)};
  described.partitions.reserve(topic.partitions.size());
  for (const auto& [index, state] : topic.partitions) described.partitions.push_back(describe(image, index, state));
  if (with_operations) described.topic_authorized_operations = kAllTopicOperations;
  return described;
}

/// Creates the topic on a fiber of its own; the next request finds it.
void create_soon(BrokerShard& shard, std::string_view name) {
  if (shard.is_stopping() || !shard.topics_being_created.insert(std::string(name)).second) return;
  shard.spawn_background("auto-create", [&shard, name = std::string(name)](env::Fiber& self) {
    metadata::CreateTopics request;
    const auto internal = internal_topic(shard.config(), *shard.image(), name);
    request.topics.push_back(internal.value_or(metadata::NewTopic{.name = name}));
    const auto created = broker::create_topics(self, shard, std::move(request));
    shard.topics_being_created.erase(name);
    if (created && created->front().error == wire::ErrorCode::none) {
      shard.core.log.info("topic.auto_created", {{"topic", name}});
    }
  });
}

Topic missing(Request& request, std::string_view name, bool may_create) {
  Topic topic{.error_code = code(wire::ErrorCode::unknown_topic_or_partition), .name = name};
  topic.is_internal = metadata::is_internal_topic(name);
  if (metadata::fault_of_topic_name(name)) {
    topic.error_code = code(wire::ErrorCode::invalid_topic_exception);
  } else if (may_create && request.shard.config().auto_create_topics_enable) {
    create_soon(request.shard, name);
  }
  return topic;
}

/// Topic ids, or no name, before version 12: nothing is answered but the refusal.
Result<Reply> refuse_ids(Request& request, const wire::MetadataRequest& asked) {
  wire::MetadataResponse response;
  for (const auto& topic : *asked.topics) {
    response.topics.push_back({.error_code = code(wire::ErrorCode::invalid_request),
                               .name = topic.name.value_or(""),
                               .topic_id = topic.topic_id});
  }
  return request.answer(response);
}

bool names_by_id(const wire::MetadataRequest& asked) {
  if (!asked.topics) return false;
  for (const auto& topic : *asked.topics) {
    if (!topic.topic_id.is_zero()) return true;
  }
  return false;
}

bool lacks_names(const wire::MetadataRequest& asked) {
  if (!asked.topics) return false;
  for (const auto& topic : *asked.topics) {
    if (!topic.name) return true;
  }
  return false;
}

void add_by_id(const wire::MetadataRequest& asked, const metadata::Image& image, wire::MetadataResponse& response) {
  std::set<TopicId> seen;
  for (const auto& topic : *asked.topics) {
    if (topic.topic_id.is_zero() || !seen.insert(topic.topic_id).second) continue;  // names among ids: Kafka's silence
    const metadata::Topic* known = image.find_topic(topic.topic_id);
    if (known != nullptr) {
      response.topics.push_back(describe(image, *known, asked.include_topic_authorized_operations));
    } else {
      response.topics.push_back(
          {.error_code = code(wire::ErrorCode::unknown_topic_id), .name = std::nullopt, .topic_id = topic.topic_id});
    }
  }
}

void add_by_name(Request& request, const wire::MetadataRequest& asked, const metadata::Image& image,
                 wire::MetadataResponse& response) {
  std::set<std::string_view> seen;
  for (const auto& topic : *asked.topics) {
    const std::string_view name = topic.name.value_or("");
    if (!seen.insert(name).second) continue;
    const metadata::Topic* known = image.find_topic(name);
    response.topics.push_back(known != nullptr ? describe(image, *known, asked.include_topic_authorized_operations)
                                               : missing(request, name, asked.allow_auto_topic_creation));
  }
}

}  // namespace

Result<Reply> metadata(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::MetadataRequest>());
  const bool by_id = names_by_id(asked);
  if (request.version() < kByTopicId && (by_id || lacks_names(asked))) return refuse_ids(request, asked);

  const controller::ImagePtr image = request.shard.image();
  const auto brokers = brokers_for(request, *image, false);
  wire::MetadataResponse response;
  for (const BrokerAddress& broker : brokers) {
    response.brokers.push_back(
        {.node_id = broker.id.value(), .host = broker.host, .port = broker.port, .rack = broker.rack});
  }
  response.cluster_id = request.shard.core.cluster_id;
  // Any broker passes admin requests on, so any will do as "controller"; Kafka names one that lives.
  if (!brokers.empty()) response.controller_id = brokers.front().id.value();

  const bool wants_all = !asked.topics || (request.version() < kNullMeansAll && asked.topics->empty());
  if (wants_all) {
    for (const auto& [name, topic] : image->topics()) {
      response.topics.push_back(describe(*image, *topic, asked.include_topic_authorized_operations));
    }
  } else if (by_id) {
    add_by_id(asked, *image, response);
  } else {
    add_by_name(request, asked, *image, response);
  }
  const bool tells_operations =
      request.version() >= kClusterOperationsFirst && request.version() <= kClusterOperationsLast;
  if (tells_operations && asked.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = kAllClusterOperations;
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
