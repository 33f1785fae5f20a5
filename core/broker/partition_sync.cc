#include "broker/partition_sync.h"

#include <algorithm>

#include "base/mutant.h"

namespace gregor::broker {
namespace {

replica::PartitionState state_of(const metadata::Partition& partition) {
  return {.leader = partition.leader,
          .leader_epoch = partition.leader_epoch,
          .partition_epoch = PartitionEpoch{partition.partition_epoch},
          .replicas = partition.replicas,
          .isr = partition.isr,
          .elr = partition.eligible_leader_replicas,
          .recovery = static_cast<replica::LeaderRecovery>(partition.leader_recovery_state)};
}

bool is_leaving(const metadata::Image& image, NodeId node) {
  const metadata::BrokerRegistration* broker = image.find_broker(node);
  return broker != nullptr && broker->in_controlled_shutdown;
}

}  // namespace

PartitionSync::PartitionSync(const LiveSettings& settings, std::size_t shard_count, ShardId shard,
                             controller::ImageFeed& feed, partition::PartitionTable& table, observe::Log& log)
    : settings_(settings), shard_count_(shard_count), shard_(shard), feed_(feed), table_(table), log_(log) {}

PartitionSync::~PartitionSync() {
  if (follows_) feed_.unsubscribe(*this);
}

void PartitionSync::begin() {
  const controller::ImagePtr image = feed_.image();
  for (const auto& [name, topic] : image->topics()) {
    for (const auto& [index, partition] : topic->partitions) apply(*image, *topic, index);
  }
  feed_.subscribe(*this);
  follows_ = true;
}

void PartitionSync::begin_to_lead() {
  leads_ = true;
  const controller::ImagePtr image = feed_.image();
  for (const auto& [name, topic] : image->topics()) {
    for (const auto& [index, partition] : topic->partitions) apply(*image, *topic, index);
  }
}

void PartitionSync::on_image(const controller::ImageChange& change) {
  if (MUTANT(images_ignored_while_leaving) && is_leaving(*change.after, settings_.now().node_id)) return;
  for (const TopicId& id : change.delta->deleted_topics) {
    const metadata::Topic* topic = change.before->find_topic(id);
    if (topic == nullptr) continue;
    for (const auto& [index, partition] : topic->partitions)
      table_.remove(id, index, partition::PartitionError::unknown_topic_or_partition);
  }
  for (const auto& [id, indexes] : change.delta->partitions) {
    const metadata::Topic* topic = change.after->find_topic(id);
    if (topic == nullptr) continue;
    for (const PartitionIndex index : indexes) apply(*change.after, *topic, index);
  }
  if (settings_.are_touched_by(*change.delta)) return configure_all(*change.after);
  for (const metadata::ConfigResource& resource : change.delta->configs) {
    if (resource.type == metadata::ConfigResource::kTopic && !MUTANT(open_logs_keep_their_config))
      configure(*change.after, resource.name);
  }
}

void PartitionSync::apply(const metadata::Image& image, const metadata::Topic& topic, PartitionIndex index) {
  if (partition::shard_of(topic.id, index, shard_count_) != shard_) return;
  const metadata::Partition& state = *topic.partitions.find(index);
  if (std::find(state.replicas.begin(), state.replicas.end(), settings_.now().node_id) == state.replicas.end()) {
    return table_.remove(topic.id, index, partition::PartitionError::not_leader_or_follower);
  }
  auto held = table_.find(topic.id, index);
  if (!held) held = table_.create({topic.name, topic.id, index}, config_of(image, topic.name));
  if (leads_) held->apply(state_of(state));
}

void PartitionSync::configure_all(const metadata::Image& image) {
  for (const auto& [name, topic] : image.topics()) configure(image, name);
}

void PartitionSync::configure(const metadata::Image& image, const std::string& name) {
  const metadata::Topic* topic = image.find_topic(name);
  if (topic == nullptr) return;
  const config::TopicConfig config = config_of(image, name);
  for (const auto& [index, partition] : topic->partitions) {
    if (const auto held = table_.find(topic->id, index)) held->configure(config);
  }
}

config::TopicConfig PartitionSync::config_of(const metadata::Image& image, const std::string& topic) const {
  const metadata::ConfigValues& values = image.topic_configs(topic);
  const std::vector<config::TopicOverride> overrides(values.begin(), values.end());
  auto config = config::topic_config_with(settings_.now().topic_defaults, overrides);
  if (config) return std::move(*config);
  // The controller refuses what does not parse; a log written by another version may hold it all the same.
  log_.warn("topic.config", {{"topic", topic}, {"error", config.error().text}});
  return settings_.now().topic_defaults;
}

}  // namespace gregor::broker
