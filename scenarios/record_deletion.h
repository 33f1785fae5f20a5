// DeleteRecords of one partition, asked once.
#pragma once

#include "client/cluster.h"
#include "properties/history.h"

namespace gregor::scenarios {

/// Asks that everything below `up_to` be deleted; the log start that the broker answers, noted in the history. False:
/// no answer within some seconds, or one with an error. Suspends.
bool delete_records(env::Fiber& self, client::Cluster& cluster, const properties::HistoryPartition& partition,
                    Offset up_to, properties::History& history, UniqueFunction<MonotonicTime()>& now);

}  // namespace gregor::scenarios
