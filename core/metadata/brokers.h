// The life of a broker as the controller sees it (KIP-631): registered and fenced, unfenced when it serves, fenced
// again when it leaves. And what each step means for the partitions that it holds. Pure.
#pragma once

#include "metadata/broker_requests.h"
#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/record_list.h"
#include "metadata/refusal.h"

namespace gregor::metadata {

struct Registration {
  RecordList records = {};
  BrokerEpoch epoch = {};
};

/// What speaks against a registration: INCONSISTENT_CLUSTER_ID, DUPLICATE_BROKER_REGISTRATION, INVALID_REGISTRATION
/// (directories), UNSUPPORTED_VERSION (features); in this order. `has_session`: the registered incarnation lives, so
/// that another one under its id is refused, unless it is on its way out.
Verdict fault_of_registration(const Image& image, const RegisterBroker& request, const std::string& cluster_id,
                              bool has_session);

/// `next_offset` is where the first record will stand: the epoch of a new incarnation, so that a fast bounce cannot be
/// taken for the former life (KAFKA-7235). A new incarnation is fenced; what its former life led is led by others, and
/// where that ended uncleanly it is in no ISR and eligible nowhere (KIP-966). The same incarnation keeps its epoch.
/// Errors: exists (duplicate), invalid (all other faults).
Result<Registration> decide_register_broker(const Image& image, const ElectionRules& defaults,
                                            const RegisterBroker& request, const std::string& cluster_id,
                                            Offset next_offset, bool has_session);

/// Each gives no records where there is nothing to do. Errors: not_found (broker), stale (epoch).
Result<RecordList> decide_unfence_broker(const Image& image, const ElectionRules& defaults, NodeId broker,
                                         BrokerEpoch epoch);
Result<RecordList> decide_fence_broker(const Image& image, const ElectionRules& defaults, NodeId broker,
                                       BrokerEpoch epoch);
/// The flag alone. What becomes of its partitions is records_for_leaving()'s to say, in the same batch.
RecordList fencing_record(const BrokerRegistration& broker);
/// It leads nothing and is in no ISR from here on, but serves until others know (KIP-841).
Result<RecordList> decide_controlled_shutdown(const Image& image, const ElectionRules& defaults, NodeId broker,
                                              BrokerEpoch epoch);

/// The broker is forgotten; what it led is led by others, or by nobody. Errors: not_found.
Result<RecordList> decide_unregister_broker(const Image& image, const ElectionRules& defaults, NodeId broker);

}  // namespace gregor::metadata
