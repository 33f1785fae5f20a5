#include "metadata/alter_configs.h"

#include <algorithm>

#include "config/client_metrics_config.h"
#include "config/group_config.h"
#include "config/table.h"
#include "config/value.h"
#include "metadata/metadata_version.h"
#include "metadata/refusal.h"
#include "metadata/topic_name.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

constexpr std::string_view kMinInsyncReplicas = "min.insync.replicas";

const config::Key* key_of(const ConfigResource& resource, std::string_view name) {
  const auto in = [&](config::KeyTable table) -> const config::Key* {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const config::Key& key) { return key.name == name; });
    return found == table.end() ? nullptr : &*found;
  };
  switch (resource.type) {
    case ConfigResource::kTopic:
      return config::find_topic_key(name);
    case ConfigResource::kBroker:
      return config::find_dynamic_or_fixed_key(name);
    case ConfigResource::kClientMetrics:
      return in(config::client_metrics_keys());
    case ConfigResource::kGroup:
      return in(config::group_keys());
    default:
      return nullptr;
  }
}

/// A list as it is split for appending: by commas alone, without empty elements.
std::vector<std::string> elements_of(const std::string& text) {
  std::vector<std::string> elements;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) elements.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return elements;
}

Result<std::string> with_elements(const ConfigResource& resource, const ConfigChange& change,
                                  const ConfigValues& values) {
  const config::Key* key = key_of(resource, change.name);
  const bool appends = change.operation == kConfigAppend;
  if (key == nullptr || key->type != config::Type::list) {
    return fail(Errc::invalid, std::string("Can't ") + (appends ? "APPEND" : "SUBTRACT") + " to key " + change.name +
                                   " because its type is not LIST.");
  }
  const auto present = values.find(change.name);
  const std::string usual = key->default_text == nullptr || key->is_required() ? "" : key->default_text;
  std::vector<std::string> list = elements_of(present == values.end() ? usual : present->second);
  for (const std::string& element : elements_of(*change.value)) {
    const auto at = std::find(list.begin(), list.end(), element);
    if (appends && at == list.end()) list.push_back(element);
    if (!appends && at != list.end()) list.erase(at);
  }
  return config::to_text(list);
}

Verdict check_topic(const ConfigResource& resource, const ConfigValues& values, const config::TopicConfig& defaults) {
  if (resource.name.empty()) return refuse(ErrorCode::invalid_request, "Default topic resources are not allowed.");
  if (const auto fault = fault_of_topic_name(resource.name)) return refuse(ErrorCode::invalid_topic_exception, *fault);
  const std::vector<config::TopicOverride> overrides(values.begin(), values.end());
  if (const auto checked = config::topic_config_with(defaults, overrides); !checked) {
    return refuse(ErrorCode::invalid_config, checked.error().text);
  }
  return std::nullopt;
}

Verdict check_broker(const Image& image, const ConfigResource& resource) {
  if (resource.name.empty()) return std::nullopt;
  const auto id = config::parse_integer(resource.name, INT32_MIN, INT32_MAX);
  if (!id) return refuse(ErrorCode::invalid_request, "Unable to parse broker name as a base 10 number.");
  if (*id < 0) return refuse(ErrorCode::invalid_request, "Invalid negative broker ID.");
  if (image.find_broker(NodeId{static_cast<std::int32_t>(*id)}) != nullptr) return std::nullopt;
  return refuse(ErrorCode::broker_id_not_registered, "No broker with id " + resource.name + " found.");
}

Verdict check_client_metrics(const ConfigResource& resource, const ConfigValues& values) {
  if (resource.name.empty()) return refuse(ErrorCode::invalid_request, "Subscription name can't be empty");
  if (const auto fault = config::fault_of_subscription(values)) {
    return refuse(fault->is_of_the_request ? ErrorCode::invalid_request : ErrorCode::invalid_config, fault->text);
  }
  return std::nullopt;
}

Verdict check_group(const ConfigResource& resource, const ConfigValues& values, const config::SettingMap& broker) {
  if (resource.name.empty()) return refuse(ErrorCode::invalid_request, "Default group resources are not allowed.");
  if (const auto checked = config::check_group_config(values, broker); !checked) {
    return refuse(ErrorCode::invalid_config, checked.error().text);
  }
  return std::nullopt;
}

class Alteration {
 public:
  Alteration(const Image& image, const config::BrokerConfig& broker)
      : image_(image),
        layers_(broker_layers(image, broker)),
        in_force_(config::broker_config_with(broker, layers_.cluster, layers_.own)) {}

  AlteredConfigs alter(const AlterConfigs::Resource& asked, bool replaces_all, RecordList& records) {
    AlteredConfigs reply{.resource = asked.resource, .error = ErrorCode::none, .error_message = std::nullopt};
    const auto unknown_operation = [](const ConfigChange& change) {
      return change.operation < kConfigSet || change.operation > kConfigSubtract;
    };
    if (std::any_of(asked.changes.begin(), asked.changes.end(), unknown_operation)) {
      reply.error = ErrorCode::unknown_server_error;  // Kafka's controller knows no better
      return reply;
    }
    const auto values = changed_configs(image_, asked, replaces_all);
    Verdict refusal = values ? check(asked, *values) : refuse(ErrorCode::invalid_config, values.error().text);
    if (refusal) {
      reply.error = refusal->error;
      reply.error_message = refusal->text;
      return reply;
    }
    write(asked, *values, records);
    return reply;
  }

 private:
  Verdict check(const AlterConfigs::Resource& asked, const ConfigValues& values) {
    if (Verdict refusal = check_eligible_replicas(asked, values)) return refusal;
    const ConfigResource& resource = asked.resource;
    switch (resource.type) {
      case ConfigResource::kTopic:
        if (Verdict refusal = check_topic(resource, values, in_force_.topic_defaults)) return refusal;
        if (image_.find_topic(resource.name) != nullptr) return std::nullopt;
        return refuse(ErrorCode::unknown_topic_or_partition, "The topic '" + resource.name + "' does not exist.");
      case ConfigResource::kBroker:
        return check_broker(image_, resource);
      case ConfigResource::kClientMetrics:
        return check_client_metrics(resource, values);
      case ConfigResource::kGroup:
        return check_group(resource, values, config::effective_settings(layers_));
      default:
        return refuse(ErrorCode::invalid_request, "Unknown resource type " + std::to_string(resource.type));
    }
  }

  /// While replicas may be eligible, the cluster has one min.insync.replicas and brokers have none (KIP-966).
  Verdict check_eligible_replicas(const AlterConfigs::Resource& asked, const ConfigValues& values) {
    if (!tracks_eligible_replicas() || asked.resource.type != ConfigResource::kBroker) return std::nullopt;
    const bool was_set = image_.configs_of(asked.resource).contains(kMinInsyncReplicas);
    const bool is_set = values.contains(kMinInsyncReplicas);
    if (asked.resource.name.empty()) {
      if (!was_set || is_set) return std::nullopt;
      return refuse(ErrorCode::invalid_config,
                    "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
    }
    if (!is_set) return std::nullopt;
    return refuse(ErrorCode::invalid_config,
                  "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
  }

  void write(const AlterConfigs::Resource& asked, const ConfigValues& values, RecordList& records) {
    const ConfigResource& resource = asked.resource;
    const ConfigValues& before = image_.configs_of(resource);
    bool changes_min_insync = false;
    const auto add = [&](const std::string& name, std::optional<std::string_view> value) {
      records.add(
          wire::ConfigRecord{
              .resource_type = resource.type, .resource_name = resource.name, .name = name, .value = value},
          0);
      changes_min_insync = changes_min_insync || name == kMinInsyncReplicas;
    };
    for (const auto& [name, value] : values) {
      const auto was = before.find(name);
      const bool is_same = was != before.end() && was->second == value;
      if (!is_same) add(name, value);
    }
    for (const auto& [name, value] : before) {
      if (!values.contains(name)) add(name, std::nullopt);
    }
    // Who was eligible under another bound may lack what was acknowledged since (KIP-966).
    if (changes_min_insync && tracks_eligible_replicas()) {
      records.add(
          wire::ClearElrRecord{.topic_name = resource.type == ConfigResource::kTopic ? std::string_view(resource.name)
                                                                                     : std::string_view{}},
          0);
    }
  }

  [[nodiscard]] bool tracks_eligible_replicas() const { return image_.feature_level(kEligibleLeaderReplicas) > 0; }

  const Image& image_;
  const config::BrokerLayers layers_;
  const config::BrokerConfig in_force_;
};

}  // namespace

config::BrokerLayers broker_layers(const Image& image, const config::BrokerConfig& broker) {
  return {.fixed = config::fixed_settings(broker),
          .cluster = image.configs_of({ConfigResource::kBroker, ""}),
          .own = image.configs_of({ConfigResource::kBroker, std::to_string(broker.node_id.value())})};
}

Result<ConfigValues> changed_configs(const Image& image, const AlterConfigs::Resource& asked, bool replaces_all) {
  ConfigValues values = replaces_all ? ConfigValues{} : image.configs_of(asked.resource);
  for (const ConfigChange& change : asked.changes) {
    if (change.operation == kConfigDelete) {
      values.erase(change.name);
    } else if (change.operation == kConfigSet) {
      values.insert_or_assign(change.name, change.value.value_or(""));
    } else {
      TRY_ASSIGN(std::string list, with_elements(asked.resource, change, values));
      values.insert_or_assign(change.name, std::move(list));
    }
  }
  return values;
}

Decision<AlteredConfigs> decide_alter_configs(const Image& image, const AlterConfigs& request,
                                              const config::BrokerConfig& broker) {
  Decision<AlteredConfigs> decision;
  Alteration alteration(image, broker);
  for (const AlterConfigs::Resource& resource : request.resources) {
    decision.replies.push_back(alteration.alter(resource, request.replaces_all, decision.records));
  }
  if (request.validate_only) decision.records = {};
  return decision;
}

}  // namespace gregor::metadata
