#include "metadata/brokers.h"

#include <algorithm>
#include <functional>

#include "metadata/metadata_version.h"
#include "metadata/node_ids.h"
#include "metadata/placement.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

std::int16_t change_version(const Image& image) {
  return record_versions_at(image.feature_level(kMetadataVersion)).partition_change;
}

void for_each_partition(const Image& image,
                        const std::function<void(const Topic&, PartitionIndex, const Partition&)>& visit) {
  for (const auto& [name, topic] : image.topics()) {
    for (const auto& [index, partition] : topic->partitions) visit(*topic, index, partition);
  }
}

/// `leaving` leads nothing from here on: another in-sync replica does, or nobody. The last in-sync replica stays in the
/// ISR: only it is known to hold every committed record.
RecordList hand_over(const Image& image, NodeId leaving) {
  RecordList records;
  for_each_partition(image, [&](const Topic& topic, PartitionIndex index, const Partition& partition) {
    if (partition.leader != leaving && !holds(partition.isr, leaving)) return;
    wire::PartitionChangeRecord change{.partition_id = index.value(), .topic_id = topic.id};
    std::vector<NodeId> isr = partition.isr;
    std::erase(isr, leaving);
    if (!isr.empty() && isr != partition.isr) change.isr = ids_of(isr);
    if (partition.leader == leaving) {
      const auto next = std::find_if(partition.replicas.begin(), partition.replicas.end(), [&](NodeId replica) {
        return replica != leaving && holds(isr, replica) && is_active(image, replica);
      });
      change.leader = next == partition.replicas.end() ? kNoLeader.value() : next->value();
    }
    if (change.isr || partition.leader == leaving) records.add(change, change_version(image));
  });
  return records;
}

/// Whether `broker` holds every committed record of a partition without leader: it is in the ISR; or the ISR is empty
/// and it is eligible (KIP-966); or it is the sole replica there is.
bool may_lead(const Partition& partition, NodeId broker) {
  if (holds(partition.isr, broker)) return true;
  if (!partition.isr.empty()) return false;
  return holds(partition.eligible_leader_replicas, broker) || partition.replicas == std::vector<NodeId>{broker};
}

RecordList take_over(const Image& image, NodeId coming) {
  RecordList records;
  for_each_partition(image, [&](const Topic& topic, PartitionIndex index, const Partition& partition) {
    if (partition.leader != kNoLeader || !holds(partition.replicas, coming) || !may_lead(partition, coming)) return;
    wire::PartitionChangeRecord change{.partition_id = index.value(), .topic_id = topic.id, .leader = coming.value()};
    if (partition.isr.empty()) {
      change.isr = std::vector<std::int32_t>{coming.value()};
      std::vector<NodeId> eligible = partition.eligible_leader_replicas;
      std::erase(eligible, coming);
      if (eligible != partition.eligible_leader_replicas) change.eligible_leader_replicas = ids_of(eligible);
      if (!partition.last_known_elr.empty()) change.last_known_elr = std::vector<std::int32_t>{};
    }
    records.add(change, change_version(image));
  });
  return records;
}

RecordList registration_record(const Image& image, const RegisterBroker& request, BrokerEpoch epoch) {
  const std::int16_t version = record_versions_at(image.feature_level(kMetadataVersion)).register_broker;
  wire::RegisterBrokerRecord record{
      .broker_id = request.id.value(), .incarnation_id = request.incarnation_id, .broker_epoch = epoch.value()};
  for (const Endpoint& at : request.listeners) {
    record.end_points.push_back(
        {.name = at.name, .host = at.host, .port = at.port, .security_protocol = at.security_protocol});
  }
  for (const auto& [name, range] : request.features) {
    record.features.push_back(
        {.name = name, .min_supported_version = range.lowest, .max_supported_version = range.highest});
  }
  record.rack = request.rack ? std::optional<std::string_view>(*request.rack) : std::nullopt;
  record.fenced = true;
  if (version >= 3) record.log_dirs = request.log_dirs;
  RecordList records;
  records.add(record, version);
  return records;
}

Result<void> check_features(const Image& image, const RegisterBroker& request) {
  for (const auto& [name, level] : image.features()) {
    if (name != kMetadataVersion) continue;  // other features bind the code that serves them
    const auto range = request.features.find(name);
    if (range == request.features.end() || level < range->second.lowest || level > range->second.highest) {
      return fail(Errc::invalid, "broker " + std::to_string(request.id.value()) + " cannot work at " + name +
                                     " level " + std::to_string(level));
    }
  }
  return {};
}

Result<const BrokerRegistration*> registered(const Image& image, NodeId broker, BrokerEpoch epoch) {
  const BrokerRegistration* registration = image.find_broker(broker);
  if (registration == nullptr) {
    return fail(Errc::not_found, "broker " + std::to_string(broker.value()) + " is not registered");
  }
  if (registration->epoch != epoch) {
    return fail(Errc::stale, "broker " + std::to_string(broker.value()) + " is at epoch " +
                                 std::to_string(registration->epoch.value()) + ", not " +
                                 std::to_string(epoch.value()));
  }
  return registration;
}

RecordList fencing_record(NodeId broker, BrokerEpoch epoch, bool fenced) {
  RecordList records;
  records.add(wire::BrokerRegistrationChangeRecord{.broker_id = broker.value(),
                                                   .broker_epoch = epoch.value(),
                                                   .fenced = static_cast<std::int8_t>(fenced ? 1 : -1)},
              0);
  return records;
}

/// -1 turns the flag off. Written at the version that knows it, as a broker that had been leaving comes back.
RecordList unfencing_record(const BrokerRegistration& broker) {
  if (!broker.in_controlled_shutdown) return fencing_record(broker.id, broker.epoch, false);
  RecordList records;
  records.add(wire::BrokerRegistrationChangeRecord{.broker_id = broker.id.value(),
                                                   .broker_epoch = broker.epoch.value(),
                                                   .fenced = -1,
                                                   .in_controlled_shutdown = -1},
              1);
  return records;
}

}  // namespace

Result<Registration> decide_register_broker(const Image& image, const RegisterBroker& request,
                                            const std::string& cluster_id, Offset next_offset, bool has_session) {
  if (request.cluster_id != cluster_id) {
    return fail(Errc::invalid, "broker " + std::to_string(request.id.value()) + " belongs to cluster " +
                                   request.cluster_id + ", this is cluster " + cluster_id);
  }
  TRY(check_features(image, request));
  const BrokerRegistration* present = image.find_broker(request.id);
  const bool is_same = present != nullptr && present->incarnation_id == request.incarnation_id;
  if (has_session && present != nullptr && !is_same) {
    return fail(Errc::exists, "another broker is registered under id " + std::to_string(request.id.value()));
  }
  const BrokerEpoch epoch = is_same ? present->epoch : BrokerEpoch{next_offset.value()};
  Registration registration{.records = registration_record(image, request, epoch), .epoch = epoch};
  if (present != nullptr && !present->fenced) registration.records.append(hand_over(image, request.id));
  return registration;
}

Result<RecordList> decide_unfence_broker(const Image& image, NodeId broker, BrokerEpoch epoch) {
  TRY_ASSIGN(const BrokerRegistration* present, registered(image, broker, epoch));
  RecordList records;
  if (present->fenced) records.append(unfencing_record(*present));
  records.append(take_over(image, broker));
  return records;
}

Result<RecordList> decide_unregister_broker(const Image& image, NodeId broker) {
  const BrokerRegistration* present = image.find_broker(broker);
  if (present == nullptr) {
    return fail(Errc::not_found, "Broker ID " + std::to_string(broker.value()) + " is not currently registered");
  }
  RecordList records = hand_over(image, broker);
  records.add(wire::UnregisterBrokerRecord{.broker_id = broker.value(), .broker_epoch = present->epoch.value()}, 0);
  return records;
}

Result<RecordList> decide_fence_broker(const Image& image, NodeId broker, BrokerEpoch epoch) {
  TRY_ASSIGN(const BrokerRegistration* present, registered(image, broker, epoch));
  RecordList records;
  if (!present->fenced) {
    records.append(fencing_record(broker, epoch, true));
    records.append(hand_over(image, broker));
  }
  return records;
}

}  // namespace gregor::metadata
