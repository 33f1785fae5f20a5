// Envelope, v0, of controllers: a client's request that a broker forwards, header and all (KIP-590).
// Errors: NOT_CONTROLLER (also where the request met that: the broker asks another then), INVALID_REQUEST (no request,
// or one that is not forwarded; an address that is none), UNSUPPORTED_VERSION, PRINCIPAL_DESERIALIZATION_FAILURE.
// Suspends as the request within does.
#include "broker/api/handlers.h"
#include "broker/api/table.h"
#include "broker/inet_address.h"
#include "wire/envelope.h"
#include "wire/principal.h"
#include "wire/record_frame.h"

namespace gregor::broker::api {
namespace {

using wire::ErrorCode;

Result<Reply> refuse(const Request& request, ErrorCode error) {
  wire::EnvelopeResponse response;
  response.error_code = code(error);
  return request.answer(response);
}

/// Who asked: a version, then the principal. Nothing is decided by it while there is no authorizer.
bool is_principal(const std::optional<Bytes>& principal) {
  if (!principal) return false;
  wire::Reader from(*principal);
  const auto version = wire::decode_prefix(from);
  wire::DefaultPrincipalData named;
  return version && *version == 0 && decode(from, named, *version).has_value();
}

}  // namespace

Result<Reply> envelope(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::EnvelopeRequest>());
  if (!request.shard.feed.leader().is_here) return refuse(request, ErrorCode::not_controller);
  const auto address = inet_address_of(asked.client_host_address);
  if (!address) return refuse(request, ErrorCode::invalid_request);
  if (!is_principal(asked.request_principal)) return refuse(request, ErrorCode::principal_deserialization_failure);
  wire::Reader from(asked.request_data);
  const auto header = wire::decode_request_header(from);
  if (!header) return refuse(request, ErrorCode::invalid_request);
  const ApiHandler* api = find_api_handler(header->request_api_key);
  if (api == nullptr || api->decided == Decided::here) return refuse(request, ErrorCode::invalid_request);
  if (header->request_api_version < api->version_min || header->request_api_version > api->version_max) {
    return refuse(request, ErrorCode::unsupported_version);
  }
  ClientPlace place = request.client;
  place.peer = {.address = *address, .port = 0};
  Request inner{.header = *header,
                .body = from.rest(),
                .in_flight = request.in_flight,
                .client = place,
                .shard = request.shard,
                .is_forwarded = true};
  const auto reply = api->handle(self, inner);
  if (!reply) return refuse(request, ErrorCode::invalid_request);
  if (inner.met_no_controller) return refuse(request, ErrorCode::not_controller);
  const ByteBuffer whole = reply->frame.flatten();
  wire::EnvelopeResponse response;
  response.response_data = Bytes(whole).subspan(sizeof(std::int32_t));
  TRY_ASSIGN(Reply answer, request.answer(response));
  answer.frame = {.own = answer.frame.flatten(), .pieces = {}};  // `whole` goes with this call
  return answer;
}

}  // namespace gregor::broker::api
