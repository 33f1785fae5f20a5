// DescribeCluster, v0-v2: the brokers and the controller, without any topic.  (KIP-700, KIP-919, KIP-1073)
// Errors: MISMATCHED_ENDPOINT_TYPE (v1: controllers asked of a broker, brokers of a controller),
// UNSUPPORTED_ENDPOINT_TYPE. Never suspends.
#include "broker/api/handlers.h"
#include "wire/describe_cluster.h"

namespace gregor::broker::api {
namespace {

constexpr std::int8_t kBrokers = 1;
constexpr std::int8_t kControllers = 2;

/// Each controller under its address for those who come by this listener.
Result<Reply> describe_controllers(const Request& request, wire::DescribeClusterResponse& response) {
  const controller::ImagePtr image = request.shard.image();
  response.endpoint_type = kControllers;
  response.controller_id = request.shard.feed.leader().id.value();
  for (const auto& [id, controller] : image->controllers()) {
    for (const metadata::Endpoint& endpoint : controller.listeners) {
      if (endpoint.name != request.client.listener) continue;
      response.brokers.push_back({.broker_id = id.value(), .host = endpoint.host, .port = endpoint.port});
    }
  }
  return request.answer(response);
}

}  // namespace

Result<Reply> describe_cluster(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeClusterRequest>());
  wire::DescribeClusterResponse response;
  response.cluster_id = request.shard.core.cluster_id;
  if (request.client.side == Side::controllers && asked.endpoint_type == kControllers) {
    return describe_controllers(request, response);
  }
  if (asked.endpoint_type == kControllers) {
    response.error_code = code(wire::ErrorCode::mismatched_endpoint_type);
    response.error_message = "The request was sent to an endpoint of wrong type: this is a broker's.";
    return request.answer(response);
  }
  if (request.client.side == Side::controllers) {
    response.error_code = code(wire::ErrorCode::mismatched_endpoint_type);
    response.error_message = "The request was sent to an endpoint of wrong type: this is a controller's.";
    return request.answer(response);
  }
  if (asked.endpoint_type != kBrokers) {
    response.error_code = code(wire::ErrorCode::unsupported_endpoint_type);
    response.error_message = "Unsupported endpoint type.";
    return request.answer(response);
  }
  const controller::ImagePtr image = request.shard.image();
  const auto brokers = brokers_for(request, *image, asked.include_fenced_brokers);
  for (const BrokerAddress& broker : brokers) {
    response.brokers.push_back({.broker_id = broker.id.value(),
                                .host = broker.host,
                                .port = broker.port,
                                .rack = broker.rack,
                                .is_fenced = broker.is_fenced});
    if (!broker.is_fenced && response.controller_id < 0) response.controller_id = broker.id.value();
  }
  if (asked.include_cluster_authorized_operations) response.cluster_authorized_operations = kAllClusterOperations;
  return request.answer(response);
}

}  // namespace gregor::broker::api
