#include "metadata/create_topics.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "metadata/directories.h"
#include "metadata/metadata_version.h"
#include "metadata/placement.h"
#include "metadata/refusal.h"
#include "metadata/topic_name.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

using Partitions = std::map<std::int32_t, Partition>;

constexpr std::string_view kClusterMetadata = "__cluster_metadata";

/// The names of the image's topics that may collide, by their common form.
using CollidingNames = std::multimap<std::string, std::string>;
CollidingNames colliding_names(const Image& image) {
  CollidingNames names;
  for (const auto& [name, topic] : image.topics()) {
    if (may_collide(name)) names.emplace(collision_form_of(name), name);
  }
  return names;
}

Verdict check_name(const Image& image, const CollidingNames& colliding, const std::string& name) {
  if (name == kClusterMetadata) {
    return refuse(ErrorCode::invalid_request, "Creation of internal topic __cluster_metadata is prohibited.");
  }
  if (const auto fault = fault_of_topic_name(name)) return refuse(ErrorCode::invalid_topic_exception, *fault);
  if (image.find_topic(name) != nullptr) {
    return refuse(ErrorCode::topic_already_exists, "Topic '" + name + "' already exists.");
  }
  if (may_collide(name)) {
    if (const auto other = colliding.find(collision_form_of(name)); other != colliding.end()) {
      return refuse(ErrorCode::invalid_topic_exception,
                    "Topic '" + name + "' collides with existing topic: " + other->second);
    }
  }
  return std::nullopt;
}

Verdict check_configs(const NewTopic& topic, const TopicDefaults& defaults) {
  std::vector<config::TopicOverride> overrides;
  for (const auto& [key, value] : topic.configs) {
    if (!value) return refuse(ErrorCode::invalid_config, "Null value not supported for topic configs: " + key);
    overrides.emplace_back(key, *value);
  }
  if (auto checked = config::topic_config_with(defaults.topic, overrides); !checked) {
    return refuse(ErrorCode::invalid_config, checked.error().text);
  }
  return std::nullopt;
}

Verdict place_as_asked(const Image& image, const NewTopic& topic, Partitions& partitions) {
  if (topic.replication_factor != -1) {
    return refuse(ErrorCode::invalid_request,
                  "A manual partition assignment was specified, but replication factor was not set to -1.");
  }
  if (topic.num_partitions != -1) {
    return refuse(ErrorCode::invalid_request,
                  "A manual partition assignment was specified, but numPartitions was not set to -1.");
  }
  const std::size_t factor = topic.assignments.front().broker_ids.size();
  for (const NewTopic::Assignment& asked : topic.assignments) {
    const std::string index = std::to_string(asked.partition_index);
    if (partitions.contains(asked.partition_index)) {
      return refuse(ErrorCode::invalid_replica_assignment,
                    "Found multiple manual partition assignments for partition " + index);
    }
    if (const auto fault = fault_of_assignment(image, asked.broker_ids, factor)) {
      return refuse(ErrorCode::invalid_replica_assignment, *fault);
    }
    const auto active = [&](NodeId broker) { return is_active(image, broker); };
    if (std::none_of(asked.broker_ids.begin(), asked.broker_ids.end(), active)) {
      return refuse(ErrorCode::invalid_replica_assignment,
                    "All brokers specified in the manual partition assignment for partition " + index +
                        " are fenced or in controlled shutdown.");
    }
    partitions.emplace(asked.partition_index, new_partition(image, asked.broker_ids));
  }
  // Distinct indexes, so that they are 0..n-1 just when the least is 0 and the greatest n-1.
  if (partitions.begin()->first != 0 || partitions.rbegin()->first + 1 != std::int64_t(partitions.size())) {
    return refuse(ErrorCode::invalid_replica_assignment, "partitions should be a consecutive 0-based integer sequence");
  }
  return std::nullopt;
}

Verdict place(const Image& image, const NewTopic& topic, const TopicDefaults& defaults, RandomStream& random,
              Partitions& partitions) {
  if (!topic.assignments.empty()) return place_as_asked(image, topic, partitions);
  if (topic.replication_factor < -1 || topic.replication_factor == 0) {
    return refuse(ErrorCode::invalid_replication_factor,
                  "Replication factor must be larger than 0, or -1 to use the default value.");
  }
  if (topic.num_partitions < -1 || topic.num_partitions == 0) {
    return refuse(ErrorCode::invalid_partitions, "Number of partitions was set to an invalid non-positive value.");
  }
  const std::int32_t count = topic.num_partitions == -1 ? defaults.num_partitions : topic.num_partitions;
  const std::int16_t factor = topic.replication_factor == -1 ? defaults.replication_factor : topic.replication_factor;
  const auto placed = place_replicas(image, count, factor, random);
  if (!placed) {
    return refuse(ErrorCode::invalid_replication_factor,
                  "Unable to replicate the partition " + std::to_string(factor) + " time(s): " + placed.error().text);
  }
  for (std::int32_t index = 0; index < count; ++index) {
    partitions.emplace(index, new_partition(image, (*placed)[static_cast<std::size_t>(index)]));
  }
  return std::nullopt;
}

RecordList records_of(const Image& image, const CreatedTopic& created, const Partitions& partitions) {
  const std::int16_t version = record_versions_at(image.feature_level(kMetadataVersion)).partition;
  RecordList records;
  records.add(wire::TopicRecord{.name = created.name, .topic_id = created.id}, 0);
  for (const auto& [key, value] : created.configs) {
    records.add(wire::ConfigRecord{.resource_type = ConfigResource::kTopic,
                                   .resource_name = created.name,
                                   .name = key,
                                   .value = std::string_view(value)},
                0);
  }
  for (const auto& [index, partition] : partitions) {
    records.add(record_of_new_partition(created.id, index, partition, version), version);
  }
  return records;
}

/// Zero and ids that begin with '-' in text are kept out: the first means "none", the others look like options.
TopicId draw_topic_id(const Image& image, RandomStream& random) {
  for (;;) {
    const TopicId id = random.uuid();
    if (!is_reserved_id(id) && id.to_text().front() != '-' && image.find_topic(id) == nullptr) return id;
  }
}

CreatedTopic refused(const std::string& name, const Refusal& refusal) {
  return {.name = name, .id = {}, .error = refusal.error, .error_message = refusal.text};
}

/// Later settings of one key win, as in the log's fold.
std::vector<std::pair<std::string, std::string>> settings_of(const NewTopic& topic) {
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : topic.configs) values.insert_or_assign(key, *value);
  return {values.begin(), values.end()};
}

class Creation {
 public:
  Creation(const Image& image, const TopicDefaults& defaults, RandomStream& random)
      : image_(image), defaults_(defaults), random_(random), colliding_(colliding_names(image)) {}

  CreatedTopic create(const NewTopic& topic, bool validate_only, RecordList& records) {
    Partitions partitions;
    Verdict refusal = check_name(image_, colliding_, topic.name);
    if (!refusal) refusal = check_configs(topic, defaults_);
    if (!refusal) refusal = place(image_, topic, defaults_, random_, partitions);
    if (refusal) return refused(topic.name, *refusal);

    CreatedTopic created{.name = topic.name, .id = draw_topic_id(image_, random_), .error = ErrorCode::none};
    created.num_partitions = static_cast<std::int32_t>(partitions.size());
    created.replication_factor = static_cast<std::int16_t>(partitions.begin()->second.replicas.size());
    created.configs = settings_of(topic);
    if (!validate_only) records.append(records_of(image_, created, partitions));
    return created;
  }

 private:
  const Image& image_;
  const TopicDefaults& defaults_;
  RandomStream& random_;
  CollidingNames colliding_;
};

std::int64_t partitions_asked_for(const CreateTopics& request, const TopicDefaults& defaults) {
  std::int64_t sum = 0;
  for (const NewTopic& topic : request.topics) {
    if (!topic.assignments.empty()) {
      sum += static_cast<std::int64_t>(topic.assignments.size());
    } else {
      sum += topic.num_partitions > 0 ? topic.num_partitions : defaults.num_partitions;
    }
  }
  return sum;
}

Decision<CreatedTopic> all_refused(const CreateTopics& request, const std::string& why) {
  Decision<CreatedTopic> decision;
  std::set<std::string> seen;
  for (const NewTopic& topic : request.topics) {
    if (!seen.insert(topic.name).second) continue;
    decision.replies.push_back(refused(topic.name, {ErrorCode::policy_violation, why}));
  }
  return decision;
}

}  // namespace

Decision<CreatedTopic> decide_create_topics(const Image& image, const CreateTopics& request,
                                            const TopicDefaults& defaults, RandomStream& random) {
  if (partitions_asked_for(request, defaults) > kPartitionsPerRequestMax) {
    return all_refused(request, "Excessively large number of partitions per request.");
  }
  std::map<std::string, int> asked;
  for (const NewTopic& topic : request.topics) ++asked[topic.name];

  Decision<CreatedTopic> decision;
  Creation creation(image, defaults, random);
  for (const NewTopic& topic : request.topics) {
    int& times = asked[topic.name];
    if (times == 0) continue;  // a duplicate that was answered
    if (times > 1) {
      decision.replies.push_back(refused(topic.name, {ErrorCode::invalid_request, "Duplicate topic name."}));
    } else {
      decision.replies.push_back(creation.create(topic, request.validate_only, decision.records));
    }
    times = 0;
  }
  if (decision.records.bytes() > kMetadataBatchBytesMax) {
    return all_refused(request, "The request needs more metadata than one batch may hold.");
  }
  return decision;
}

}  // namespace gregor::metadata
