#include "metadata/image.h"

#include <sstream>

#include "base/check.h"
#include "base/random.h"
#include "config/value.h"
#include "metadata/record_applier.h"

namespace gregor::metadata {

namespace {

const ConfigValues& no_values() {
  static const ConfigValues kNone;
  return kNone;
}

template <class List, class Text>
std::string listed(const List& list, Text text) {
  std::string line = "[";
  for (const auto& item : list) line += (line.size() > 1 ? "," : "") + text(item);
  return line + "]";
}
std::string text_of_ids(const std::vector<NodeId>& ids) {
  return listed(ids, [](NodeId id) { return std::to_string(id.value()); });
}
std::string text_of_uuids(const std::vector<Uuid>& ids) {
  return listed(ids, [](const Uuid& id) { return id.to_text(); });
}
std::string text_of_listeners(const std::vector<Endpoint>& listeners) {
  return listed(listeners, [](const Endpoint& at) {
    return at.name + "://" + at.host + ":" + std::to_string(at.port) + "/" + std::to_string(at.security_protocol);
  });
}
std::string text_of_features(const SupportedFeatures& features) {
  return listed(features, [](const auto& feature) {
    return feature.first + ":" + std::to_string(feature.second.lowest) + "-" + std::to_string(feature.second.highest);
  });
}

void describe(std::ostream& out, const Topic& topic) {
  out << "topic " << topic.name << " id=" << topic.id.to_text() << '\n';
  for (const auto& [index, partition] : topic.partitions) {
    out << "partition " << topic.name << '-' << index.value() << " leader=" << partition.leader.value()
        << " leader_epoch=" << partition.leader_epoch.value() << " partition_epoch=" << partition.partition_epoch
        << " recovery=" << int{partition.leader_recovery_state} << " replicas=" << text_of_ids(partition.replicas)
        << " isr=" << text_of_ids(partition.isr) << " removing=" << text_of_ids(partition.removing_replicas)
        << " adding=" << text_of_ids(partition.adding_replicas)
        << " elr=" << text_of_ids(partition.eligible_leader_replicas)
        << " last_known_elr=" << text_of_ids(partition.last_known_elr)
        << " directories=" << text_of_uuids(partition.directories) << '\n';
  }
}
void describe(std::ostream& out, const BrokerRegistration& broker) {
  out << "broker " << broker.id.value() << " epoch=" << broker.epoch.value()
      << " incarnation=" << broker.incarnation_id.to_text() << " listeners=" << text_of_listeners(broker.listeners)
      << " features=" << text_of_features(broker.features) << " rack=" << broker.rack.value_or("-")
      << " fenced=" << broker.fenced << " in_controlled_shutdown=" << broker.in_controlled_shutdown
      << " log_dirs=" << text_of_uuids(broker.log_dirs) << " cordoned=" << text_of_uuids(broker.cordoned_log_dirs)
      << '\n';
}
void describe(std::ostream& out, const ControllerRegistration& controller) {
  out << "controller " << controller.id.value() << " incarnation=" << controller.incarnation_id.to_text()
      << " listeners=" << text_of_listeners(controller.listeners)
      << " features=" << text_of_features(controller.features) << '\n';
}

std::string text_of_entity(const QuotaEntity& entity) {
  return listed(entity, [](const auto& part) { return part.first + "=" + part.second.value_or("<default>"); });
}
/// Whether two images hold the same keys shows in their hash; the keys themselves show nowhere.
std::string hidden(const ByteBuffer& secret) {
  return std::to_string(hash_name(text_of(secret), 3));
}
void describe(std::ostream& out, const ScramKey& key, const ScramCredential& credential) {
  out << "scram " << key.user << '/' << int{key.mechanism} << " iterations=" << credential.iterations
      << " salt=" << hidden(credential.salt) << " stored_key=" << hidden(credential.stored_key)
      << " server_key=" << hidden(credential.server_key) << '\n';
}

}  // namespace

const Topic* Image::find_topic(std::string_view name) const {
  const auto* found = topics_by_name_.find(name);
  return found == nullptr ? nullptr : found->get();
}
const Topic* Image::find_topic(const TopicId& id) const {
  const auto* found = topics_by_id_.find(id);
  return found == nullptr ? nullptr : found->get();
}
const Partition* Image::find_partition(const TopicId& id, PartitionIndex partition) const {
  const Topic* topic = find_topic(id);
  return topic == nullptr ? nullptr : topic->partitions.find(partition);
}
const BrokerRegistration* Image::find_broker(NodeId id) const {
  return brokers_.find(id);
}
const ConfigValues& Image::configs_of(const ConfigResource& resource) const {
  const auto* found = configs_.find(resource);
  return found == nullptr ? no_values() : **found;
}
const ConfigValues& Image::topic_configs(std::string_view topic) const {
  return configs_of({ConfigResource::kTopic, std::string(topic)});
}
std::int16_t Image::feature_level(std::string_view name) const {
  const auto* found = features_.find(name);
  return found == nullptr ? std::int16_t{0} : *found;
}

Result<void> Image::apply(Bytes record_value, Delta& delta) {
  return RecordApplier(*this, delta).apply(record_value);
}

void Image::advance(Offset offset, LeaderEpoch epoch) {
  CHECK(offset >= offset_);
  CHECK(epoch >= epoch_);
  offset_ = offset;
  epoch_ = epoch;
}

std::string Image::to_text() const {
  std::ostringstream out;
  for (const auto& [name, level] : features_) out << "feature " << name << '=' << level << '\n';
  for (const auto& [id, controller] : controllers_) describe(out, controller);
  for (const auto& [id, broker] : brokers_) describe(out, broker);
  for (const auto& [name, topic] : topics_by_name_) describe(out, *topic);
  for (const auto& [resource, values] : configs_) {
    for (const auto& [key, value] : *values) {
      out << "config " << int{resource.type} << '/' << resource.name << ' ' << key << '=' << value << '\n';
    }
  }
  for (const auto& [entity, values] : client_quotas_) {
    for (const auto& [key, value] : values) {
      out << "quota " << text_of_entity(entity) << ' ' << key << '=' << config::to_text(value) << '\n';
    }
  }
  for (const auto& [key, credential] : scram_credentials_) describe(out, key, credential);
  for (const auto& [key, value] : kept_records_) {
    out << "kept " << key.first << '/' << key.second << ' ' << hidden(*value) << '\n';
  }
  out << "next_producer_id " << next_producer_id_ << '\n';
  return out.str();
}

Uuid Image::hash() const {
  const std::string text = to_text();
  const std::uint64_t high = hash_name(text, 1);
  const std::uint64_t low = hash_name(text, 2);
  return {high, low};
}

}  // namespace gregor::metadata
