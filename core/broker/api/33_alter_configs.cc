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
  auto changes = config_changes_of(asked, /*replaces_all=*/true, [](const auto&) { return metadata::kConfigSet; });
  const auto altered = alter_configs_of(self, request, std::move(changes));
  return request.answer(answer_to_changes<wire::AlterConfigsResponse>(altered));
}

}  // namespace gregor::broker::api
