#include "metadata/brokers.h"

#include <algorithm>

#include "base/mutant.h"
#include "metadata/broker_epoch.h"
#include "metadata/broker_partitions.h"
#include "metadata/directories.h"
#include "metadata/metadata_version.h"
#include "metadata/registration_record.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

constexpr std::int16_t kRecordsControlledShutdown = 8;  // of metadata.version
constexpr std::int16_t kRegistersDirectories = 3;       // of RegisterBrokerRecord

/// Of `standing` are the epoch and the flags.
RecordList registration_records(const Image& image, const RegisterBroker& request, const BrokerRegistration& standing) {
  const BrokerRegistration registration{.id = request.id,
                                        .epoch = standing.epoch,
                                        .incarnation_id = request.incarnation_id,
                                        .listeners = request.listeners,
                                        .features = request.features,
                                        .rack = request.rack,
                                        .fenced = standing.fenced,
                                        .in_controlled_shutdown = standing.in_controlled_shutdown,
                                        .log_dirs = request.log_dirs};
  const std::int16_t version = record_versions_at(image.feature_level(kMetadataVersion)).register_broker;
  RecordList records;
  records.add(registration_record_of(registration, version), version);
  return records;
}

bool is_same_incarnation(const Image& image, const RegisterBroker& request) {
  const BrokerRegistration* present = image.find_broker(request.id);
  return present != nullptr && present->incarnation_id == request.incarnation_id;
}

Verdict fault_of_features(const Image& image, const RegisterBroker& request) {
  for (const auto& [name, level] : image.features()) {
    if (name != kMetadataVersion) continue;  // other features bind the code that serves them
    const auto range = request.features.find(name);
    if (range == request.features.end() || level < range->second.lowest || level > range->second.highest) {
      return refuse(ErrorCode::unsupported_version, "broker " + std::to_string(request.id.value()) +
                                                        " cannot work at " + name + " level " + std::to_string(level));
    }
  }
  return std::nullopt;
}

/// Directories are how replicas are found again: one id is in one place (KIP-858).
Verdict fault_of_directories(const Image& image, const RegisterBroker& request) {
  if (record_versions_at(image.feature_level(kMetadataVersion)).register_broker < kRegistersDirectories) {
    return std::nullopt;
  }
  const auto refused = [](std::string text) { return refuse(ErrorCode::invalid_registration, std::move(text)); };
  if (request.log_dirs.empty()) return refused("No directories specified in request");
  std::vector<Uuid> sorted = request.log_dirs;
  std::sort(sorted.begin(), sorted.end());
  if (std::any_of(sorted.begin(), sorted.end(), is_reserved_id)) return refused("Reserved directory ID in request");
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    return refused("Duplicate directory ID in request");
  }
  for (const auto& [id, broker] : image.brokers()) {
    if (id == request.id) continue;
    for (const Uuid& directory : broker.log_dirs) {
      if (!std::binary_search(sorted.begin(), sorted.end(), directory)) continue;
      return refused("Broker " + std::to_string(id.value()) + " is already registered with directory " +
                     directory.to_text());
    }
  }
  return std::nullopt;
}

/// What the former life of a broker that comes back leaves behind.
RecordList records_for_former_life(const Image& image, const ElectionRules& defaults, const RegisterBroker& request,
                                   const BrokerRegistration& former) {
  const bool was_clean = !request.previous_broker_epoch || *request.previous_broker_epoch == former.epoch;
  if (was_clean || !tracks_eligible_replicas(image) || MUTANT(unclean_shutdown_is_ignored)) {
    return records_for_leaving(image, defaults, request.id);
  }
  return records_for_unclean_end(image, defaults, request.id);
}

RecordList change_record(const wire::BrokerRegistrationChangeRecord& record, std::int16_t version) {
  RecordList records;
  records.add(record, version);
  return records;
}

/// -1 turns a flag off. The second is written at the version that knows it, as a broker that had been leaving comes
/// back.
RecordList unfencing_record(const BrokerRegistration& broker) {
  wire::BrokerRegistrationChangeRecord record{
      .broker_id = broker.id.value(), .broker_epoch = broker.epoch.value(), .fenced = -1};
  if (!broker.in_controlled_shutdown) return change_record(record, 0);
  record.in_controlled_shutdown = -1;
  return change_record(record, 1);
}

}  // namespace

Verdict fault_of_registration(const Image& image, const RegisterBroker& request, const std::string& cluster_id,
                              bool has_session) {
  const std::string who = std::to_string(request.id.value());
  if (request.cluster_id != cluster_id) {
    return refuse(ErrorCode::inconsistent_cluster_id,
                  "broker " + who + " belongs to cluster " + request.cluster_id + ", this is cluster " + cluster_id);
  }
  const BrokerRegistration* present = image.find_broker(request.id);
  const bool is_taken = has_session && present != nullptr && !present->in_controlled_shutdown;
  if (is_taken && !is_same_incarnation(image, request)) {
    return refuse(ErrorCode::duplicate_broker_registration, "another broker is registered under id " + who);
  }
  if (Verdict fault = fault_of_directories(image, request)) return fault;
  return fault_of_features(image, request);
}

Result<Registration> decide_register_broker(const Image& image, const ElectionRules& defaults,
                                            const RegisterBroker& request, const std::string& cluster_id,
                                            Offset next_offset, bool has_session) {
  if (const Verdict fault = fault_of_registration(image, request, cluster_id, has_session)) {
    const bool is_duplicate = fault->error == ErrorCode::duplicate_broker_registration;
    return fail(is_duplicate ? Errc::exists : Errc::invalid, fault->text.value_or(""));
  }
  const BrokerRegistration* present = image.find_broker(request.id);
  if (is_same_incarnation(image, request)) {
    return Registration{.records = registration_records(image, request, *present), .epoch = present->epoch};
  }
  const BrokerRegistration coming{.epoch = BrokerEpoch{next_offset.value()}};
  Registration registration{.records = registration_records(image, request, coming), .epoch = coming.epoch};
  if (present != nullptr) registration.records.append(records_for_former_life(image, defaults, request, *present));
  return registration;
}

Result<RecordList> decide_unfence_broker(const Image& image, const ElectionRules& defaults, NodeId broker,
                                         BrokerEpoch epoch) {
  TRY_ASSIGN(const BrokerRegistration* present, registered_broker(image, broker, epoch));
  RecordList records;
  if (present->fenced) records.append(unfencing_record(*present));
  records.append(records_for_coming(image, defaults, broker));
  return records;
}

RecordList fencing_record(const BrokerRegistration& broker) {
  return change_record({.broker_id = broker.id.value(), .broker_epoch = broker.epoch.value(), .fenced = 1}, 0);
}

Result<RecordList> decide_fence_broker(const Image& image, const ElectionRules& defaults, NodeId broker,
                                       BrokerEpoch epoch) {
  TRY_ASSIGN(const BrokerRegistration* present, registered_broker(image, broker, epoch));
  RecordList records;
  if (!present->fenced) {
    records.append(fencing_record(*present));
    records.append(records_for_leaving(image, defaults, broker));
  }
  return records;
}

Result<RecordList> decide_controlled_shutdown(const Image& image, const ElectionRules& defaults, NodeId broker,
                                              BrokerEpoch epoch) {
  TRY_ASSIGN(const BrokerRegistration* present, registered_broker(image, broker, epoch));
  RecordList records;
  if (!present->in_controlled_shutdown && image.feature_level(kMetadataVersion) >= kRecordsControlledShutdown) {
    records.append(change_record(
        {.broker_id = broker.value(), .broker_epoch = present->epoch.value(), .in_controlled_shutdown = 1}, 1));
  }
  records.append(records_for_leaving(image, defaults, broker));
  return records;
}

Result<RecordList> decide_unregister_broker(const Image& image, const ElectionRules& defaults, NodeId broker) {
  const BrokerRegistration* present = image.find_broker(broker);
  if (present == nullptr) {
    return fail(Errc::not_found, "Broker ID " + std::to_string(broker.value()) + " is not currently registered");
  }
  RecordList records = tracks_eligible_replicas(image) ? records_for_unclean_end(image, defaults, broker)
                                                       : records_for_leaving(image, defaults, broker);
  records.add(wire::UnregisterBrokerRecord{.broker_id = broker.value(), .broker_epoch = present->epoch.value()}, 0);
  return records;
}

}  // namespace gregor::metadata
