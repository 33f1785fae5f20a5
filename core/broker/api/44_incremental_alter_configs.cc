// IncrementalAlterConfigs, v0-v1: sets, deletes, appends to and subtracts from single settings of topics, brokers,
// groups and client metrics subscriptions, and leaves the others alone (KIP-339).
// Errors per resource: INVALID_REQUEST (a setting twice, no value, an unknown kind of resource, another broker, a
// broker's setting that is fixed or wrong), INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION,
// UNKNOWN_SERVER_ERROR (an unknown operation); REQUEST_TIMED_OUT while the node stops. Suspends until it is committed.
#include "broker/api/config_changes.h"
#include "broker/api/handlers.h"
#include "wire/incremental_alter_configs.h"

namespace gregor::broker::api {

Result<Reply> incremental_alter_configs(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::IncrementalAlterConfigsRequest>());
  auto changes =
      config_changes_of(asked, /*replaces_all=*/false, [](const auto& config) { return config.config_operation; });
  const auto altered = alter_configs_of(self, request, std::move(changes));
  return request.answer(answer_to_changes<wire::IncrementalAlterConfigsResponse>(altered));
}

}  // namespace gregor::broker::api
