// Handing out producer ids in blocks (KIP-730). Pure.
#pragma once

#include "metadata/broker_requests.h"
#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

struct ProducerIdGrant {
  RecordList records = {};
  ProducerIdBlock block = {};  ///< the broker's once the records are committed, and not before
};

/// Errors: not_found (broker), stale (epoch), limit (2^63 ids are used up).
Result<ProducerIdGrant> decide_allocate_producer_ids(const Image& image, NodeId broker, BrokerEpoch epoch);

}  // namespace gregor::metadata
