// Producer state as replica/ thinks of it and as storage/ keeps it in snapshot files. Pure.
#pragma once

#include <vector>

#include "replica/producer_table.h"
#include "storage/producer_snapshot.h"

namespace gregor::partition {

std::vector<storage::ProducerEntry> storage_entries(const std::vector<replica::ProducerEntry>& entries);
std::vector<replica::ProducerEntry> replica_entries(const std::vector<storage::ProducerEntry>& entries);

}  // namespace gregor::partition
