// gregor cluster status: the quorum, the brokers and the partitions that are not well, and what to do about each.
// Promises: exit 0 where all is well, 1 where something was found (or nobody answered). Changes nothing.
#pragma once

#include "runtime/gregor/options.h"

namespace gregor::program {

/// With the options of `gregor cluster`.
int run_cluster_status(const Values& values);

}  // namespace gregor::program
