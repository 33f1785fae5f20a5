// ControllerRegistration, v0, of controllers: where a controller is and what it can do (KIP-919).
// Errors: UNSUPPORTED_VERSION (of metadata.version), NOT_CONTROLLER; REQUEST_TIMED_OUT while the node stops. Suspends
// until it is committed.
#include "broker/api/handlers.h"
#include "wire/controller_registration.h"

namespace gregor::broker::api {
namespace {

metadata::ControllerRegistration owned(const wire::ControllerRegistrationRequest& asked) {
  metadata::ControllerRegistration registration{.id = NodeId{asked.controller_id},
                                                .incarnation_id = asked.incarnation_id};
  for (const auto& listener : asked.listeners) {
    registration.listeners.push_back({.name = std::string(listener.name),
                                      .host = std::string(listener.host),
                                      .port = listener.port,
                                      .security_protocol = listener.security_protocol});
  }
  for (const auto& feature : asked.features) {
    registration.features[std::string(feature.name)] = {.lowest = feature.min_supported_version,
                                                        .highest = feature.max_supported_version};
  }
  return registration;
}

}  // namespace

Result<Reply> controller_registration(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::ControllerRegistrationRequest>());
  const auto done = request.shard.core.controller->register_controller(self, request.shard.feed, owned(asked));
  wire::ControllerRegistrationResponse response;
  response.error_message = std::nullopt;
  if (!done) {
    const bool is_too_new = done.error().code == Errc::unsupported;
    response.error_code = code(is_too_new ? wire::ErrorCode::unsupported_version : refusal_of(request, done.error()));
    response.error_message = done.error().text;
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
