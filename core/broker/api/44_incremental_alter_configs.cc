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
  metadata::AlterConfigs changes{.resources = {}, .replaces_all = false, .validate_only = asked.validate_only};
  for (const auto& resource : asked.resources) {
    auto& added = changes.resources.emplace_back();
    added.resource = {resource.resource_type, std::string(resource.resource_name)};
    for (const auto& config : resource.configs) {
      added.changes.push_back({.name = std::string(config.name),
                               .operation = config.config_operation,
                               .value = config.value ? std::optional<std::string>(*config.value) : std::nullopt});
    }
  }
  const auto altered = alter_configs_of(self, request, std::move(changes));
  wire::IncrementalAlterConfigsResponse response;
  for (const metadata::AlteredConfigs& one : altered) {
    response.responses.push_back({.error_code = code(one.error),
                                  .error_message = one.error_message,
                                  .resource_type = one.resource.type,
                                  .resource_name = one.resource.name});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
