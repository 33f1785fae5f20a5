// gregor cluster up N: N brokers, each its own controller too, as processes of this machine: to try a cluster with.
// Promises: each has its own directory, log file and ports under --data-dir, which a later `up` of the same directory
// opens again; SIGINT and SIGTERM end them one after the other, so that each hands its leaderships on; none outlives
// this process by its own wish. A directory that went missing among others is not taken for a new cluster's: its node
// asks the others who they are.
#pragma once

#include "runtime/gregor/options.h"

namespace gregor::program {

/// With the options of `gregor cluster`.
int run_cluster_up(const Values& values);

}  // namespace gregor::program
