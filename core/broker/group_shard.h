// GroupShard: one shard's group coordinators: one for each partition of __consumer_offsets that lives on this shard and
// is led by this node, as the metadata says. Begins them when a leadership begins, ends them with it.
#pragma once

#include <map>
#include <memory>

#include "broker/broker_shard.h"
#include "coordinator/group_coordinator.h"

namespace gregor::broker {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

class GroupShard final : controller::ImageListener, StopListener {
 public:
  /// `shard` owns this.
  explicit GroupShard(BrokerShard& shard);
  ~GroupShard() override;

  /// Leaderships count from now on. Call once, behind PartitionSync::begin_to_lead().
  void begin();

  /// Null where this shard coordinates nothing of that partition.
  [[nodiscard]] coordinator::GroupCoordinator* find(PartitionIndex partition) const;
  /// In order of partitions.
  using Coordinators = std::map<PartitionIndex, std::unique_ptr<coordinator::GroupCoordinator>>;
  [[nodiscard]] const Coordinators& all() const { return coordinators_; }

  [[nodiscard]] const group::GroupSettings& settings() const { return settings_; }
  /// What a new member's id is made of; never the same twice.
  [[nodiscard]] Uuid draw_member_id() { return member_ids_.uuid(); }

 private:
  void on_image(const controller::ImageChange& change) override;
  void on_stop() override;
  void apply(const metadata::Topic& topic, PartitionIndex index);
  void end_all();

  BrokerShard& shard_;
  RandomStream member_ids_;
  const group::GroupSettings settings_;
  Coordinators coordinators_;
  TopicId topic_id_{};
  bool follows_ = false;
};

}  // namespace gregor::broker
