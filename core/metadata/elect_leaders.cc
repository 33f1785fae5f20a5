#include "metadata/elect_leaders.h"

#include <utility>

#include "metadata/image_after.h"
#include "metadata/partition_change.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

class RequestedElections {
 public:
  RequestedElections(const Image& image, const ElectionRules& defaults, ElectionType type)
      : image_(image), defaults_(defaults), type_(type) {}

  ElectedLeaders::Partition elect(const std::string& name, std::int32_t index) {
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
    PartitionChangeBuilder builder(image_, defaults_, *topic, PartitionIndex{index});
    builder.set_election(type_ == ElectionType::preferred ? Election::preferred : Election::unclean);
    RecordList change;
    if (!builder.add_to(change)) return nobody(index);
    image_ = image_after(image_, change);
    records_.append(std::move(change));
    return {.index = index, .error = ErrorCode::none, .error_message = std::nullopt};
  }
  RecordList take_records() { return std::move(records_); }

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

  Image image_;  ///< with those elected so far
  const ElectionRules& defaults_;
  const ElectionType type_;
  RecordList records_;
};

}  // namespace

Decision<ElectedLeaders> decide_elect_leaders(const Image& image, const ElectionRules& defaults,
                                              const ElectLeaders& request) {
  Decision<ElectedLeaders> decision;
  RequestedElections elections(image, defaults, request.type);
  if (!request.topics) {
    for (const auto& [name, topic] : image.topics()) {
      ElectedLeaders& reply = decision.replies.emplace_back(ElectedLeaders{.topic = name});
      for (const auto& [index, partition] : topic->partitions) {
        auto outcome = elections.elect(name, index.value());
        if (outcome.error != ErrorCode::election_not_needed) reply.partitions.push_back(std::move(outcome));
      }
    }
    decision.records = elections.take_records();
    return decision;
  }
  for (const ElectLeaders::Topic& topic : *request.topics) {
    ElectedLeaders& reply = decision.replies.emplace_back(ElectedLeaders{.topic = topic.name});
    for (const std::int32_t index : topic.partitions) {
      reply.partitions.push_back(elections.elect(topic.name, index));
    }
  }
  decision.records = elections.take_records();
  return decision;
}

}  // namespace gregor::metadata
