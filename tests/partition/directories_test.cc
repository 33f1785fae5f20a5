// Where partitions are placed, and what stays true of checkpoints when topics come and go.
#include "partition/directories.h"

#include <gtest/gtest.h>

#include "tests/partition/support/bench_top.h"
#include "tests/storage/support/passing_disk.h"

namespace gregor::partition {
namespace {

TopicPartition topic(const std::string& name, std::uint64_t id, std::int32_t partition = 0) {
  return {name, {0, id}, PartitionIndex{partition}};
}

struct Fixture {
  Fixture(env::Fiber& self, env::Shard& outer, std::vector<std::string> paths = {"a", "b"}, std::size_t data = 2)
      : shard(outer), shards{&outer}, directories(shards, observer, log) {
    EXPECT_TRUE(directories.open(self, outer, paths, data));
  }
  Placement place(env::Fiber& self, const TopicPartition& partition) {
    return directories.place(self, shard, partition).value();
  }
  env::Shard& shard;
  env::ShardTable shards;
  test::RememberingObserver observer;
  observe::NullLog log;
  Directories directories;
};

TEST(Directories, NewPartitionsGoWhereTheFewestAre) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a", "b", "metadata"}, 2);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 0)).directory, 0U);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).directory, 1U);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 2)).directory, 0U) << "the metadata log's own directory takes none";
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).directory, 1U) << "a known one stays where it is";
  });
}

TEST(Directories, APlacedPartitionIsFoundAgainByItsTopicIdInTheNextLife) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    fixture.place(self, topic("t", 1, 0));
    fixture.place(self, topic("t", 1, 1));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).directory, 1U);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).folder, "b/t-1");
  });
}

// KIP-516, row 36: a topic deleted and made anew while the node was down is another topic.
TEST(Directories, AFolderOfAnotherTopicIdIsPutAside) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    fixture.place(self, topic("t", 1));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    ASSERT_TRUE(fixture.directories.set_strays_aside(self, [](const TopicId& id, PartitionIndex) {
      return id == TopicId{0, 2};
    }));
    const Placement placed = fixture.place(self, topic("t", 2));
    EXPECT_EQ(placed.checkpoints.recovery_point, Offset{0});
    int strays = 0;
    const auto names = shard.disk.list(self, "a").value();
    for (const std::string& name : names) strays += name.ends_with("-stray") ? 1 : 0;
    EXPECT_EQ(strays, 1) << "its data is kept for people to look at";
  });
}

// A damaged disk may show a deleted topic's folder again without its partition.metadata.
TEST(Directories, RecordsOfNobodyKnowsWhichTopicAreNotGivenToTheNextOfThatName) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    fixture.place(self, topic("t", 1));
    fixture.place(self, topic("u", 2));
    for (const char* file : {"a/t-0/partition.metadata", "b/u-0/partition.metadata"}) {
      const auto torn = shard.disk.open(self, file, env::OpenMode::read_write).value();
      ASSERT_TRUE(torn->truncate(self, FilePosition{3}));
    }
    const auto log = shard.disk.open(self, "a/t-0/00000000000000000000.log", env::OpenMode::create).value();
    ASSERT_TRUE(log->truncate(self, FilePosition{100}));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    ASSERT_TRUE(fixture.directories.set_strays_aside(self, [](const TopicId&, PartitionIndex) { return true; }));
    const auto files = shard.disk.list(self, fixture.place(self, topic("t", 3)).folder).value();
    EXPECT_EQ(files, std::vector<std::string>{"partition.metadata"});
    EXPECT_EQ(fixture.place(self, topic("u", 2)).folder, "b/u-0") << "an empty one is nobody's loss";
  });
}

TEST(Directories, ANameIsFreeAgainWhenTheOldFolderIsRenamed) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    fixture.place(self, topic("t", 1));
    bool placed = false;
    shard.fibers.spawn("place", [&](env::Fiber& fiber) {
      fixture.place(fiber, topic("t", 2));
      placed = true;
    });
    env::sleep_for(self, shard.clock, Milliseconds(50));
    EXPECT_FALSE(placed) << "the old topic's folder is still in the way";
    ASSERT_TRUE(fixture.directories.remove(self, shard, topic("t", 1), Uuid{3, 4}));
    env::sleep_for(self, shard.clock, Milliseconds(50));
    EXPECT_TRUE(placed);
  });
}

// Found by simulation (L4): both found the name free, and waited for the checkpoint files.
TEST(Directories, OneOfTwoTopicsOfANameThatComeWhileCheckpointsAreWrittenWaits) {
  const auto disk = std::make_shared<sim::DiskImage>(sim::usual_disk_law());
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    fixture.place(self, topic("u", 9));
    int placed = 0;
    shard.fibers.spawn("checkpoint", [&](env::Fiber& fiber) {
      const CheckpointLine line{.partition = topic("u", 9),
                                .directory = 0,
                                .recovery_point = Offset{5},
                                .log_start = Offset{0},
                                .high_watermark = Offset{5}};
      EXPECT_TRUE(fixture.directories.checkpoint(fiber, shard, {line}));
      EXPECT_EQ(placed, 0) << "it was over too soon to be in the way";
    });
    for (const std::uint64_t id : {1, 2}) {
      shard.fibers.spawn("place", [&, id](env::Fiber& fiber) {
        fixture.place(fiber, topic("t", id));
        ++placed;
      });
    }
    env::sleep_for(self, shard.clock, std::chrono::seconds(1));
    EXPECT_EQ(placed, 1);
    ASSERT_TRUE(fixture.directories.remove(self, shard, topic("t", 1), Uuid{3, 4}));
    env::sleep_for(self, shard.clock, std::chrono::seconds(1));
    EXPECT_EQ(placed, 2);
  });
}

TEST(Directories, ACheckpointOfARemovedTopicIsNotInheritedByItsName) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const auto line = [](std::uint64_t id) {
    return CheckpointLine{.partition = topic("t", id),
                          .directory = 0,
                          .recovery_point = Offset{50},
                          .log_start = Offset{20},
                          .high_watermark = Offset{50}};
  };
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    fixture.place(self, topic("t", 1));
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line(1)}));
    ASSERT_TRUE(fixture.directories.remove(self, shard, topic("t", 1), Uuid{3, 4}));
    fixture.place(self, topic("t", 2));
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line(1)})) << "a late line of the old topic";
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    const Placement placed = fixture.place(self, topic("t", 2));
    EXPECT_EQ(placed.checkpoints.recovery_point, Offset{0});
    EXPECT_EQ(placed.checkpoints.log_start_offset, Offset{0});
  });
}

// A life that ends before every shard has spoken, or every partition has opened, must not undo a deletion.
TEST(Directories, ALogStartIsKeptThoughNoLineSpeaksOfItsPartition) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const auto line = [](std::int32_t partition, Offset log_start) {
    return CheckpointLine{.partition = topic("t", 1, partition),
                          .directory = 0,
                          .recovery_point = Offset{50},
                          .log_start = log_start,
                          .high_watermark = Offset{50}};
  };
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    fixture.place(self, topic("t", 1, 0));
    fixture.place(self, topic("t", 1, 1));
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line(0, Offset{20}), line(1, Offset{5})}));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line(1, Offset{7})}));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 0)).checkpoints.log_start_offset, Offset{20});
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).checkpoints.log_start_offset, Offset{7});
  });
}

TEST(Directories, ALogThatIsBegunAnewLowerDownStartsThereInTheNextLifeToo) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    fixture.place(self, topic("t", 1));
    ASSERT_TRUE(fixture.directories.raise_log_start(self, shard, 0, topic("t", 1), Offset{20}));
    ASSERT_TRUE(fixture.directories.restart_log_at(self, shard, 0, topic("t", 1), Offset{30}));
    ASSERT_TRUE(fixture.directories.restart_log_at(self, shard, 0, topic("t", 1), Offset{5}));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    EXPECT_EQ(fixture.place(self, topic("t", 1)).checkpoints.log_start_offset, Offset{5});
  });
}

TEST(Directories, CheckpointsComeBackInTheNextLife) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    fixture.place(self, topic("t", 1));
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard,
                                               {{.partition = topic("t", 1),
                                                 .directory = 0,
                                                 .recovery_point = Offset{50},
                                                 .log_start = Offset{20},
                                                 .high_watermark = Offset{40}}}));
    ASSERT_TRUE(fixture.directories.lower_recovery_point(self, shard, 0, topic("t", 1), Offset{30}));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    const Placement placed = fixture.place(self, topic("t", 1));
    EXPECT_EQ(placed.checkpoints.recovery_point, Offset{30});
    EXPECT_EQ(placed.checkpoints.log_start_offset, Offset{20});
    EXPECT_EQ(placed.high_watermark, Offset{40});
  });
}

TEST(Directories, HowFarALogWasCompactedIsKeptInKafkasFileUntilItsTopicGoes) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const auto line = [](std::int32_t partition, std::optional<Offset> cleaned) {
    return CheckpointLine{.partition = topic("t", 1, partition),
                          .directory = 0,
                          .recovery_point = Offset{50},
                          .log_start = Offset{0},
                          .high_watermark = Offset{50},
                          .cleaned_up_to = cleaned};
  };
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    fixture.place(self, topic("t", 1, 0));
    fixture.place(self, topic("t", 1, 1));
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line(0, Offset{40}), line(1, std::nullopt)}));
    EXPECT_EQ(text_of(*disk->content_of("a/cleaner-offset-checkpoint")), "0\n1\nt 0 40\n");
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 0)).cleaned_up_to, Offset{40});
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).cleaned_up_to, std::nullopt);
    ASSERT_TRUE(fixture.directories.remove(self, shard, topic("t", 1, 0), Uuid{3, 4}));
    EXPECT_EQ(fixture.place(self, topic("t", 2, 0)).cleaned_up_to, std::nullopt) << "another topic of that name";
    EXPECT_EQ(text_of(*disk->content_of("a/cleaner-offset-checkpoint")), "0\n0\n");
  });
}

TEST(Directories, AFailedOneIsToldOnceAndTakesNoPartition) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    const Error error{.code = Errc::io, .text = "EIO"};
    fixture.directories.take_offline(self, shard, 0, error);
    fixture.directories.take_offline(self, shard, 0, error);
    EXPECT_EQ(fixture.observer.all<observe::LogDirectoryFailed>().size(), 1U);
    EXPECT_FALSE(fixture.directories.is_online(0));
    fixture.directories.end_of_history();
    EXPECT_EQ(fixture.place(self, topic("t", 1)).directory, 1U);
  });
}

/// Lets nothing of one directory be seen.
class DiskWithout final : public storage::PassingDisk {
 public:
  DiskWithout(env::Disk& disk, std::string hidden) : PassingDisk(disk), hidden_(std::move(hidden)) {}
  Result<env::FileStatus> status(env::Fiber& self, const std::string& path) override {
    if (path.starts_with(hidden_)) return fail(Errc::io, path + ": ordered by the test");
    return PassingDisk::status(self, path);
  }

 private:
  const std::string hidden_;
};

struct HalfBlindFixture {
  HalfBlindFixture(env::Shard& outer, const std::string& hidden)
      : disk(outer.disk, hidden),
        shard{outer.fibers, outer.clock, outer.entropy, outer.network, disk, outer.mailbox, outer.process},
        shards{&shard},
        directories(shards, observer, log) {}
  DiskWithout disk;
  env::Shard shard;
  env::ShardTable shards;
  test::RememberingObserver observer;
  observe::NullLog log;
  Directories directories;
};

TEST(Directories, OneThatCannotBeOpenedIsOfflineAndTheOthersServe) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    HalfBlindFixture fixture(shard, "b");
    const auto opened = fixture.directories.open(self, fixture.shard, {"a", "b"}, 2);
    ASSERT_TRUE(opened) << opened.error().text;
    EXPECT_TRUE(fixture.directories.is_online(0));
    EXPECT_FALSE(fixture.directories.is_online(1));
    EXPECT_EQ(fixture.directories.offline_count(), 1U);
    ASSERT_EQ(fixture.observer.all<observe::LogDirectoryFailed>().size(), 1U);
    EXPECT_EQ(fixture.observer.all<observe::LogDirectoryFailed>()[0].directory, "b");
    EXPECT_TRUE(fixture.directories.begin_use(self));
    EXPECT_TRUE(fixture.directories.mark_clean_shutdown(self, BrokerEpoch{1}));
    EXPECT_TRUE(fixture.directories.is_bearable({.code = Errc::io, .text = ""}));
    EXPECT_FALSE(fixture.directories.is_bearable({.code = Errc::corrupt, .text = ""}));
  });
}

// KIP-858: what a failed directory holds is not made anew, empty, in another one.
TEST(Directories, APartitionOfEarlierLivesIsNotMadeAnewWhileItMayStandInOneThatIsOffline) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 0)).directory, 0U);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).directory, 1U);
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    HalfBlindFixture fixture(shard, "b");
    ASSERT_TRUE(fixture.directories.open(self, fixture.shard, {"a", "b"}, 2));
    EXPECT_TRUE(fixture.directories.place(self, fixture.shard, topic("t", 1, 0)));
    const auto hidden = fixture.directories.place(self, fixture.shard, topic("t", 1, 1));
    ASSERT_FALSE(hidden);
    EXPECT_EQ(hidden.error().code, Errc::io);
    fixture.directories.end_of_history();
    EXPECT_EQ(fixture.directories.place(self, fixture.shard, topic("new", 2))->directory, 0U);
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard);
    EXPECT_EQ(fixture.place(self, topic("t", 1, 1)).directory, 1U) << "back where it was";
  });
}

TEST(Directories, WithoutTheMetadatasOneOrAnyForPartitionsThereIsNoStart) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    HalfBlindFixture without_first(shard, "a");
    const auto metadata = without_first.directories.open(self, without_first.shard, {"a", "b"}, 2, 0);
    ASSERT_FALSE(metadata);
    EXPECT_EQ(metadata.error().code, Errc::io);
  });
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    HalfBlindFixture without_first(shard, "a");
    EXPECT_FALSE(without_first.directories.open(self, without_first.shard, {"a", "metadata"}, 1, 1));
  });
}

CheckpointLine line_of(const TopicPartition& partition, std::int64_t end) {
  return {.partition = partition,
          .directory = 0,
          .recovery_point = Offset{end},
          .log_start = Offset{0},
          .high_watermark = Offset{end}};
}

// A broker that was stopped before it had opened its logs: the next one must not take them for well closed.
TEST(Directories, OneWithALogThatWasNeverOpenedIsNotMarkedClean) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const auto live = [&](std::vector<CheckpointLine> lines, bool was_clean) {
    sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      Fixture fixture(self, shard, {"a"}, 1);
      EXPECT_EQ(fixture.directories.at(0).was_clean_shutdown(), was_clean);
      ASSERT_TRUE(fixture.directories.begin_use(self));
      for (const CheckpointLine& line : lines) fixture.place(self, line.partition);
      ASSERT_TRUE(fixture.directories.checkpoint(self, shard, lines));
      ASSERT_TRUE(fixture.directories.mark_clean_shutdown(self, lines.empty() ? kNoBrokerEpoch : BrokerEpoch{7}));
    });
  };
  const CheckpointLine first = line_of(topic("t", 1, 0), 5);
  const CheckpointLine second = line_of(topic("t", 1, 1), 6);
  live({first, second}, false);
  live({}, true);  // none was opened, and none needed it
  sim::run_fiber({.seed = 1, .disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    EXPECT_EQ(fixture.directories.at(0).previous_broker_epoch(), BrokerEpoch{7}) << "that of the life before";
    ASSERT_TRUE(fixture.directories.begin_use(self));  // and killed
  });
  live({first}, false);
  live({first, second}, false);
  live({second, first}, true);
}

// Its next life is to look where the damage is, also after a clean life before it.
TEST(Directories, OneWithADamagedLogIsNotMarkedCleanAndItsRecoveryBeginsThere) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const CheckpointLine line = line_of(topic("t", 1), 50);
  const auto live = [&](UniqueFunction<void(env::Fiber&, Fixture&)> act) {
    sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      Fixture fixture(self, shard, {"a"}, 1);
      ASSERT_TRUE(fixture.directories.begin_use(self));
      fixture.place(self, line.partition);
      ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line}));
      act(self, fixture);
      env::sleep_for(self, shard.clock, Milliseconds(1));
      ASSERT_TRUE(fixture.directories.mark_clean_shutdown(self, BrokerEpoch{7}));
    });
  };
  const auto found = [&] {
    std::pair<bool, Offset> was;
    sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      Fixture fixture(self, shard, {"a"}, 1);
      was = {fixture.directories.at(0).was_clean_shutdown(),
             fixture.place(self, line.partition).checkpoints.recovery_point};
    });
    return was;
  };
  live([](env::Fiber&, Fixture&) {});
  EXPECT_EQ(found(), std::pair(true, Offset{50}));
  live([&](env::Fiber& self, Fixture& fixture) {
    ASSERT_TRUE(fixture.directories.note_damage(self, fixture.shard, 0, line.partition, Offset{20}));
    ASSERT_TRUE(fixture.directories.checkpoint(self, fixture.shard, {})) << "a damaged log has no line";
  });
  EXPECT_EQ(found(), std::pair(false, Offset{20}));
  live([&](env::Fiber& self, Fixture& fixture) {
    ASSERT_TRUE(fixture.directories.note_damage(self, fixture.shard, 0, line.partition, Offset{20}));
    fixture.directories.forget_damage(fixture.shard, line.partition);
  });
  EXPECT_TRUE(found().first) << "it was mended";
}

// KAFKA-1647: what is not open now is not forgotten.
TEST(Directories, CheckpointsKeepWhatEarlierLivesWroteOfLogsThatAreNotOpen) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const TopicPartition here = topic("t", 1, 0);
  const TopicPartition absent = topic("t", 1, 1);
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    fixture.place(self, here);
    fixture.place(self, absent);
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line_of(here, 5), line_of(absent, 6)}));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    ASSERT_TRUE(fixture.directories.checkpoint(self, shard, {line_of(here, 8)}));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Fixture fixture(self, shard, {"a"}, 1);
    EXPECT_EQ(fixture.place(self, here).high_watermark, Offset{8});
    const Placement kept = fixture.place(self, absent);
    EXPECT_EQ(kept.high_watermark, Offset{6});
    EXPECT_EQ(kept.checkpoints.recovery_point, Offset{6});
  });
}

}  // namespace
}  // namespace gregor::partition
