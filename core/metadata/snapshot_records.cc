#include "metadata/snapshot_records.h"

#include "base/mutant.h"
#include "metadata/metadata_version.h"
#include "metadata/node_ids.h"
#include "metadata/registration_record.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

void add_features(const Image& image, RecordList& records) {
  const auto add = [&](const std::string& name, std::int16_t level) {
    records.add(wire::FeatureLevelRecord{.name = name, .feature_level = level}, 0);
  };
  // The level that says how everything else is read goes first.
  const std::string first(kMetadataVersion);
  if (const std::int16_t level = image.feature_level(first); level != 0) add(first, level);
  for (const auto& [name, level] : image.features()) {
    if (name != first) add(name, level);
  }
}

void add_partition(const TopicId& topic, PartitionIndex index, const Partition& partition, std::int16_t version,
                   RecordList& records) {
  wire::PartitionRecord record{.partition_id = index.value(), .topic_id = topic};
  record.replicas = ids_of(partition.replicas);
  record.isr = ids_of(partition.isr);
  record.removing_replicas = ids_of(partition.removing_replicas);
  record.adding_replicas = ids_of(partition.adding_replicas);
  record.leader = partition.leader.value();
  record.leader_recovery_state = partition.leader_recovery_state;
  record.leader_epoch = partition.leader_epoch.value();
  record.partition_epoch = partition.partition_epoch;
  if (version >= 1) record.directories = partition.directories;
  if (version >= 2 && !partition.eligible_leader_replicas.empty()) {
    record.eligible_leader_replicas = ids_of(partition.eligible_leader_replicas);
  }
  if (version >= 2 && !partition.last_known_elr.empty()) record.last_known_elr = ids_of(partition.last_known_elr);
  records.add(record, version);
}

void add_topics(const Image& image, RecordList& records) {
  const std::int16_t version = record_versions_at(image.feature_level(kMetadataVersion)).partition;
  for (const auto& [id, topic] : image.topics_by_id()) {
    records.add(wire::TopicRecord{.name = topic->name, .topic_id = id}, 0);
    for (const auto& [index, partition] : topic->partitions) add_partition(id, index, partition, version, records);
  }
}

void add_configs(const Image& image, RecordList& records) {
  for (const auto& [resource, values] : image.configs()) {
    for (const auto& [name, value] : *values) {
      records.add(wire::ConfigRecord{.resource_type = resource.type,
                                     .resource_name = resource.name,
                                     .name = name,
                                     .value = std::string_view(value)},
                  0);
    }
  }
}

void add_quotas(const Image& image, RecordList& records) {
  for (const auto& [entity, values] : image.client_quotas()) {
    for (const auto& [key, value] : values) {
      wire::ClientQuotaRecord record{.key = key, .value = value, .remove = false};
      for (const auto& [type, name] : entity) {
        record.entity.push_back(
            {.entity_type = type, .entity_name = name ? std::optional<std::string_view>(*name) : std::nullopt});
      }
      records.add(record, 0);
    }
  }
}

void add_credentials(const Image& image, RecordList& records) {
  for (const auto& [key, credential] : image.scram_credentials()) {
    records.add(wire::UserScramCredentialRecord{.name = key.user,
                                                .mechanism = key.mechanism,
                                                .salt = credential.salt,
                                                .stored_key = credential.stored_key,
                                                .server_key = credential.server_key,
                                                .iterations = credential.iterations},
                0);
  }
}

}  // namespace

RecordList snapshot_records_of(const Image& image) {
  RecordList records;
  add_features(image, records);
  for (const auto& [id, controller] : image.controllers()) records.add(registration_record_of(controller), 0);
  const std::int16_t broker_version = record_versions_at(image.feature_level(kMetadataVersion)).register_broker;
  for (const auto& [id, broker] : image.brokers()) {
    records.add(registration_record_of(broker, broker_version), broker_version);
  }
  add_topics(image, records);
  add_configs(image, records);
  add_quotas(image, records);
  add_credentials(image, records);
  for (const auto& [key, value] : image.kept_records()) records.add_encoded(*value);
  if (image.next_producer_id() > 0 && !MUTANT(snapshot_misses_producer_ids)) {
    records.add(
        wire::ProducerIdsRecord{.broker_id = -1, .broker_epoch = -1, .next_producer_id = image.next_producer_id()}, 0);
  }
  return records;
}

}  // namespace gregor::metadata
