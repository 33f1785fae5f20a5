#include "metadata/record_applier.h"

#include <algorithm>

#include "base/mutant.h"
#include "metadata/metadata_version.h"
#include "metadata/node_ids.h"
#include "wire/record_frame.h"

namespace gregor::metadata {

namespace {

/// An absent list keeps what was there.
void replace(std::vector<NodeId>& kept, const std::optional<std::vector<std::int32_t>>& ids) {
  if (ids) kept = nodes_of(*ids);
}

template <class Endpoints>
std::vector<Endpoint> listeners_of(const Endpoints& endpoints) {
  std::vector<Endpoint> listeners;
  for (const auto& at : endpoints) {
    listeners.push_back({std::string(at.name), std::string(at.host), at.port, at.security_protocol});
  }
  return listeners;
}

template <class Features>
SupportedFeatures features_of(const Features& features) {
  SupportedFeatures supported;
  for (const auto& feature : features) {
    supported[std::string(feature.name)] = {feature.min_supported_version, feature.max_supported_version};
  }
  return supported;
}

std::string unknown(const char* record, const std::string& thing) {
  return std::string(record) + " speaks of " + thing + ", which is not there";
}

constexpr std::int32_t kLeaderUnchanged = -2;
constexpr std::int8_t kRecoveryStateUnchanged = -1;
constexpr std::int8_t kChangeToTrue = 1;  // of BrokerRegistrationChangeRecord; -1 to false, 0 no change
constexpr std::int8_t kChangeToFalse = -1;

void change(bool& flag, std::int8_t how) {
  if (how == kChangeToTrue) flag = true;
  if (how == kChangeToFalse) flag = false;
}

}  // namespace

Result<void> RecordApplier::apply(Bytes record_value) {
  TRY_ASSIGN(const wire::MetadataRecord record, wire::decode_metadata_record(record_value));
  return std::visit([this](const auto& known) { return on(known); }, record);
}

Result<std::shared_ptr<const Topic>> RecordApplier::topic_of(const TopicId& id, const char* record) const {
  const auto* topic = image_.topics_by_id_.find(id);
  if (topic == nullptr) return fail(Errc::corrupt, unknown(record, "topic id " + id.to_text()));
  return *topic;
}

Result<void> RecordApplier::on(const wire::TopicRecord& record) {
  if (image_.find_topic(record.topic_id) != nullptr || image_.find_topic(record.name) != nullptr) {
    return fail(Errc::corrupt, "TopicRecord makes topic " + std::string(record.name) + " a second time");
  }
  auto topic = std::make_shared<Topic>();
  topic->name = record.name;
  topic->id = record.topic_id;
  image_.topics_by_name_.set(topic->name, topic);
  image_.topics_by_id_.set(topic->id, topic);
  delta_.created_topics.insert(record.topic_id);
  return {};
}

Result<void> RecordApplier::on(const wire::RemoveTopicRecord& record) {
  TRY_ASSIGN(const auto topic, topic_of(record.topic_id, "RemoveTopicRecord"));
  image_.partition_count_ -= topic->partitions.size();
  image_.topics_by_name_.erase(topic->name);
  image_.topics_by_id_.erase(topic->id);
  const ConfigResource configs{ConfigResource::kTopic, topic->name};
  if (image_.configs_.contains(configs)) {
    image_.configs_.erase(configs);
    delta_.configs.insert(configs);
  }
  delta_.partitions.erase(topic->id);
  if (delta_.created_topics.erase(topic->id) == 0) delta_.deleted_topics.insert(topic->id);
  return {};
}

void RecordApplier::set_partition(const Topic& topic, PartitionIndex index, Partition partition) {
  if (!topic.partitions.contains(index)) ++image_.partition_count_;
  auto changed = std::make_shared<Topic>(topic);
  changed->partitions.set(index, std::move(partition));
  delta_.partitions[changed->id].insert(index);
  image_.topics_by_name_.set(changed->name, changed);
  image_.topics_by_id_.set(changed->id, changed);
}

Result<void> RecordApplier::on(const wire::PartitionRecord& record) {
  TRY_ASSIGN(const auto topic, topic_of(record.topic_id, "PartitionRecord"));
  Partition partition;
  partition.leader = NodeId{record.leader};
  partition.leader_epoch = LeaderEpoch{record.leader_epoch};
  partition.partition_epoch = record.partition_epoch;
  partition.leader_recovery_state = record.leader_recovery_state;
  partition.replicas = nodes_of(record.replicas);
  partition.isr = nodes_of(record.isr);
  partition.removing_replicas = nodes_of(record.removing_replicas);
  partition.adding_replicas = nodes_of(record.adding_replicas);
  replace(partition.eligible_leader_replicas, record.eligible_leader_replicas);
  replace(partition.last_known_elr, record.last_known_elr);
  partition.directories = record.directories;
  set_partition(*topic, PartitionIndex{record.partition_id}, std::move(partition));
  return {};
}

Result<void> RecordApplier::on(const wire::PartitionChangeRecord& record) {
  TRY_ASSIGN(const auto topic, topic_of(record.topic_id, "PartitionChangeRecord"));
  const PartitionIndex index{record.partition_id};
  const Partition* present = topic->partitions.find(index);
  if (present == nullptr) {
    return fail(Errc::corrupt,
                unknown("PartitionChangeRecord", "partition " + topic->name + "-" + std::to_string(index.value())));
  }
  Partition partition = *present;
  if (record.leader != kLeaderUnchanged) {
    partition.leader = NodeId{record.leader};
    ++partition.leader_epoch;
  }
  ++partition.partition_epoch;
  replace(partition.isr, record.isr);
  replace(partition.replicas, record.replicas);
  replace(partition.removing_replicas, record.removing_replicas);
  replace(partition.adding_replicas, record.adding_replicas);
  replace(partition.eligible_leader_replicas, record.eligible_leader_replicas);
  replace(partition.last_known_elr, record.last_known_elr);
  if (record.leader_recovery_state != kRecoveryStateUnchanged) {
    partition.leader_recovery_state = record.leader_recovery_state;
  }
  if (record.directories) partition.directories = *record.directories;
  set_partition(*topic, index, std::move(partition));
  return {};
}

void RecordApplier::clear_eligible_replicas(const Topic& topic) {
  const Topic before = topic;  // shares its partitions; the image's own is replaced below
  for (const auto& [index, partition] : before.partitions) {
    if (partition.eligible_leader_replicas.empty() && partition.last_known_elr.empty()) continue;
    Partition cleared = partition;
    cleared.eligible_leader_replicas.clear();
    cleared.last_known_elr.clear();
    ++cleared.partition_epoch;
    set_partition(*image_.find_topic(before.id), index, std::move(cleared));
  }
}

Result<void> RecordApplier::on(const wire::ClearElrRecord& record) {
  if (record.topic_name.empty()) {
    const Image::TopicsByName all = image_.topics_by_name_;
    for (const auto& [name, topic] : all) clear_eligible_replicas(*topic);
    return {};
  }
  const Topic* topic = image_.find_topic(record.topic_name);
  if (topic == nullptr) {
    return fail(Errc::corrupt, unknown("ClearElrRecord", "topic " + std::string(record.topic_name)));
  }
  clear_eligible_replicas(*topic);
  return {};
}

Result<void> RecordApplier::on(const wire::ConfigRecord& record) {
  ConfigResource resource{record.resource_type, std::string(record.resource_name)};
  auto values = std::make_shared<ConfigValues>(image_.configs_of(resource));
  if (record.value) {
    values->insert_or_assign(std::string(record.name), std::string(*record.value));
  } else if (!MUTANT(config_removal_is_ignored)) {
    values->erase(std::string(record.name));
  }
  delta_.configs.insert(resource);
  if (values->empty()) {
    image_.configs_.erase(resource);
  } else {
    image_.configs_.set(std::move(resource), std::move(values));
  }
  return {};
}

Result<void> RecordApplier::on(const wire::FeatureLevelRecord& record) {
  if (record.name == kMetadataVersion &&
      (record.feature_level < kMetadataVersionMin || record.feature_level > kMetadataVersionLatest)) {
    return fail(Errc::unsupported, "the cluster is at metadata.version " + std::to_string(record.feature_level) +
                                       ", this version knows " + std::to_string(kMetadataVersionMin) + " to " +
                                       std::to_string(kMetadataVersionLatest));
  }
  if (record.feature_level == 0) {
    image_.features_.erase(record.name);
  } else {
    image_.features_.set(std::string(record.name), record.feature_level);
  }
  delta_.features.insert(std::string(record.name));
  return {};
}

Result<void> RecordApplier::on(const wire::ProducerIdsRecord& record) {
  if (record.next_producer_id < image_.next_producer_id_) {
    return fail(Errc::corrupt, "ProducerIdsRecord goes back to " + std::to_string(record.next_producer_id) + " from " +
                                   std::to_string(image_.next_producer_id_));
  }
  image_.next_producer_id_ = record.next_producer_id;
  delta_.producer_ids = true;
  return {};
}

void RecordApplier::set_broker(BrokerRegistration broker) {
  delta_.brokers.insert(broker.id);
  const NodeId id = broker.id;
  image_.brokers_.set(id, std::move(broker));
}

Result<BrokerRegistration> RecordApplier::broker_of(std::int32_t id, std::int64_t epoch, const char* record) const {
  const BrokerRegistration* broker = image_.find_broker(NodeId{id});
  if (broker == nullptr) return fail(Errc::corrupt, unknown(record, "broker " + std::to_string(id)));
  if (broker->epoch != BrokerEpoch{epoch}) {
    return fail(Errc::corrupt, unknown(record, "epoch " + std::to_string(epoch) + " of broker " + std::to_string(id)));
  }
  return *broker;
}

Result<void> RecordApplier::on(const wire::RegisterBrokerRecord& record) {
  BrokerRegistration broker{.id = NodeId{record.broker_id},
                            .epoch = BrokerEpoch{record.broker_epoch},
                            .incarnation_id = record.incarnation_id,
                            .listeners = listeners_of(record.end_points),
                            .features = features_of(record.features),
                            .rack = std::nullopt,
                            .fenced = record.fenced,
                            .in_controlled_shutdown = record.in_controlled_shutdown,
                            .log_dirs = record.log_dirs,
                            .cordoned_log_dirs = record.cordoned_log_dirs.value_or(std::vector<Uuid>{})};
  if (record.rack) broker.rack = std::string(*record.rack);
  std::sort(broker.log_dirs.begin(), broker.log_dirs.end());
  set_broker(std::move(broker));
  return {};
}

Result<void> RecordApplier::on(const wire::UnregisterBrokerRecord& record) {
  TRY(broker_of(record.broker_id, record.broker_epoch, "UnregisterBrokerRecord"));
  image_.brokers_.erase(NodeId{record.broker_id});
  delta_.brokers.insert(NodeId{record.broker_id});
  return {};
}

Result<void> RecordApplier::on(const wire::BrokerRegistrationChangeRecord& record) {
  TRY_ASSIGN(BrokerRegistration broker,
             broker_of(record.broker_id, record.broker_epoch, "BrokerRegistrationChangeRecord"));
  change(broker.fenced, record.fenced);
  change(broker.in_controlled_shutdown, record.in_controlled_shutdown);
  if (!record.log_dirs.empty()) {
    broker.log_dirs = record.log_dirs;
    std::sort(broker.log_dirs.begin(), broker.log_dirs.end());
  }
  if (record.cordoned_log_dirs) broker.cordoned_log_dirs = *record.cordoned_log_dirs;
  set_broker(std::move(broker));
  return {};
}

Result<void> RecordApplier::on(const wire::FenceBrokerRecord& record) {
  TRY_ASSIGN(BrokerRegistration broker, broker_of(record.id, record.epoch, "FenceBrokerRecord"));
  broker.fenced = true;
  set_broker(std::move(broker));
  return {};
}

Result<void> RecordApplier::on(const wire::UnfenceBrokerRecord& record) {
  TRY_ASSIGN(BrokerRegistration broker, broker_of(record.id, record.epoch, "UnfenceBrokerRecord"));
  broker.fenced = false;
  set_broker(std::move(broker));
  return {};
}

Result<void> RecordApplier::on(const wire::RegisterControllerRecord& record) {
  ControllerRegistration controller{.id = NodeId{record.controller_id},
                                    .incarnation_id = record.incarnation_id,
                                    .listeners = listeners_of(record.end_points),
                                    .features = features_of(record.features)};
  const NodeId id = controller.id;
  image_.controllers_.set(id, std::move(controller));
  delta_.controllers.insert(id);
  return {};
}

Result<void> RecordApplier::on(const wire::ClientQuotaRecord& record) {
  QuotaEntity entity;
  for (const auto& part : record.entity) {
    entity[std::string(part.entity_type)] =
        part.entity_name ? std::optional<std::string>(*part.entity_name) : std::nullopt;
  }
  const QuotaValues* present = image_.client_quotas_.find(entity);
  QuotaValues values = present == nullptr ? QuotaValues{} : *present;
  if (record.remove) {
    values.erase(std::string(record.key));
  } else {
    values.insert_or_assign(std::string(record.key), record.value);
  }
  delta_.client_quotas.insert(entity);
  if (values.empty()) {
    image_.client_quotas_.erase(entity);
  } else {
    image_.client_quotas_.set(std::move(entity), std::move(values));
  }
  return {};
}

Result<void> RecordApplier::on(const wire::UserScramCredentialRecord& record) {
  const auto owned = [](Bytes bytes) { return ByteBuffer(bytes.begin(), bytes.end()); };
  ScramKey key{.user = std::string(record.name), .mechanism = record.mechanism};
  delta_.scram_credentials.insert(key);
  image_.scram_credentials_.set(std::move(key), ScramCredential{.salt = owned(record.salt),
                                                                .stored_key = owned(record.stored_key),
                                                                .server_key = owned(record.server_key),
                                                                .iterations = record.iterations});
  return {};
}

Result<void> RecordApplier::on(const wire::RemoveUserScramCredentialRecord& record) {
  const ScramKey key{.user = std::string(record.name), .mechanism = record.mechanism};
  delta_.scram_credentials.insert(key);
  image_.scram_credentials_.erase(key);
  return {};
}

template <class Record>
Result<void> RecordApplier::keep(std::string key, const Record& record) {
  TRY_ASSIGN(auto value, wire::encode_framed(record, Record::kVersionMax));
  image_.kept_records_.set({Record::kRecordType, std::move(key)}, std::make_shared<const ByteBuffer>(std::move(value)));
  return {};
}

Result<void> RecordApplier::on(const wire::AccessControlEntryRecord& record) {
  return keep(record.id.to_text(), record);
}

Result<void> RecordApplier::on(const wire::RemoveAccessControlEntryRecord& record) {
  image_.kept_records_.erase(std::pair(wire::AccessControlEntryRecord::kRecordType, record.id.to_text()));
  return {};
}

Result<void> RecordApplier::on(const wire::DelegationTokenRecord& record) {
  return keep(std::string(record.token_id), record);
}

Result<void> RecordApplier::on(const wire::RemoveDelegationTokenRecord& record) {
  image_.kept_records_.erase(std::pair(wire::DelegationTokenRecord::kRecordType, std::string(record.token_id)));
  return {};
}

}  // namespace gregor::metadata
