// BrokerRegistration, v0-v4, of controllers: a broker begins a life (KIP-631; v2 directories, KIP-858; v3 the epoch of
// its last clean life, KIP-966). Errors: DUPLICATE_BROKER_REGISTRATION, INCONSISTENT_CLUSTER_ID, INVALID_REGISTRATION,
// UNSUPPORTED_VERSION, NOT_CONTROLLER; REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/handlers.h"
#include "metadata/brokers.h"
#include "wire/broker_registration.h"

namespace gregor::broker::api {
namespace {

using wire::ErrorCode;

constexpr std::int16_t kPreviousEpochFrom = 3;

metadata::RegisterBroker owned(const wire::BrokerRegistrationRequest& asked, std::int16_t version) {
  metadata::RegisterBroker request{.id = NodeId{asked.broker_id},
                                   .incarnation_id = asked.incarnation_id,
                                   .cluster_id = std::string(asked.cluster_id),
                                   .log_dirs = asked.log_dirs};
  for (const auto& listener : asked.listeners) {
    request.listeners.push_back({.name = std::string(listener.name),
                                 .host = std::string(listener.host),
                                 .port = listener.port,
                                 .security_protocol = listener.security_protocol});
  }
  for (const auto& feature : asked.features) {
    request.features[std::string(feature.name)] = {.lowest = feature.min_supported_version,
                                                   .highest = feature.max_supported_version};
  }
  if (asked.rack) request.rack = std::string(*asked.rack);
  if (version >= kPreviousEpochFrom) request.previous_broker_epoch = BrokerEpoch{asked.previous_broker_epoch};
  return request;
}

ErrorCode error_of(Request& request, const metadata::RegisterBroker& asked, const Error& failure) {
  if (failure.code == Errc::exists) return ErrorCode::duplicate_broker_registration;
  if (failure.code == Errc::no_space) return ErrorCode::kafka_storage_error;
  if (failure.code != Errc::invalid) return refusal_of(request, failure);
  const auto fault = metadata::fault_of_registration(*request.shard.image(), asked, request.shard.core.cluster_id,
                                                     /*has_session=*/false);
  return fault ? fault->error : ErrorCode::invalid_registration;
}

}  // namespace

Result<Reply> broker_registration(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::BrokerRegistrationRequest>());
  const metadata::RegisterBroker registration = owned(asked, request.version());
  const auto epoch = request.shard.core.controller->register_broker(self, request.shard.feed, registration);
  wire::BrokerRegistrationResponse response;
  if (epoch) {
    response.broker_epoch = epoch->value();
  } else {
    response.error_code = code(error_of(request, registration, epoch.error()));
    request.shard.core.log.warn("broker.registration_refused",
                                {{"broker_id", asked.broker_id}, {"error", epoch.error().text}});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
