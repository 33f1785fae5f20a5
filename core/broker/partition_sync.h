// Keeps a shard's partitions as the metadata says: opens those that this node replicates, makes them lead or follow,
// hands them their topic's configuration, removes those of deleted topics and those that went to other nodes. By topic
// id throughout: a topic made anew is another topic.
#pragma once

#include "broker/live_settings.h"
#include "controller/image_feed.h"
#include "observe/log.h"
#include "partition/partition_table.h"

namespace gregor::broker {

class PartitionSync final : controller::ImageListener {
 public:
  /// `settings` hear of each image before this does.
  PartitionSync(const LiveSettings& settings, std::size_t shard_count, ShardId shard, controller::ImageFeed& feed,
                partition::PartitionTable& table, observe::Log& log);
  ~PartitionSync() override;

  /// Opens all that the feed's image gives this shard, and follows the feed from now on. Nothing leads yet.
  void begin();
  /// This life of the broker is registered and unfenced: leaderships count from now on.
  void begin_to_lead();

 private:
  void on_image(const controller::ImageChange& change) override;
  void apply(const metadata::Image& image, const metadata::Topic& topic, PartitionIndex index);
  void configure(const metadata::Image& image, const std::string& topic);
  void configure_all(const metadata::Image& image);
  [[nodiscard]] config::TopicConfig config_of(const metadata::Image& image, const std::string& topic) const;

  const LiveSettings& settings_;
  const std::size_t shard_count_;
  const ShardId shard_;
  controller::ImageFeed& feed_;
  partition::PartitionTable& table_;
  observe::Log& log_;
  bool follows_ = false;
  bool leads_ = false;
};

}  // namespace gregor::broker
