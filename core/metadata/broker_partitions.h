// What becomes of partitions when a broker comes or goes: who leads them, who is in sync. Pure.
#pragma once

#include <functional>
#include <optional>

#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

/// It leads nothing and is in no ISR from here on; below min.insync.replicas it stays eligible. `concerns` narrows the
/// partitions down. Where eligible replicas are not kept, the last in-sync replica stays in the ISR: only it is known
/// to hold every committed record.
RecordList records_for_leaving(const Image& image, const ElectionRules& defaults, NodeId broker,
                               const std::function<bool(const Partition&)>& concerns = {});
/// It may have lost what it acknowledged: as leaving, and it is eligible nowhere.
RecordList records_for_unclean_end(const Image& image, const ElectionRules& defaults, NodeId broker);
/// It is about to be unfenced: partitions without leader that it may lead have one again.
RecordList records_for_coming(const Image& image, const ElectionRules& defaults, NodeId broker);

bool leads_anything(const Image& image, NodeId broker);

}  // namespace gregor::metadata
