// UnregisterBroker, v0: forget a broker that will not come back (KIP-500).
// Errors: BROKER_ID_NOT_REGISTERED; INVALID_REQUEST for a broker that is at work, where Kafka would cut it off from its
// cluster; REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/handlers.h"
#include "wire/unregister_broker.h"

namespace gregor::broker::api {
namespace {

wire::ErrorCode error_of(Request& request, const Error& failure) {
  switch (failure.code) {
    case Errc::not_found:
      return wire::ErrorCode::broker_id_not_registered;
    case Errc::exists:
      return wire::ErrorCode::invalid_request;
    default:
      return refusal_of(request, failure);
  }
}

}  // namespace

Result<Reply> unregister_broker(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::UnregisterBrokerRequest>());
  const auto done = request.shard.core.controller->unregister_broker(self, request.shard.feed, NodeId{asked.broker_id});
  wire::UnregisterBrokerResponse response;
  response.error_message = std::nullopt;
  if (!done) {
    response.error_code = code(error_of(request, done.error()));
    response.error_message = done.error().text;
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
