// Assignments by hand: what the broker holds, what the image says, and what is told of the difference.
#include "broker/directory_assignments.h"

#include <gtest/gtest.h>

#include "broker/broker_shard.h"
#include "metadata/directories.h"
#include "metadata/metadata_version.h"
#include "metadata/replay.h"
#include "sim/run_fiber.h"
#include "wire/metadata_records.h"

namespace gregor::broker {
namespace {

const Uuid kOne{1, 1001};
const Uuid kTwo{1, 1002};
const TopicId kTopic{5, 5};

struct Bench {
  explicit Bench(env::Shard& at, std::vector<Uuid> directories = {kOne, kTwo})
      : shard(at), feed(at, observer), assignments(seat(std::move(directories))) {
    shard.fibers.spawn("assignments", [this](env::Fiber& self) { assignments.keep(self); });
    write(wire::FeatureLevelRecord{.name = metadata::kMetadataVersion, .feature_level = 30}, 0);
    write(wire::TopicRecord{.name = "t", .topic_id = kTopic}, 0);
  }
  template <class Record>
  void write(const Record& record, std::int16_t version) {
    metadata::RecordList records;
    records.add(record, version);
    EXPECT_TRUE(replay.apply_batch(records.values(), ++offset, LeaderEpoch{1}));
    const auto change = replay.take_change();
    feed.show(change->image, change->delta);
  }
  void place(std::int32_t index, Uuid directory) {
    wire::PartitionRecord record{.partition_id = index, .topic_id = kTopic, .replicas = {3}, .isr = {3}, .leader = 3};
    record.directories = {directory};
    write(record, 1);
  }
  DirectoryAssignments::Seat seat(std::vector<Uuid> directories) {
    return {.clock = shard.clock,
            .feed = feed,
            .log = log,
            .self = NodeId{3},
            .directory_ids = std::move(directories),
            .broker_epoch = [] { return BrokerEpoch{8}; },
            .held = [this](env::Fiber&) { return held; },
            .carry = [this](env::Fiber&, const wire::AssignReplicasToDirsRequest& request,
                            MonotonicTime) -> Result<wire::AssignReplicasToDirsResponse> {
              ++sent;
              EXPECT_EQ(request.broker_epoch, 8);
              if (fails) return fail(Errc::timed_out, "nobody is active");
              for (const auto& directory : request.directories) {
                for (const auto& partition : directory.topics.at(0).partitions) {
                  told.emplace_back(partition.partition_index, directory.id);
                  place(partition.partition_index, directory.id);
                }
              }
              return wire::AssignReplicasToDirsResponse{};
            }};
  }
  void wait(env::Fiber& self, Milliseconds time) const { env::sleep_for(self, shard.clock, time); }
  void end(env::Fiber& self) {
    assignments.stop();
    wait(self, Milliseconds(1));
  }

  env::Shard& shard;
  observe::NullObserver observer;
  observe::NullLog log;
  controller::ImageFeed feed;
  metadata::Replay replay;
  Offset offset{0};
  std::vector<HeldPartition> held;
  std::vector<std::pair<std::int32_t, Uuid>> told;
  int sent = 0;
  bool fails = false;
  DirectoryAssignments assignments;
};

constexpr Uuid kUnassigned{0, 1};

TEST(DirectoryAssignments, WhatTheMetadataSaysAlreadyIsNotTold) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.held = {{kTopic, PartitionIndex{0}, kOne}};
    bench.place(0, kOne);
    bench.wait(self, Milliseconds(30'000));
    EXPECT_EQ(bench.sent, 0);
    bench.end(self);
  });
}

TEST(DirectoryAssignments, WhatComesTogetherIsToldTogetherByDirectory) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.held = {{kTopic, PartitionIndex{0}, kOne}, {kTopic, PartitionIndex{1}, kTwo}};
    bench.place(0, kUnassigned);
    bench.place(1, kUnassigned);
    bench.wait(self, Milliseconds(30'000));
    EXPECT_EQ(bench.sent, 1);
    EXPECT_EQ(bench.told, (std::vector<std::pair<std::int32_t, Uuid>>{{0, kOne}, {1, kTwo}}));
    bench.end(self);
  });
}

// With one directory there is nothing else to tell, ever.
TEST(DirectoryAssignments, ALostCopyIsToldAndThatItIsThereAgain) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard, {kOne});
    bench.held = {{kTopic, PartitionIndex{0}, metadata::kLostDirectory}};
    bench.place(0, kOne);
    bench.assignments.look_again();
    bench.wait(self, Milliseconds(30'000));
    EXPECT_EQ(bench.told, (std::vector<std::pair<std::int32_t, Uuid>>{{0, metadata::kLostDirectory}}));
    bench.held = {{kTopic, PartitionIndex{0}, kOne}};
    bench.assignments.look_again();
    bench.wait(self, Milliseconds(30'000));
    EXPECT_EQ(bench.told.back(), std::pair(0, kOne));
    EXPECT_EQ(bench.sent, 2);
    bench.end(self);
  });
}

TEST(DirectoryAssignments, WhatHasNoPlaceYetIsToldOnceItHas) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.held = {{kTopic, PartitionIndex{0}, {}}};
    bench.place(0, kUnassigned);
    bench.wait(self, Milliseconds(5000));
    EXPECT_EQ(bench.sent, 0);
    bench.held = {{kTopic, PartitionIndex{0}, kTwo}};
    bench.wait(self, Milliseconds(30'000));
    EXPECT_EQ(bench.sent, 1);
    bench.end(self);
  });
}

TEST(DirectoryAssignments, WhatNobodyHeardIsToldAgainAtAGrowingPause) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.fails = true;
    bench.held = {{kTopic, PartitionIndex{0}, kTwo}};
    bench.place(0, kOne);
    bench.wait(self, Milliseconds(60'000));
    EXPECT_GE(bench.sent, 6);
    EXPECT_LE(bench.sent, 12);
    bench.fails = false;
    bench.wait(self, Milliseconds(11'000));
    EXPECT_EQ(bench.told.size(), 1U);
    bench.end(self);
  });
}

TEST(DirectoryAssignments, WithOneDirectoryOnlyAnotherIsWorthALook) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard, {kOne});
    bench.held = {{kTopic, PartitionIndex{0}, kOne}, {kTopic, PartitionIndex{1}, kOne}};
    bench.place(0, kOne);
    bench.place(1, kTwo);
    bench.wait(self, Milliseconds(5000));
    EXPECT_EQ(bench.told, (std::vector<std::pair<std::int32_t, Uuid>>{{1, kOne}}));
    bench.end(self);
  });
}

}  // namespace
}  // namespace gregor::broker
