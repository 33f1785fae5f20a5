#include "metadata/create_partitions.h"

#include <algorithm>
#include <map>

#include "metadata/create_topics.h"
#include "metadata/metadata_version.h"
#include "metadata/placement.h"
#include "metadata/refusal.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;
using Replicas = std::vector<std::vector<NodeId>>;

Verdict check_count(const Topic& topic, const CreatePartitions::Topic& asked) {
  const auto present = static_cast<std::int64_t>(topic.partitions.size());
  const std::string has = std::to_string(present) + " partition(s)";
  if (asked.count == present) return refuse(ErrorCode::invalid_partitions, "Topic already has " + has + ".");
  if (asked.count < present) {
    return refuse(ErrorCode::invalid_partitions, "The topic " + topic.name + " currently has " + has + "; " +
                                                     std::to_string(asked.count) + " would not be an increase.");
  }
  const std::int64_t additional = asked.count - present;
  if (asked.assignments && static_cast<std::int64_t>(asked.assignments->size()) != additional) {
    return refuse(ErrorCode::invalid_replica_assignment,
                  "Attempted to add " + std::to_string(additional) + " additional partition(s), but only " +
                      std::to_string(asked.assignments->size()) + " assignment(s) were specified.");
  }
  return std::nullopt;
}

Verdict check_assignments(const Image& image, const Replicas& assignments, std::size_t factor, std::size_t first) {
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    if (const auto fault = fault_of_assignment(image, assignments[i], factor)) {
      return refuse(ErrorCode::invalid_replica_assignment, *fault);
    }
    const auto active = [&](NodeId broker) { return is_active(image, broker); };
    if (std::none_of(assignments[i].begin(), assignments[i].end(), active)) {
      return refuse(ErrorCode::invalid_replica_assignment,
                    "All brokers specified in the manual partition assignment for partition " +
                        std::to_string(first + i) + " are fenced or in controlled shutdown.");
    }
  }
  return std::nullopt;
}

class Addition {
 public:
  Addition(const Image& image, RandomStream& random)
      : image_(image),
        random_(random),
        record_version_(record_versions_at(image.feature_level(kMetadataVersion)).partition) {}

  CreatedPartitions add_to(const CreatePartitions::Topic& asked, RecordList& records) {
    CreatedPartitions reply{.name = asked.name, .error = ErrorCode::none, .error_message = std::nullopt};
    if (const Verdict refusal = add(asked, records)) {
      reply.error = refusal->error;
      reply.error_message = refusal->text;
    }
    return reply;
  }

 private:
  Verdict add(const CreatePartitions::Topic& asked, RecordList& records) {
    const Topic* topic = image_.find_topic(asked.name);
    if (topic == nullptr || topic->partitions.empty()) {
      return Refusal{ErrorCode::unknown_topic_or_partition, std::nullopt};
    }
    if (Verdict refusal = check_count(*topic, asked)) return refusal;
    const std::size_t first = topic->partitions.size();
    const std::size_t factor = topic->partitions.begin()->second.replicas.size();
    const auto additional = static_cast<std::int32_t>(static_cast<std::size_t>(asked.count) - first);
    planned_ += additional;
    if (planned_ > kPartitionsPerRequestMax) {
      return refuse(ErrorCode::policy_violation, "Excessively large number of partitions per request.");
    }
    Replicas placed;
    if (asked.assignments) {
      if (Verdict refusal = check_assignments(image_, *asked.assignments, factor, first)) return refusal;
      placed = *asked.assignments;
    } else {
      auto chosen = place_replicas(image_, additional, static_cast<std::int16_t>(factor), random_);
      if (!chosen) {
        return refuse(
            ErrorCode::invalid_replication_factor,
            "Unable to replicate the partition " + std::to_string(factor) + " time(s): " + chosen.error().text);
      }
      placed = std::move(*chosen);
    }
    for (std::size_t i = 0; i < placed.size(); ++i) {
      records.add(record_of_new_partition(topic->id, static_cast<std::int32_t>(first + i),
                                          new_partition(image_, placed[i]), record_version_),
                  record_version_);
    }
    return std::nullopt;
  }

  const Image& image_;
  RandomStream& random_;
  const std::int16_t record_version_;
  std::int64_t planned_ = 0;
};

}  // namespace

Decision<CreatedPartitions> decide_create_partitions(const Image& image, const CreatePartitions& request,
                                                     RandomStream& random) {
  std::map<std::string, int> times_asked;
  for (const CreatePartitions::Topic& topic : request.topics) ++times_asked[topic.name];

  Decision<CreatedPartitions> decision;
  for (const auto& [name, times] : times_asked) {
    if (times == 1) continue;
    decision.replies.push_back(
        {.name = name, .error = ErrorCode::invalid_request, .error_message = "Duplicate topic name."});
  }
  Addition addition(image, random);
  for (const CreatePartitions::Topic& topic : request.topics) {
    if (times_asked[topic.name] == 1) decision.replies.push_back(addition.add_to(topic, decision.records));
  }
  if (request.validate_only) decision.records = {};
  return decision;
}

}  // namespace gregor::metadata
