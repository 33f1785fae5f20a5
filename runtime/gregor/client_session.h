// What topic, produce and consume share: a machine of one shard with a client on it, made for one piece of work.
#pragma once

#include <functional>

#include "client/cluster.h"
#include "runtime/gregor/command.h"
#include "runtime/gregor/options.h"

namespace gregor::program {

/// Adds --bootstrap-server and --timeout-ms.
void add_connection_options(Syntax& syntax);

/// Runs on a fiber of the machine; its return value is the exit status. SIGINT and SIGTERM cancel it.
using Work = std::function<int(env::Fiber& self, client::Cluster& cluster)>;

/// Runs `work` with a cluster behind --bootstrap-server. `when_interrupted` is the status where a signal cancelled it.
int run_with_cluster(std::string_view command, const Values& values, const Work& work,
                     Exit when_interrupted = kExitFailed);

}  // namespace gregor::program
