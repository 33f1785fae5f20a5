// The life of a broker as the controller sees it (KIP-631): registered and fenced, unfenced when it serves, fenced
// again when it leaves. And what each step means for the partitions that it holds. Pure.
#pragma once

#include "metadata/broker_requests.h"
#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

struct Registration {
  RecordList records = {};
  BrokerEpoch epoch = {};
};

/// `next_offset` is where the first record will stand: the epoch of a new incarnation. `has_session`: the present
/// incarnation was heard of in this controller's life, so that another one under its id is refused (else a fast bounce
/// would let two processes be one broker, KAFKA-7235). Errors: invalid (another cluster, features), exists.
Result<Registration> decide_register_broker(const Image& image, const RegisterBroker& request,
                                            const std::string& cluster_id, Offset next_offset, bool has_session);

/// Both give no records where there is nothing to do. Errors: not_found (broker), stale (epoch).
Result<RecordList> decide_unfence_broker(const Image& image, NodeId broker, BrokerEpoch epoch);
Result<RecordList> decide_fence_broker(const Image& image, NodeId broker, BrokerEpoch epoch);

/// The broker is forgotten; what it led is led by others, or by nobody. Errors: not_found.
Result<RecordList> decide_unregister_broker(const Image& image, NodeId broker);

}  // namespace gregor::metadata
