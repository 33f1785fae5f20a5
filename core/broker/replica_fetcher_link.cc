#include "broker/replica_fetcher_link.h"

#include <utility>

#include "client/connection.h"

namespace gregor::broker {
namespace {

class NetworkLink final : public LeaderLink {
 public:
  explicit NetworkLink(std::shared_ptr<client::Connection> connection) : connection_(std::move(connection)) {}

  Result<LeaderReply<wire::FetchResponse>> fetch(env::Fiber& self, const wire::FetchRequest& request) override {
    return ask<wire::FetchRequest, wire::FetchResponse>(self, request);
  }
  Result<LeaderReply<wire::ListOffsetsResponse>> list_offsets(env::Fiber& self,
                                                              const wire::ListOffsetsRequest& request) override {
    return ask<wire::ListOffsetsRequest, wire::ListOffsetsResponse>(self, request);
  }
  void close() override { connection_->close(); }

 private:
  template <class Request, class Response>
  Result<LeaderReply<Response>> ask(env::Fiber& self, const Request& request) {
    const auto connection = connection_;  // outlives the call, whoever closes the link
    auto reply = connection->ask<Request, Response>(self, request);
    if (!reply) return fail(std::move(reply.error().error));
    const auto owner = std::make_shared<client::Reply<Response>>(std::move(*reply));
    return LeaderReply<Response>{owner, std::move(owner->body)};
  }

  std::shared_ptr<client::Connection> connection_;
};

Result<std::shared_ptr<LeaderLink>> dial(env::Fiber& self, env::Shard& shard, const BrokerDirectory& directory,
                                         const client::LinkSettings& settings, NodeId leader) {
  const auto place = directory.place_of(leader);
  if (!place) return fail(Errc::not_found, "no address is known of broker " + std::to_string(leader.value()));
  TRY_ASSIGN(const auto addresses, shard.network.resolve(self, place->host));
  Error last{Errc::not_found, place->host + " has no address", 0};
  for (const std::string& address : addresses) {
    auto connection = client::Connection::open(self, shard, {address, place->port}, settings);
    if (connection) return std::make_shared<NetworkLink>(std::move(*connection));
    last = std::move(connection.error().error);
  }
  return fail(std::move(last));
}

}  // namespace

LeaderDialer network_dialer(env::Shard& shard, const BrokerDirectory& directory, std::string client_id,
                            Milliseconds timeout) {
  client::LinkSettings settings{
      .client_id = std::move(client_id), .connect_timeout = timeout, .request_timeout = timeout};
  return [&shard, &directory, settings = std::move(settings)](env::Fiber& self, NodeId leader) {
    return dial(self, shard, directory, settings, leader);
  };
}

}  // namespace gregor::broker
