// A node's shards with a controller and a feed on each, on a simulated disk, for tests: started, killed, started again.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "controller/controller.h"
#include "env/clock.h"
#include "metadata/metadata_version.h"
#include "metadata/replay.h"
#include "quorum/metadata_batch.h"
#include "sim/world.h"
#include "storage/log_directory.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::controller {

using quorum::kFirstSegment;
using quorum::kHome;
using quorum::why;

inline constexpr NodeId kBroker{1};

/// What one shard of a started node offers a test.
struct Seat {
  env::Shard& shard;
  Controller& controller;
  ImageFeed& feed;
  storage::LogDirectory& directory;

  Result<BrokerEpoch> enter(env::Fiber& self, std::uint64_t incarnation = 1) const {
    return controller.register_broker(self, feed,
                                      {.id = kBroker,
                                       .incarnation_id = Uuid{1, incarnation},
                                       .cluster_id = controller.identity().cluster_id,
                                       .listeners = {{"PLAINTEXT", "localhost", 9092, 0}},
                                       .features = metadata::supported_features(),
                                       .rack = std::nullopt,
                                       .log_dirs = controller.identity().directory_ids});
  }
  /// Registered and open to clients.
  BrokerEpoch serve(env::Fiber& self, std::uint64_t incarnation = 1) const {
    const auto epoch = enter(self, incarnation);
    EXPECT_TRUE(epoch) << why(epoch);
    const auto unfenced = controller.unfence_broker(self, feed, kBroker, *epoch);
    EXPECT_TRUE(unfenced) << why(unfenced);
    return *epoch;
  }
  Result<std::vector<metadata::CreatedTopic>> create(env::Fiber& self, const std::string& topic) const {
    return controller.create_topics(self, feed, {.topics = {{.name = topic, .num_partitions = 2}}});
  }
};

/// One life of a node. Its body runs on each shard once the controller is started there; the life ends when all bodies
/// have returned, cleanly, or when a test ends it.
class NodeLife {
 public:
  using Body = std::function<void(env::Fiber& self, const Seat& seat)>;
  NodeLife(std::shared_ptr<sim::DiskImage> on, std::size_t shard_count, Body each, std::uint64_t seed = 1)
      : disk(std::move(on)), world({.seed = seed}), body(std::move(each)), shards(shard_count) {
    world.add_node({.name = "n",
                    .shard_count = shard_count,
                    .body = [this](env::Fiber& self, env::Shard& shard) { run(self, shard); },
                    .disk = disk});
  }
  ~NodeLife() {
    if (world.is_alive(0)) world.crash(0);
  }
  NodeLife& to_end() {
    world.run_until([this] { return !world.is_alive(0); });
    EXPECT_EQ(world.state(0), sim::NodeState::stopped);
    return *this;
  }

  const std::shared_ptr<sim::DiskImage> disk;
  config::BrokerConfig config;
  sim::World world;
  quorum::Watching observer;
  Result<void> started;
  Result<void> stopped;

 private:
  static constexpr Nanoseconds kGlance = std::chrono::milliseconds(1);

  void run(env::Fiber& self, env::Shard& shard) {
    const bool is_first = shard.mailbox.self() == ShardId{0};
    std::unique_ptr<storage::LogDirectory> opened;
    std::optional<Controller> made;
    if (is_first) {
      started = start(self, shard, opened, made);
      is_started = true;
    }
    while (!is_started) env::sleep_for(self, shard.clock, kGlance);
    if (!started) return;
    ImageFeed feed(shard, observer);
    controller->attach(feed);
    feed.wait_for(self, Offset{0});
    body(self, Seat{shard, *controller, feed, *directory});
    ++ended;
    while (is_first ? ended < shards : !is_stopped) env::sleep_for(self, shard.clock, kGlance);
    if (!is_first) return;
    stopped = controller->stop(self);
    is_stopped = true;
    env::sleep_for(self, shard.clock, std::chrono::seconds(1));  // the others leave their feeds
  }
  Result<void> start(env::Fiber& self, env::Shard& shard, std::unique_ptr<storage::LogDirectory>& opened,
                     std::optional<Controller>& made) {
    TRY_ASSIGN(opened, storage::LogDirectory::open(self, shard.disk, log, kHome));
    directory = opened.get();
    made.emplace(shard, config, observer, log);
    controller = &*made;
    return made->start(self, {{directory}, directory});
  }

  const Body body;
  const std::size_t shards;
  observe::NullLog log;
  Controller* controller = nullptr;
  storage::LogDirectory* directory = nullptr;
  bool is_started = false;
  bool is_stopped = false;
  std::size_t ended = 0;
};

/// What a power loss now would leave of the metadata, at the least.
inline metadata::Image durable_image(const sim::DiskImage& disk) {
  metadata::Replay replay;
  record::CodecScratch scratch;
  const auto content = disk.durable_content_of(kFirstSegment);
  for (Bytes rest = content ? Bytes(*content) : Bytes(); !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    if (!batch || !batch->crc_is_right()) break;
    const auto values = quorum::values_of(*batch, scratch);
    EXPECT_TRUE(replay.apply_batch(*values, batch->last_offset(), batch->leader_epoch()));
    rest = rest.subspan(batch->size());
  }
  return replay.image();
}

/// The image that a new life on this disk begins with.
inline metadata::Image image_after_restart(const std::shared_ptr<sim::DiskImage>& disk) {
  metadata::Image image;
  NodeLife life(disk, 1, [&](env::Fiber&, const Seat& seat) { image = *seat.feed.image(); });
  life.to_end();
  EXPECT_TRUE(life.started) << why(life.started);
  return image;
}

}  // namespace gregor::controller
