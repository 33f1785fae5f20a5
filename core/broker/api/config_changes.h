// What IncrementalAlterConfigs and AlterConfigs have in common: checks that the asked broker makes on its own, then the
// controller's decision, then one answer for each resource in the order of the request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/api/request.h"
#include "metadata/config_requests.h"

namespace gregor::broker::api {

/// What either request asks for; `operation_of(setting)` tells what to do with it.
template <class Asked, class OperationOf>
metadata::AlterConfigs config_changes_of(const Asked& asked, bool replaces_all, OperationOf operation_of) {
  metadata::AlterConfigs changes{.resources = {}, .replaces_all = replaces_all, .validate_only = asked.validate_only};
  for (const auto& resource : asked.resources) {
    auto& added = changes.resources.emplace_back();
    added.resource = {resource.resource_type, std::string(resource.resource_name)};
    for (const auto& config : resource.configs) {
      added.changes.push_back({.name = std::string(config.name),
                               .operation = operation_of(config),
                               .value = config.value ? std::optional<std::string>(*config.value) : std::nullopt});
    }
  }
  return changes;
}

/// Borrows from `altered`.
template <class Response>
Response answer_to_changes(const std::vector<metadata::AlteredConfigs>& altered) {
  Response response;
  for (const metadata::AlteredConfigs& one : altered) {
    response.responses.push_back({.error_code = code(one.error),
                                  .error_message = one.error_message,
                                  .resource_type = one.resource.type,
                                  .resource_name = one.resource.name});
  }
  return response;
}

/// Suspends. `asked.resources` may hold a resource twice here: both are refused then. One answer for each, in order.
std::vector<metadata::AlteredConfigs> alter_configs_of(env::Fiber& self, Request& request,
                                                       metadata::AlterConfigs asked);

}  // namespace gregor::broker::api
