#include "metadata/directory_failures.h"

#include <algorithm>

#include "base/check.h"
#include "metadata/broker_epoch.h"
#include "metadata/broker_partitions.h"
#include "metadata/directories.h"
#include "metadata/image_after.h"
#include "metadata/metadata_version.h"
#include "metadata/node_ids.h"
#include "metadata/partition_change.h"
#include "metadata/placement.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

constexpr std::int16_t kTellsDirectories = 2;   // of BrokerRegistrationChangeRecord
constexpr std::int16_t kKnowsDirectories = 17;  // of metadata.version

bool contains(const std::vector<Uuid>& ids, const Uuid& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Assignment {
 public:
  Assignment(const Image& image, const ElectionRules& defaults, NodeId broker)
      : image_(image), defaults_(defaults), broker_(broker) {}

  ErrorCode assign(const TopicId& id, PartitionIndex index, const Uuid& directory) {
    const Topic* topic = image_.find_topic(id);
    if (topic == nullptr) return ErrorCode::unknown_topic_id;
    const Partition* partition = topic->partitions.find(index);
    if (partition == nullptr) return ErrorCode::unknown_topic_or_partition;
    if (!holds(partition->replicas, broker_)) return ErrorCode::not_leader_or_follower;
    PartitionChangeBuilder builder(image_, defaults_, *topic, index);
    const BrokerRegistration& broker = *image_.find_broker(broker_);
    const bool is_online = is_in_online_directory(broker, directory);
    builder.set_directory(broker_, directory);
    if (partition->leader == kNoLeader) builder.set_election_allowed();
    if (!is_online) {
      builder.accept_leaders([this](NodeId replica) { return replica != broker_ && is_active(image_, replica); });
      builder.set_election_allowed();
      builder.set_isr(without(partition->isr, broker_));
    }
    // Lost, and not only out of reach: what stood there is no copy any more. So it is where a replica begins in another
    // directory than the one that failed.
    const bool begins_anew = is_online && !is_in_online_directory(broker, directory_of(*partition, broker_));
    if (directory == kLostDirectory || (begins_anew && tracks_eligible_replicas(image_))) builder.drop_unclean(broker_);
    RecordList change;
    if (builder.add_to(change)) {
      Image after = image_after(image_, change);
      image_ = std::move(after);
      records_.append(std::move(change));
    }
    return ErrorCode::none;
  }
  RecordList take_records() { return std::move(records_); }

 private:
  Image image_;  ///< with what this request has changed so far
  const ElectionRules& defaults_;
  const NodeId broker_;
  RecordList records_;
};

}  // namespace

RecordList records_for_offline_directories(const Image& image, const ElectionRules& defaults, NodeId broker,
                                           const std::vector<Uuid>& offline) {
  const BrokerRegistration* registration = image.find_broker(broker);
  CHECK(registration != nullptr);
  if (image.feature_level(kMetadataVersion) < kKnowsDirectories) return {};
  std::vector<Uuid> failed;
  std::vector<Uuid> online;
  for (const Uuid& directory : registration->log_dirs) {
    (contains(offline, directory) ? failed : online).push_back(directory);
  }
  if (failed.empty()) return {};
  RecordList records = records_for_leaving(image, defaults, broker, [&](const Partition& partition) {
    return contains(failed, directory_of(partition, broker));
  });
  records.add(
      wire::BrokerRegistrationChangeRecord{
          .broker_id = broker.value(), .broker_epoch = registration->epoch.value(), .log_dirs = online},
      kTellsDirectories);
  return records;
}

Result<Decision<AssignedReplicas>> decide_assign_replicas(const Image& image, const ElectionRules& defaults,
                                                          const AssignReplicas& request) {
  if (image.feature_level(kMetadataVersion) < kKnowsDirectories) {
    return fail(Errc::unsupported, "Directory assignment is not supported yet.");
  }
  TRY(registered_broker(image, request.broker, request.broker_epoch));
  Decision<AssignedReplicas> decision;
  Assignment assignment(image, defaults, request.broker);
  for (const AssignReplicas::Directory& directory : request.directories) {
    AssignedReplicas& reply = decision.replies.emplace_back(AssignedReplicas{.directory = directory.id});
    for (const AssignReplicas::Topic& topic : directory.topics) {
      AssignedReplicas::Topic& told = reply.topics.emplace_back(AssignedReplicas::Topic{.id = topic.id});
      for (const std::int32_t index : topic.partitions) {
        told.partitions.push_back(
            {.index = index, .error = assignment.assign(topic.id, PartitionIndex{index}, directory.id)});
      }
    }
  }
  decision.records = assignment.take_records();
  return decision;
}

}  // namespace gregor::metadata
