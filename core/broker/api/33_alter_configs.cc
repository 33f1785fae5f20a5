// AlterConfigs, v0-v2: all settings of a resource at once: what is not named is deleted (KIP-133; v1-v2 as v0). Clients
// prefer IncrementalAlterConfigs.
// Errors per resource: as IncrementalAlterConfigs; log levels are an unknown kind of resource here. Suspends until it
// is committed.
#include "broker/api/config_changes.h"
#include "broker/api/handlers.h"
#include "wire/alter_configs.h"

namespace gregor::broker::api {

Result<Reply> alter_configs(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::AlterConfigsRequest>());
  metadata::AlterConfigs changes{.resources = {}, .replaces_all = true, .validate_only = asked.validate_only};
  for (const auto& resource : asked.resources) {
    auto& added = changes.resources.emplace_back();
    added.resource = {resource.resource_type, std::string(resource.resource_name)};
    for (const auto& config : resource.configs) {
      added.changes.push_back({.name = std::string(config.name),
                               .operation = metadata::kConfigSet,
                               .value = config.value ? std::optional<std::string>(*config.value) : std::nullopt});
    }
  }
  const auto altered = alter_configs_of(self, request, std::move(changes));
  wire::AlterConfigsResponse response;
  for (const metadata::AlteredConfigs& one : altered) {
    response.responses.push_back({.error_code = code(one.error),
                                  .error_message = one.error_message,
                                  .resource_type = one.resource.type,
                                  .resource_name = one.resource.name});
  }
  return request.answer(response);
}

}  // namespace gregor::broker::api
