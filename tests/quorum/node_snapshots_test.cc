// The node's snapshots: promise Q5 of quorum/node.h, and what a crash between any two steps leaves.
#include <gtest/gtest.h>

#include <set>

#include "quorum/metadata_log.h"
#include "quorum/node.h"
#include "quorum/snapshot_writer.h"
#include "sim/world.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {
namespace {

using Texts = std::vector<std::string>;

/// Small segments; nothing is kept that may go.
config::BrokerConfig thrifty() {
  config::BrokerConfig config;
  config.internal_metadata_log_segment_bytes = 400;
  config.metadata_max_retention_bytes = 0;
  return config;
}

/// Values whose newest state is their last one: a snapshot is "all up to N".
Result<void> snapshot_now(env::Fiber& self, Node& node) {
  const Offset end = node.high_watermark();
  const auto all = values({std::string("up to ") + std::to_string(end.value())});
  return node.take_snapshot(self, {end, node.epoch()}, all);
}

Result<Offset> append_one(env::Fiber& self, Node& node, int number) {
  const std::string text = std::to_string(number) + std::string(100, '.');
  return node.append(self, values({text}));
}

/// With a snapshot behind each of these.
void append_ten(env::Fiber& self, Node& node, const std::set<int>& with_snapshots) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(append_one(self, node, i));
    if (with_snapshots.contains(i)) {
      ASSERT_TRUE(snapshot_now(self, node));
    }
  }
}

/// What the last life heard of: the snapshot's text and the numbers of what came behind it.
Texts heard_by(const Listening& listener) {
  Texts heard;
  for (const std::string& text : listener.texts()) heard.push_back(text.substr(0, text.find('.')));
  return heard;
}

struct Left {
  Texts heard;
  Offset log_start;
  Offset log_end;
  std::vector<StoredSnapshot> snapshots;
};
Left what_is_left(const std::shared_ptr<sim::DiskImage>& disk) {
  return on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard, thrifty());
    const auto started = life.start(self);
    EXPECT_TRUE(started) << why(started);
    if (!started) return Left{};
    return Left{heard_by(life.listener), life.node->fsm().log().start().offset, life.node->log_end(),
                life.node->snapshots().all()};
  });
}

TEST(NodeSnapshots, ALifeBeginsWithTheNewestAndGoesOnBehindIt) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(append_one(self, *life.node, i));
    const auto taken = snapshot_now(self, *life.node);
    ASSERT_TRUE(taken) << why(taken);
    ASSERT_TRUE(append_one(self, *life.node, 3));
  });
  const Left left = what_is_left(disk);
  EXPECT_EQ(left.heard, (Texts{"up to 4", "3"}));
  EXPECT_EQ(left.log_start, Offset{0}) << "one snapshot alone lets nothing go";
}

TEST(NodeSnapshots, TheSecondLetsTheLogGoBelowItWholeSegmentsAtATime) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard, thrifty());
    ASSERT_TRUE(life.start(self));
    append_ten(self, *life.node, {4, 8});
    EXPECT_EQ(life.node->snapshots().all().size(), 1U);
    EXPECT_EQ(life.node->snapshots().newest()->end_offset, Offset{10});
    EXPECT_EQ(life.node->fsm().log().start(), (raft::OffsetAndEpoch{Offset{10}, LeaderEpoch{1}}));
    EXPECT_FALSE(shard.disk.status(self, kFirstSegment)) << "the first segment is gone";
  });
  const Left left = what_is_left(disk);
  EXPECT_EQ(left.heard, (Texts{"up to 10", "9"}));
  EXPECT_EQ(left.log_start, Offset{10});
}

TEST(NodeSnapshots, ALogThatIsEmptyBehindItsSnapshotStillHasThatToTell) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard, thrifty());
    ASSERT_TRUE(life.start(self));
    append_ten(self, *life.node, {0, 3, 6, 9});
  });
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard, thrifty());
    life.directory = storage::LogDirectory::open(self, shard.disk, life.log, kHome).value();
    const auto log =
        MetadataLog::open(self, {shard, life.observer, life.log, life.config, *life.directory, life.listener}).value();
    ASSERT_EQ(log->start(), log->end());
    EXPECT_FALSE(log->has_to_tell(log->end() - 1)) << "not known to be committed";
    ASSERT_TRUE(log->has_to_tell(log->end()));
    std::vector<std::string> told;
    MetadataLog::Told listener{
        .batch = [](const CommittedBatch&) -> Result<void> { return fail(Errc::invalid, "a batch"); },
        .snapshot = [&](const CommittedBatch& snapshot) -> Result<void> {
          told.emplace_back(text_of(snapshot.values.at(0)));
          return {};
        }};
    EXPECT_TRUE(log->tell(self, log->end(), listener).value());
    EXPECT_EQ(told, (std::vector<std::string>{"up to " + std::to_string(log->end().value())}));
    EXPECT_FALSE(log->has_to_tell(log->end()));
  });
}

TEST(NodeSnapshots, ASnapshotMustEndWhereACommittedBatchOfItsEpochDoes) {
  on_disk(std::make_shared<sim::DiskImage>(), [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(life.node->append(self, values({"a", "b"})));  // offsets 1 and 2
    const auto code_of = [&](std::int64_t end, std::int32_t epoch) {
      const auto taken = life.node->take_snapshot(self, {Offset{end}, LeaderEpoch{epoch}}, {});
      return taken ? std::nullopt : std::optional(taken.error().code);
    };
    EXPECT_EQ(code_of(2, 1), Errc::invalid) << "in the middle of a batch";
    EXPECT_EQ(code_of(3, 2), Errc::invalid) << "another epoch";
    EXPECT_EQ(code_of(4, 1), Errc::invalid) << "above the high watermark";
    EXPECT_EQ(code_of(0, 1), Errc::invalid);
    EXPECT_TRUE(life.node->snapshots().all().empty());
    EXPECT_EQ(code_of(3, 1), std::nullopt);
    EXPECT_EQ(code_of(1, 1), std::nullopt) << "there is a newer one: nothing is to be done";
    EXPECT_EQ(life.node->snapshots().all().size(), 1U);
  });
}

TEST(NodeSnapshots, AppendsGoOnWhileOneIsWritten) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber(sim::RunFiberOptions{.seed = 3, .disk = disk, .unruly = true},
                 [](env::Fiber& self, env::Shard& shard) {
                   Life life(shard, thrifty());
                   ASSERT_TRUE(life.start(self));
                   bool is_over = false;
                   env::WaitQueue done;
                   shard.fibers.spawn("snapshots", [&](env::Fiber& fiber) {
                     for (int i = 0; i < 8; ++i) {
                       const auto taken = snapshot_now(fiber, *life.node);
                       EXPECT_TRUE(taken) << why(taken);
                     }
                     is_over = true;
                     done.wake_all();
                   });
                   for (int i = 0; i < 40; ++i) ASSERT_TRUE(append_one(self, *life.node, i));
                   while (!is_over) done.wait(self);
                   EXPECT_GT(life.node->fsm().log().start().offset, Offset{0});
                 });
  const Left left = what_is_left(disk);
  ASSERT_FALSE(left.heard.empty());
  EXPECT_EQ(left.heard.front(), "up to " + std::to_string(left.snapshots.back().id.end_offset.value()));
  EXPECT_EQ(left.heard.back(), "39");
}

// INVARIANTS 62. Method: the power fails after each event of a life in turn; whatever is left opens, and what was
// appended is there: in the snapshot, or behind it without a gap.
TEST(NodeSnapshots, APowerLossAtAnyEventLeavesALogThatItsSnapshotCovers) {
  constexpr int kAppends = 14;
  bool saw_trimmed = false;
  for (std::uint64_t events = 1;; ++events) {
    const auto disk = std::make_shared<sim::DiskImage>(sim::usual_disk_law());
    int acknowledged = 0;
    bool is_over = false;
    sim::World world({.seed = events});
    world.add_node({.name = "n",
                    .body =
                        [&](env::Fiber& self, env::Shard& shard) {
                          Life life(shard, thrifty());
                          ASSERT_TRUE(life.start(self));
                          for (; acknowledged < kAppends; ++acknowledged) {
                            ASSERT_TRUE(append_one(self, *life.node, acknowledged));
                            if (acknowledged % 4 == 3) {
                              ASSERT_TRUE(snapshot_now(self, *life.node));
                            }
                          }
                          is_over = true;
                          while (true) self.park();
                        },
                    .disk = disk});
    world.run_until([&] { return is_over; }, {.events_max = events});
    world.lose_power(0);
    const Left left = what_is_left(disk);
    ASSERT_FALSE(testing::Test::HasFailure()) << "after " << events << " events";
    saw_trimmed = saw_trimmed || left.log_start > Offset{0};
    int next = 0;
    for (const std::string& text : left.heard) {
      // Record N of the first life stands at offset N + 1: the epoch's first record is before them.
      if (text.starts_with("up to "))
        next = std::stoi(text.substr(6)) - 1;
      else
        ASSERT_EQ(text, std::to_string(next++)) << "after " << events << " events";
    }
    ASSERT_GE(next, acknowledged) << "after " << events << " events";
    if (is_over) break;
  }
  EXPECT_TRUE(saw_trimmed);
}

// What a crash leaves between keeping the leader's snapshot and beginning the log anew behind it.
TEST(NodeSnapshots, ALogThatASnapshotHasOvertakenBeginsAnewBehindIt) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(append_one(self, *life.node, 0));
    const auto all = values({"the leader's"});
    ASSERT_TRUE(
        write_snapshot(self, shard.disk, kMetadataFolder, {Offset{100}, LeaderEpoch{9}}, {.values = all}, WallTime{1}));
  });
  const Left left = what_is_left(disk);
  EXPECT_EQ(left.heard, (Texts{"the leader's"}));
  EXPECT_EQ(left.log_start, Offset{100});
  EXPECT_EQ(left.log_end, Offset{101}) << "the first record of epoch 10";
}

TEST(NodeSnapshots, ALogWithoutASnapshotOfWhatWasBeforeDoesNotOpen) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard, thrifty());
    ASSERT_TRUE(life.start(self));
    for (int i = 0; i < 12; ++i) {
      ASSERT_TRUE(append_one(self, *life.node, i));
      if (i % 5 == 4) {
        ASSERT_TRUE(snapshot_now(self, *life.node));
      }
    }
    ASSERT_TRUE(shard.disk.unlink(self, life.node->snapshots().path_of(*life.node->snapshots().newest())));
  });
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard, thrifty());
    const auto started = life.start(self);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::corrupt) << started.error().text;
  });
}

TEST(NodeSnapshots, AFullDiskCostsTheSnapshotAlone) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(append_one(self, *life.node, 0));
    disk->law().capacity_bytes = disk->used_bytes() + 1;
    const auto taken = snapshot_now(self, *life.node);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::no_space);
    disk->law() = sim::DiskLaw{};
    EXPECT_TRUE(append_one(self, *life.node, 1));
    EXPECT_TRUE(snapshot_now(self, *life.node));
  });
}

TEST(NodeSnapshots, AfterCloseNoneIsTaken) {
  on_disk(std::make_shared<sim::DiskImage>(), [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(append_one(self, *life.node, 0));
    ASSERT_TRUE(life.end(self));
    const auto taken = snapshot_now(self, *life.node);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::closed);
  });
}

TEST(NodeSnapshots, AQuorumWhoseLogNamesItsVotersNamesThemInSnapshotsToo) {
  // kraft.version 1: as Kafka's format step leaves it, the initial snapshot says who votes.
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard, thrifty());
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(life.node->close(self));
    const raft::VoterSet voters{{.key = {NodeId{1}, life.identity.metadata_directory_id}}};
    const auto names = shard.disk.list(self, kMetadataFolder).value();
    for (const std::string& name : names) {
      if (name == "partition.metadata") continue;
      ASSERT_TRUE(shard.disk.unlink(self, kMetadataFolder + "/" + name));
    }
    ASSERT_TRUE(write_snapshot(self, shard.disk, kMetadataFolder, {Offset{0}, LeaderEpoch{0}},
                               {.values = {}, .voters = voters}, WallTime{1}));
  });
  for (int lives = 0; lives < 3; ++lives) {
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      Life life(shard, thrifty());
      const auto started = life.start(self);
      ASSERT_TRUE(started) << why(started);
      EXPECT_EQ(life.node->kraft_version(), 1);
      for (int i = 0; i < 6; ++i) ASSERT_TRUE(append_one(self, *life.node, i));
      ASSERT_TRUE(snapshot_now(self, *life.node));
      const auto newest = *life.node->snapshots().newest();
      const auto snapshot = read_snapshot(self, shard.disk, life.node->snapshots().path_of(newest));
      ASSERT_TRUE(snapshot && snapshot->voters);
      EXPECT_EQ(snapshot->voters->front().key.directory_id, life.identity.metadata_directory_id);
    });
  }
}

}  // namespace
}  // namespace gregor::quorum
