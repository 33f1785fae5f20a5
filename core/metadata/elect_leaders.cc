#include "metadata/elect_leaders.h"

#include <algorithm>

#include "metadata/metadata_version.h"
#include "metadata/node_ids.h"
#include "metadata/placement.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

constexpr std::int8_t kRecovering = 1;

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

struct Choice {
  NodeId leader = kNoLeader;
  bool is_clean = true;
};

Choice preferred_of(const Image& image, const Partition& partition) {
  const NodeId preferred = partition.replicas.empty() ? kNoLeader : partition.replicas.front();
  const bool may_lead = holds(partition.isr, preferred) && is_active(image, preferred);
  return {.leader = may_lead ? preferred : kNoLeader};
}

/// In sync if any is, else eligible (KIP-966), else whoever lives.
Choice any_of(const Image& image, const Partition& partition) {
  const auto first_in = [&](const std::vector<NodeId>& among) {
    const auto found = std::find_if(partition.replicas.begin(), partition.replicas.end(),
                                    [&](NodeId replica) { return holds(among, replica) && is_active(image, replica); });
    return found == partition.replicas.end() ? kNoLeader : *found;
  };
  if (const NodeId leader = first_in(partition.isr); leader != kNoLeader) return {.leader = leader};
  if (const NodeId leader = first_in(partition.eligible_leader_replicas); leader != kNoLeader) {
    return {.leader = leader};
  }
  return {.leader = first_in(partition.replicas), .is_clean = false};
}

wire::PartitionChangeRecord record_of(const Topic& topic, PartitionIndex index, const Partition& partition,
                                      Choice choice) {
  wire::PartitionChangeRecord change{
      .partition_id = index.value(), .topic_id = topic.id, .leader = choice.leader.value()};
  if (!holds(partition.isr, choice.leader)) {
    change.isr = std::vector<std::int32_t>{choice.leader.value()};
    if (!partition.eligible_leader_replicas.empty()) {
      std::vector<NodeId> eligible = partition.eligible_leader_replicas;
      if (choice.is_clean) {
        std::erase(eligible, choice.leader);
      } else {
        eligible.clear();
      }
      change.eligible_leader_replicas = ids_of(eligible);
    }
    if (!partition.last_known_elr.empty()) change.last_known_elr = std::vector<std::int32_t>{};
  }
  if (!choice.is_clean) change.leader_recovery_state = kRecovering;
  return change;
}

class Election {
 public:
  Election(const Image& image, ElectionType type)
      : image_(image),
        type_(type),
        record_version_(record_versions_at(image.feature_level(kMetadataVersion)).partition_change) {}

  ElectedLeaders::Partition elect(const std::string& name, std::int32_t index, RecordList& records) {
    const auto answered = [index](ErrorCode error, std::string text) {
      return ElectedLeaders::Partition{.index = index, .error = error, .error_message = std::move(text)};
    };
    const Topic* topic = image_.find_topic(name);
    if (topic == nullptr) return answered(ErrorCode::unknown_topic_or_partition, "No such topic as " + name);
    const Partition* partition = topic->partitions.find(PartitionIndex{index});
    if (partition == nullptr) {
      return answered(ErrorCode::unknown_topic_or_partition,
                      "No such partition as " + name + "-" + std::to_string(index));
    }
    if (is_settled(*partition)) {
      return answered(ErrorCode::election_not_needed, "Leader election not needed for topic partition.");
    }
    const Choice choice =
        type_ == ElectionType::preferred ? preferred_of(image_, *partition) : any_of(image_, *partition);
    if (choice.leader == kNoLeader) return nobody(index);
    records.add(record_of(*topic, PartitionIndex{index}, *partition, choice), record_version_);
    return {.index = index, .error = ErrorCode::none, .error_message = std::nullopt};
  }

 private:
  [[nodiscard]] bool is_settled(const Partition& partition) const {
    if (type_ == ElectionType::unclean) return partition.leader != kNoLeader;
    return !partition.replicas.empty() && partition.leader == partition.replicas.front();
  }
  [[nodiscard]] ElectedLeaders::Partition nobody(std::int32_t index) const {
    if (type_ == ElectionType::preferred) {
      return {.index = index,
              .error = ErrorCode::preferred_leader_not_available,
              .error_message = "The preferred leader was not available."};
    }
    return {.index = index,
            .error = ErrorCode::eligible_leaders_not_available,
            .error_message = "Eligible topic partition leaders are not available."};
  }

  const Image& image_;
  const ElectionType type_;
  const std::int16_t record_version_;
};

}  // namespace

Decision<ElectedLeaders> decide_elect_leaders(const Image& image, const ElectLeaders& request) {
  Decision<ElectedLeaders> decision;
  Election election(image, request.type);
  if (!request.topics) {
    for (const auto& [name, topic] : image.topics()) {
      ElectedLeaders& reply = decision.replies.emplace_back(ElectedLeaders{.topic = name});
      for (const auto& [index, partition] : topic->partitions) {
        auto outcome = election.elect(name, index.value(), decision.records);
        if (outcome.error != ErrorCode::election_not_needed) reply.partitions.push_back(std::move(outcome));
      }
    }
    return decision;
  }
  for (const ElectLeaders::Topic& topic : *request.topics) {
    ElectedLeaders& reply = decision.replies.emplace_back(ElectedLeaders{.topic = topic.name});
    for (const std::int32_t index : topic.partitions) {
      reply.partitions.push_back(election.elect(topic.name, index, decision.records));
    }
  }
  return decision;
}

}  // namespace gregor::metadata
