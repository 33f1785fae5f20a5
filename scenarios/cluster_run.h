// Runs a scenario of several brokers, each a controller too or beside controllers, and judges it by what its clients
// saw, what stands on each disk, and what the nodes say of their replicas and of the metadata quorum. As run.h: the
// same scenario gives the same report in every build.
#pragma once

#include "scenarios/run.h"

namespace gregor::scenarios {

/// Requires several brokers.
RunReport run_cluster(const Scenario& scenario, const RunOptions& options);

}  // namespace gregor::scenarios
