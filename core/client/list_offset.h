// Asks a partition's leader for an offset by time; what consumers and admins share.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "client/admin.h"
#include "client/cluster.h"

namespace gregor::client {

/// Retries until `deadline`. `timestamp_ms` may be one of the special ones. Suspends. Throws Cancelled.
Outcome<FoundOffset> list_offset(env::Fiber& self, Cluster& cluster, const std::string& topic, PartitionIndex partition,
                                 std::int64_t timestamp_ms, MonotonicTime deadline);

}  // namespace gregor::client
