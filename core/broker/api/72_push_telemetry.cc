// PushTelemetry, v0: a client's metrics (KIP-714). They are checked and dropped: there is no receiver here, so that the
// API is not advertised.
// Errors: INVALID_REQUEST (no client id, a push after the last), THROTTLING_QUOTA_EXCEEDED, UNKNOWN_SUBSCRIPTION_ID,
// UNSUPPORTED_COMPRESSION_TYPE, TELEMETRY_TOO_LARGE. Never suspends.
#include "broker/api/handlers.h"
#include "broker/api/metrics_client.h"
#include "wire/push_telemetry.h"

namespace gregor::broker::api {
namespace {

/// 0 is none; 1 is the id of __cluster_metadata.
bool is_reserved(const Uuid& id) {
  return id.high == 0 && id.low <= 1;
}

}  // namespace

Result<Reply> push_telemetry(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::PushTelemetryRequest>());
  BrokerShard& shard = request.shard;
  const Uuid& id = asked.client_instance_id;
  wire::PushTelemetryResponse response;
  if (is_reserved(id)) {
    response.error_code = code(wire::ErrorCode::invalid_request);
    return request.answer(response);
  }
  const auto subscription = subscription_of(*shard.image(), id, metrics_client_of(request, id));
  const ClientMetrics::Push push{.subscription_id = asked.subscription_id,
                                 .terminating = asked.terminating,
                                 .compression_type = asked.compression_type,
                                 .bytes = asked.metrics.size()};
  const auto bytes_max = static_cast<std::size_t>(shard.config().telemetry_max_bytes);
  response.error_code = code(shard.client_metrics.on_push(id, subscription, push, bytes_max, shard.shard.clock.now()));
  return request.answer(response);
}

}  // namespace gregor::broker::api
