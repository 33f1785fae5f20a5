// Adding partitions to topics: what is refused, in Kafka's order of checks, and the records of what is granted
// (KIP-195). Pure.
#pragma once

#include "base/random.h"
#include "metadata/decision.h"
#include "metadata/image.h"
#include "metadata/partition_requests.h"

namespace gregor::metadata {

/// Starting brokers come from `random`.
Decision<CreatedPartitions> decide_create_partitions(const Image& image, const CreatePartitions& request,
                                                     RandomStream& random);

}  // namespace gregor::metadata
