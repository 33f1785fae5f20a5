#include "broker/group_shard.h"

#include "record/codec.h"

namespace gregor::broker {
namespace {

group::GroupSettings settings_of(const config::BrokerConfig& config) {
  return {.initial_rebalance_delay = Milliseconds(config.group_initial_rebalance_delay_ms),
          .session_timeout_min = Milliseconds(config.group_min_session_timeout_ms),
          .session_timeout_max = Milliseconds(config.group_max_session_timeout_ms),
          .members_max = config.group_max_size,
          .offset_metadata_bytes_max = config.offset_metadata_max_bytes,
          .offsets_retention = std::chrono::minutes(config.offsets_retention_minutes)};
}

/// Kafka's numbers of codecs; what is none means no compression.
record::Codec batch_codec(const config::BrokerConfig& config) {
  const std::int32_t id = config.offsets_topic_compression_codec;
  return id >= 0 && id <= static_cast<std::int32_t>(record::Codec::zstd) ? static_cast<record::Codec>(id)
                                                                         : record::Codec::none;
}

}  // namespace

GroupShard::GroupShard(BrokerShard& shard)
    : shard_(shard),
      member_ids_(shard.shard.entropy.stream("member-id", shard.id().value())),
      settings_(settings_of(shard.config())) {}

GroupShard::~GroupShard() {
  if (!follows_) return;
  shard_.feed.unsubscribe(*this);
  shard_.remove(*this);
}

void GroupShard::begin() {
  if (shard_.is_stopping()) return;
  follows_ = true;
  shard_.feed.subscribe(*this);
  shard_.add(*this);
  const controller::ImagePtr image = shard_.image();
  const metadata::Topic* topic = image->find_topic(kOffsetsTopic);
  if (topic == nullptr) return;
  for (const auto& [index, partition] : topic->partitions) apply(*topic, index);
}

coordinator::GroupCoordinator* GroupShard::find(PartitionIndex partition) const {
  const auto found = coordinators_.find(partition);
  return found == coordinators_.end() ? nullptr : found->second.get();
}

void GroupShard::on_image(const controller::ImageChange& change) {
  if (shard_.is_stopping()) return;
  std::vector<std::string> deleted;
  for (const TopicId& id : change.delta->deleted_topics) {
    if (id == topic_id_) end_all();
    const metadata::Topic* topic = change.before->find_topic(id);
    if (topic != nullptr) deleted.push_back(topic->name);
  }
  if (!deleted.empty()) {
    for (const auto& [index, coordinator] : coordinators_) coordinator->forget_topics(deleted);
  }
  const metadata::Topic* topic = change.after->find_topic(kOffsetsTopic);
  if (topic == nullptr) return;
  const auto changed = change.delta->partitions.find(topic->id);
  if (changed == change.delta->partitions.end()) return;
  for (const PartitionIndex index : changed->second) apply(*topic, index);
}

void GroupShard::apply(const metadata::Topic& topic, PartitionIndex index) {
  if (shard_.owner_of(topic.id, index) != shard_.id()) return;
  const metadata::Partition& state = *topic.partitions.find(index);
  const auto held = shard_.partitions.find(topic.id, index);
  auto& coordinator = coordinators_[index];
  const bool leads = state.leader == shard_.config().node_id && held != nullptr;
  if (leads && coordinator && topic_id_ == topic.id && coordinator->host().epoch() == state.leader_epoch) return;
  if (coordinator) coordinator->end(wire::ErrorCode::not_coordinator);
  topic_id_ = topic.id;
  if (!leads) {
    coordinators_.erase(index);
    return;
  }
  coordinator::HostSeat seat{.shard = shard_.shard,
                             .log = shard_.core.log,
                             .codec = shard_.codec,
                             .batch_codec = batch_codec(shard_.config()),
                             .spawn = [&shard = shard_](UniqueFunction<void(env::Fiber&)> work) {
                               shard.spawn_background("coordinator", std::move(work));
                             }};
  coordinator = std::make_unique<coordinator::GroupCoordinator>(
      std::move(seat), held, state.leader_epoch, settings_,
      Milliseconds(shard_.config().offsets_retention_check_interval_ms));
  coordinator->start();
}

void GroupShard::end_all() {
  for (const auto& [index, coordinator] : coordinators_) coordinator->end(wire::ErrorCode::not_coordinator);
  coordinators_.clear();
}

/// What waits would keep the node from ending; clients look for the coordinator again.
void GroupShard::on_stop() {
  for (const auto& [index, coordinator] : coordinators_) coordinator->end(wire::ErrorCode::not_coordinator);
}

}  // namespace gregor::broker
