// Clusters without eligible leader replicas (KIP-966): new ones track them, so it is taken back before they do
// anything.
#pragma once

#include "client/cluster.h"
#include "env/fiber.h"

namespace gregor::scenarios {

/// Sets eligible.leader.replicas.version to 0, asked again until it is so. Suspends.
void stop_tracking_elr(env::Fiber& self, client::Cluster& cluster);

}  // namespace gregor::scenarios
