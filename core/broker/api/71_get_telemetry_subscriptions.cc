// GetTelemetrySubscriptions, v0: which metrics shall a client push, and how often?  (KIP-714)
// A client without an id is given one. Not advertised: this broker has no receiver for metrics, and answers all the
// same, as Kafka does. Errors: THROTTLING_QUOTA_EXCEEDED (asked too soon). Never suspends.
#include "broker/api/handlers.h"
#include "broker/api/metrics_client.h"
#include "wire/get_telemetry_subscriptions.h"

namespace gregor::broker::api {

Result<Reply> get_telemetry_subscriptions(env::Fiber&, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::GetTelemetrySubscriptionsRequest>());
  BrokerShard& shard = request.shard;
  const Uuid id = asked.client_instance_id.is_zero() ? shard.metrics_client_ids.uuid() : asked.client_instance_id;
  const auto subscription = subscription_of(*shard.image(), id, metrics_client_of(request, id));
  wire::GetTelemetrySubscriptionsResponse response;
  response.error_code = code(shard.client_metrics.on_get(id, subscription, shard.shard.clock.now()));
  if (response.error_code != 0) return request.answer(response);
  response.client_instance_id = id;
  response.subscription_id = subscription.id;
  response.accepted_compression_types = {4, 3, 1, 2};  // zstd, lz4, gzip, snappy: in order of preference
  response.push_interval_ms = subscription.push_interval_ms;
  response.telemetry_max_bytes = shard.config().telemetry_max_bytes;
  response.delta_temporality = true;
  response.requested_metrics.assign(subscription.metrics.begin(), subscription.metrics.end());
  return request.answer(response);
}

}  // namespace gregor::broker::api
