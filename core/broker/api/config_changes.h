// What IncrementalAlterConfigs and AlterConfigs have in common: checks that the asked broker makes on its own, then the
// controller's decision, then one answer for each resource in the order of the request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/api/request.h"
#include "metadata/config_requests.h"

namespace gregor::broker::api {

/// Suspends. `asked.resources` may hold a resource twice here: both are refused then. One answer for each, in order.
std::vector<metadata::AlteredConfigs> alter_configs_of(env::Fiber& self, Request& request,
                                                       metadata::AlterConfigs asked);

}  // namespace gregor::broker::api
