#include "broker/api/request.h"

namespace gregor::broker::api {
namespace {

BrokerAddress address_of(const Request& request, const metadata::BrokerRegistration& broker) {
  BrokerAddress address{.id = broker.id, .host = {}, .port = 0, .rack = broker.rack, .is_fenced = broker.fenced};
  const ClientPlace& client = request.client;
  if (broker.id == request.shard.config().node_id) {
    const config::Listener told = config::advertised_to(request.shard.config().advertised_listeners, client.listener,
                                                        client.local_host, client.local_port);
    address.host = told.host;
    address.port = told.port;
    return address;
  }
  for (const metadata::Endpoint& endpoint : broker.listeners) {
    if (endpoint.name != client.listener) continue;
    address.host = endpoint.host;
    address.port = endpoint.port;
  }
  return address;
}

}  // namespace

wire::ErrorCode refusal_of(Request& request, const Error& failure) {
  if (failure.code != Errc::closed || request.shard.is_stopping()) return wire::ErrorCode::request_timed_out;
  request.met_no_controller = true;
  return wire::ErrorCode::not_controller;
}

wire::ErrorCode refusal_of_broker(Request& request, const Error& failure) {
  const bool is_stale = failure.code == Errc::stale || failure.code == Errc::not_found;
  if (failure.code == Errc::no_space) return wire::ErrorCode::kafka_storage_error;
  return is_stale ? wire::ErrorCode::stale_broker_epoch : refusal_of(request, failure);
}

Result<void> check_partition_count(std::size_t count) {
  if (count <= kPartitionsPerRequestMax) return {};
  return fail(Errc::limit, "a request names " + std::to_string(count) + " partitions, more than " +
                               std::to_string(kPartitionsPerRequestMax));
}

std::vector<BrokerAddress> brokers_for(const Request& request, const metadata::Image& image, bool with_fenced) {
  std::vector<BrokerAddress> brokers;
  for (const auto& [id, broker] : image.brokers()) {
    if (!broker.fenced || with_fenced) brokers.push_back(address_of(request, broker));
  }
  return brokers;
}

std::optional<BrokerAddress> broker_for(const Request& request, const metadata::Image& image, NodeId id) {
  const metadata::BrokerRegistration* broker = image.find_broker(id);
  if (broker == nullptr || broker->fenced) return std::nullopt;
  return address_of(request, *broker);
}

}  // namespace gregor::broker::api
