// DescribeCluster, v0-v2: the brokers and the controller, without any topic.  (KIP-700, KIP-919, KIP-1073)
// Errors: MISMATCHED_ENDPOINT_TYPE (v1: controllers asked of a broker), UNSUPPORTED_ENDPOINT_TYPE. Never suspends.
#include "broker/api/handlers.h"
#include "wire/describe_cluster.h"

namespace gregor::broker::api {
namespace {

constexpr std::int8_t kBrokers = 1;
constexpr std::int8_t kControllers = 2;

}  // namespace

Result<Reply> describe_cluster(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::DescribeClusterRequest>());
  wire::DescribeClusterResponse response;
  response.cluster_id = request.shard.core.cluster_id;
  if (asked.endpoint_type == kControllers) {
    response.error_code = code(wire::ErrorCode::mismatched_endpoint_type);
    response.error_message = "The request was sent to an endpoint of wrong type: this is a broker's.";
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
