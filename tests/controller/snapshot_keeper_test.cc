// A controller that takes snapshots while it decides: what it shows after restarts, and what a failing disk costs.
#include "controller/snapshot_keeper.h"

#include <gtest/gtest.h>

#include "metadata/first_delta.h"
#include "quorum/snapshot_file.h"
#include "tests/controller/support/home.h"

namespace gregor::controller {
namespace {

/// A snapshot after nearly every batch; nothing is kept that may go.
void make_thrifty(config::BrokerConfig& config) {
  config.metadata_log_max_record_bytes_between_snapshots = 200;
  config.internal_metadata_log_segment_bytes = 1000;
  config.metadata_max_retention_bytes = 0;
}

std::vector<quorum::SnapshotId> snapshots_on(const sim::DiskImage& disk) {
  std::vector<quorum::SnapshotId> found;
  for (const std::string& path : disk.durable_file_paths()) {
    const auto id = quorum::SnapshotId::from_file_name(path.substr(path.rfind('/') + 1));
    if (id) found.push_back(*id);
  }
  return found;
}

struct Outcome {
  metadata::Image image;
  bool is_trimmed = false;
};
Outcome live(const std::shared_ptr<sim::DiskImage>& disk, int topics, const std::string& prefix) {
  Outcome outcome;
  NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self, 1);
    for (int i = 0; i < topics; ++i) {
      const auto created = seat.create(self, prefix + std::to_string(i));
      EXPECT_TRUE(created) << why(created);
    }
    env::sleep_for(self, seat.shard.clock, std::chrono::seconds(1));
    outcome.image = *seat.feed.image();
  });
  make_thrifty(life.config);
  life.to_end();
  EXPECT_TRUE(life.started) << why(life.started);
  EXPECT_TRUE(life.stopped) << why(life.stopped);
  outcome.is_trimmed = !disk->content_of(kFirstSegment).has_value();
  return outcome;
}

TEST(SnapshotKeeper, LivesThatBeginWithASnapshotShowTheSame) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const Outcome first = live(disk, 12, "a");
  EXPECT_TRUE(first.is_trimmed);
  EXPECT_EQ(snapshots_on(*disk).size(), 1U);
  EXPECT_EQ(image_after_restart(disk).topics().size(), 12U);
  const Outcome second = live(disk, 12, "b");
  EXPECT_EQ(second.image.topics().size(), 24U);
  const metadata::Image third = image_after_restart(disk);
  EXPECT_EQ(third.topics().size(), 24U);
  for (const auto& [name, topic] : second.image.topics()) {
    ASSERT_NE(third.find_topic(name), nullptr);
    EXPECT_EQ(*third.find_topic(name), *topic);
  }
}

TEST(SnapshotKeeper, WithoutAReasonNoneIsTaken) {
  const auto disk = std::make_shared<sim::DiskImage>();
  NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    EXPECT_TRUE(seat.create(self, "t"));
    env::sleep_for(self, seat.shard.clock, std::chrono::minutes(30));
  });
  life.to_end();
  EXPECT_TRUE(snapshots_on(*disk).empty());
}

TEST(SnapshotKeeper, TimeAloneIsAReasonOnceThereWasARecord) {
  const auto disk = std::make_shared<sim::DiskImage>();
  NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    env::sleep_for(self, seat.shard.clock, std::chrono::hours(2));
    EXPECT_EQ(snapshots_on(*disk).size(), 1U);
    env::sleep_for(self, seat.shard.clock, std::chrono::hours(4));
    EXPECT_EQ(snapshots_on(*disk).size(), 1U) << "nothing came since";
  });
  life.to_end();
  EXPECT_EQ(snapshots_on(*disk).size(), 1U);
}

TEST(SnapshotKeeper, AFullDiskIsTriedAgain) {
  const auto disk = std::make_shared<sim::DiskImage>();
  bool fills_up = false;
  NodeLife life(disk, 1, [&](env::Fiber& self, const Seat& seat) {
    seat.serve(self);
    metadata::CreateTopics many;
    for (int i = 0; i < 20; ++i) many.topics.push_back({.name = "t" + std::to_string(i), .num_partitions = 2});
    fills_up = true;
    EXPECT_TRUE(seat.controller.create_topics(self, seat.feed, many));
    env::sleep_for(self, seat.shard.clock, std::chrono::seconds(5));
    EXPECT_TRUE(snapshots_on(*disk).empty());
    fills_up = false;
    disk->law() = sim::DiskLaw{};
    env::sleep_for(self, seat.shard.clock, std::chrono::seconds(5));
    EXPECT_EQ(snapshots_on(*disk).size(), 1U);
  });
  // As soon as the records stand that make one due, there is no room for it.
  life.observer.each = [&](const observe::Event& event) {
    if (fills_up && std::holds_alternative<observe::LogFlushed>(event)) disk->law().capacity_bytes = 1;
  };
  life.config.metadata_log_max_record_bytes_between_snapshots = 1'500;
  life.to_end();
  EXPECT_EQ(image_after_restart(disk).topics().size(), 20U);
}

}  // namespace
}  // namespace gregor::controller
