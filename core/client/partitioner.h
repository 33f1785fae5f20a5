// Where a record goes when nobody says: as Java's default partitioner, so that keys land where other clients put them.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"

namespace gregor::client {

/// Murmur2 with Kafka's seed.
std::int32_t murmur2(Bytes bytes);
/// Requires partition_count > 0.
PartitionIndex partition_of_key(Bytes key, std::int32_t partition_count);

}  // namespace gregor::client
