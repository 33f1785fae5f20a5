// Which of two folders is the log: at every step of a move, in every next life, and while a directory is away.
#include <gtest/gtest.h>

#include "partition/directories.h"
#include "tests/partition/support/bench_top.h"
#include "tests/storage/support/passing_disk.h"

namespace gregor::partition {
namespace {

using test::kOrders;
using Folders = std::vector<std::string>;
const TopicPartition kNeighbour{"neighbours", Uuid{5, 6}, PartitionIndex{0}};

/// Where the disk fails, and how.
struct Orders {
  std::string rename_fails_to = {};  ///< a part of the new name
  std::string write_fails_in = {};   ///< a part of the path
  std::string list_fails_in = {};
  Errc with = Errc::io;
};

class OrderedDisk final : public storage::PassingDisk {
 public:
  using PassingDisk::PassingDisk;
  Orders orders;
  Result<void> rename(env::Fiber& self, const std::string& from, const std::string& to) override {
    if (!orders.rename_fails_to.empty() && to.find(orders.rename_fails_to) != std::string::npos) return refusal();
    return PassingDisk::rename(self, from, to);
  }
  Result<std::unique_ptr<env::File>> open(env::Fiber& self, const std::string& path, env::OpenMode mode) override {
    if (!orders.write_fails_in.empty() && path.find(orders.write_fails_in) != std::string::npos) {
      return fail(orders.with, "ordered by the test");
    }
    return PassingDisk::open(self, path, mode);
  }
  Result<std::vector<std::string>> list(env::Fiber& self, const std::string& path) override {
    if (path == orders.list_fails_in) return fail(Errc::io, "ordered by the test");
    return PassingDisk::list(self, path);
  }

 private:
  [[nodiscard]] Result<void> refusal() const { return fail(orders.with, "ordered by the test"); }
};

/// One life of a node with directories "a" and "b". Lives within one run_fiber body.
struct Life {
  Life(env::Fiber& self, env::Shard& outer, Orders orders = {})
      : disk(outer.disk),
        shard{outer.fibers, outer.clock, outer.entropy, outer.network, disk, outer.mailbox, outer.process},
        shards{&shard},
        directories(shards, observer, log) {
    disk.orders = std::move(orders);
    EXPECT_TRUE(directories.open(self, shard, {"a", "b"}, 2, 1));
    EXPECT_TRUE(directories.set_strays_aside(
        self, [](const TopicId& id, PartitionIndex) { return id == kOrders.topic_id || id == kNeighbour.topic_id; }));
    EXPECT_TRUE(directories.begin_use(self));
  }
  Placement place(env::Fiber& self) { return directories.place(self, shard, kOrders).value(); }
  Result<FuturePlacement> begin(env::Fiber& self, std::size_t directory, std::uint64_t unique = 1) {
    return directories.begin_move(self, shard, kOrders, directory, Uuid{0, unique});
  }
  MoveOutcome finish(env::Fiber& self) {
    const CheckpointLine line{.partition = kOrders,
                              .directory = 1,
                              .recovery_point = Offset{40},
                              .log_start = Offset{10},
                              .high_watermark = Offset{30},
                              .cleaned_up_to = Offset{20}};
    return directories.finish_move(self, shard, line, Uuid{0, 9});
  }
  Folders folders(env::Fiber& self) {
    Folders found;
    for (const std::string directory : {"a", "b"}) {
      const auto names = shard.disk.list(self, directory).value();
      for (const std::string& name : names) {
        if (name.starts_with("orders-")) found.push_back(directory + "/" + name);
      }
    }
    return found;
  }

  test::RememberingObserver observer;
  observe::NullLog log;
  OrderedDisk disk;
  env::Shard shard;
  env::ShardTable shards;
  Directories directories;
};

void expect_lines_of_the_move(const Placement& placement) {
  EXPECT_EQ(placement.checkpoints.recovery_point, Offset{40});
  EXPECT_EQ(placement.checkpoints.log_start_offset, Offset{10});
  EXPECT_EQ(placement.high_watermark, Offset{30});
  EXPECT_EQ(placement.cleaned_up_to, Offset{20});
}

class DirectoryMoves : public testing::Test {
 protected:
  /// The next life on the disk as it is, after a power loss where `loses_power`.
  template <class Body>
  void live(Body body, const Orders& orders = {}, bool loses_power = true) {
    if (loses_power) {
      RandomStream torn(++lives_);
      disk_->lose_power(torn);
    }
    sim::run_fiber({.seed = 1, .disk = disk_}, [&](env::Fiber& self, env::Shard& shard) {
      Life life(self, shard, orders);
      body(self, life);
    });
  }

  std::shared_ptr<sim::DiskImage> disk_ = std::make_shared<sim::DiskImage>();
  std::uint64_t lives_ = 0;
};

TEST_F(DirectoryMoves, TheCopyTakesNameAndCheckpointsAndTheOldDirectoryForgetsThem) {
  live([](env::Fiber& self, Life& life) {
    EXPECT_EQ(life.place(self).folder, "a/orders-0");
    EXPECT_EQ(life.begin(self, 1).value().folder, life.begin(self, 1, 2).value().folder) << "the one there is";
    EXPECT_EQ(life.place(self).future->directory, 1U);
    const MoveOutcome moved = life.finish(self);
    EXPECT_EQ(moved.end, MoveEnd::arrived);
    EXPECT_EQ(moved.placement.folder, "b/orders-0");
    expect_lines_of_the_move(moved.placement);
    EXPECT_FALSE(life.directories.at(0).has_lines({"orders", PartitionIndex{0}}));
    EXPECT_EQ(life.folders(self), (Folders{"a/" + moved.old_folder, "b/orders-0"}));
    ASSERT_TRUE(life.directories.remove_old_folder(self, life.shard, moved));
    EXPECT_EQ(life.folders(self), Folders{"b/orders-0"});
    EXPECT_EQ(life.finish(self).end, MoveEnd::stays) << "nothing is on its way";
  });
  live([](env::Fiber& self, Life& life) {
    EXPECT_EQ(life.place(self).folder, "b/orders-0");
    expect_lines_of_the_move(life.place(self));
  });
}

TEST_F(DirectoryMoves, ACopyBesideItsLogIsGoneOnWithAndOfItNothingIsSaid) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    // The old folder cannot go: the next life may find the copy with its lines.
    life.disk.orders.rename_fails_to = "-delete";
    EXPECT_EQ(life.finish(self).end, MoveEnd::old_failed);
    EXPECT_TRUE(life.directories.at(1).has_lines({"orders", PartitionIndex{0}}));
  });
  live([](env::Fiber& self, Life& life) {
    const Placement placed = life.place(self);
    EXPECT_EQ(placed.folder, "a/orders-0");
    ASSERT_TRUE(placed.future);
    EXPECT_EQ(placed.future->directory, 1U);
    EXPECT_FALSE(life.directories.at(1).has_lines({"orders", PartitionIndex{0}}));
    life.directories.remove_leftovers(self);
    EXPECT_EQ(life.folders(self).size(), 2U);
  });
}

TEST_F(DirectoryMoves, AWholeCopyThatIsLeftAloneIsTheLog) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    life.disk.orders.rename_fails_to = "b/orders-0";
    const MoveOutcome moved = life.finish(self);
    EXPECT_EQ(moved.end, MoveEnd::new_failed);
    EXPECT_EQ(moved.placement.directory, 1U);
    EXPECT_FALSE(life.directories.is_online(1));
    EXPECT_TRUE(life.directories.is_online(0));
  });
  live([](env::Fiber& self, Life& life) {
    // What others write meanwhile must not lose its lines.
    ASSERT_TRUE(life.directories.checkpoint(self, life.shard, {}));
    life.directories.remove_leftovers(self);
    const Placement placed = life.place(self);
    EXPECT_EQ(placed.folder, "b/orders-0");
    expect_lines_of_the_move(placed);
    EXPECT_EQ(life.folders(self), Folders{"b/orders-0"});
  });
}

TEST_F(DirectoryMoves, WithoutRoomForItsNameTheCopyGetsItWithTheNextTry) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    life.disk.orders = {.rename_fails_to = "b/orders-0", .with = Errc::no_space};
    EXPECT_EQ(life.finish(self).end, MoveEnd::new_failed);
    EXPECT_FALSE(life.directories.place(self, life.shard, kOrders));
    life.disk.orders = {};
    EXPECT_EQ(life.place(self).folder, "b/orders-0");
    expect_lines_of_the_move(life.place(self));
  });
}

TEST_F(DirectoryMoves, ACopyThatIsNotWholeIsNeverTheLog) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    ASSERT_TRUE(life.directories.remove(self, life.shard, kOrders, Uuid{3, 4}));
  });
  live([](env::Fiber& self, Life& life) {
    EXPECT_EQ(life.place(self).checkpoints.recovery_point, Offset{0});
    EXPECT_FALSE(life.place(self).future);
    life.directories.remove_leftovers(self);
    EXPECT_EQ(life.folders(self), Folders{"a/orders-0"});
  });
}

TEST_F(DirectoryMoves, WhatCannotBeFinishedLeavesTheLogWhereItWas) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    life.disk.orders = {.write_fails_in = "b/log-start", .with = Errc::no_space};
    EXPECT_EQ(life.finish(self).end, MoveEnd::stays);
    EXPECT_TRUE(life.directories.is_online(1)) << "it is full, no more";
    life.disk.orders = {.rename_fails_to = "-delete", .with = Errc::no_space};
    EXPECT_EQ(life.finish(self).end, MoveEnd::stays);
    EXPECT_FALSE(life.directories.at(1).has_lines({"orders", PartitionIndex{0}}));
    life.disk.orders = {.write_fails_in = "b/log-start", .with = Errc::io};
    EXPECT_EQ(life.finish(self).end, MoveEnd::stays);
    EXPECT_FALSE(life.directories.is_online(1)) << "the new directory failed";
    EXPECT_EQ(life.place(self).folder, "a/orders-0");
    life.disk.orders = {};
  });
  live([](env::Fiber& self, Life& life) {
    EXPECT_EQ(life.place(self).folder, "a/orders-0");
    EXPECT_EQ(life.finish(self).end, MoveEnd::arrived);
  });
}

TEST_F(DirectoryMoves, AFolderThatWasNeverMadeToItsEndGivesWay) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    ASSERT_TRUE(life.shard.disk.make_directory(self, "b/orders-0"));
    const auto log = life.shard.disk.open(self, "b/orders-0/00000000000000000000.log", env::OpenMode::create).value();
    ASSERT_TRUE(log->truncate(self, FilePosition{100}));
    EXPECT_EQ(life.finish(self).end, MoveEnd::stays) << "somebody's records";
    ASSERT_TRUE(log->truncate(self, FilePosition{0}));
    EXPECT_EQ(life.finish(self).end, MoveEnd::arrived);
  });
}

TEST_F(DirectoryMoves, WhileADirectoryIsAwayNobodyCanSayWhichIsTheLog) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    life.disk.orders.rename_fails_to = "-delete";
    EXPECT_EQ(life.finish(self).end, MoveEnd::old_failed);
  });
  live(
      [](env::Fiber& self, Life& life) {
        EXPECT_FALSE(life.directories.place(self, life.shard, kOrders)) << "the copy has its lines, and is alone here";
        EXPECT_FALSE(life.begin(self, 1));
        life.directories.remove_leftovers(self);
      },
      {.list_fails_in = "a"});
  live([](env::Fiber& self, Life& life) {
    EXPECT_EQ(life.place(self).folder, "a/orders-0");
    EXPECT_TRUE(life.place(self).future);
  });
}

// Found by simulation (S1): the copy lost its lines while the other directory could not be read, and was no log after it.
TEST_F(DirectoryMoves, AWholeCopyKeepsItsLinesWhileADirectoryIsAway) {
  live([](env::Fiber& self, Life& life) {
    life.directories.prefer(self, life.shard, kNeighbour, 1);
    ASSERT_EQ(life.directories.place(self, life.shard, kNeighbour).value().directory, 1U);
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    life.disk.orders.rename_fails_to = "b/orders-0";
    EXPECT_EQ(life.finish(self).end, MoveEnd::new_failed);
  });
  live(
      [](env::Fiber& self, Life& life) {
        const CheckpointLine news{.partition = kNeighbour,
                                  .directory = 1,
                                  .recovery_point = Offset{7},
                                  .log_start = Offset{7},
                                  .high_watermark = Offset{7},
                                  .cleaned_up_to = {}};
        ASSERT_TRUE(life.directories.checkpoint(self, life.shard, {news}));
      },
      {.list_fails_in = "a"});
  live([](env::Fiber& self, Life& life) {
    const Placement placed = life.place(self);
    EXPECT_EQ(placed.folder, "b/orders-0");
    expect_lines_of_the_move(placed);
  });
}

TEST_F(DirectoryMoves, ACopyThatIsGivenUpIsNoCopyInTheNextLifeEither) {
  live([](env::Fiber& self, Life& life) {
    life.place(self);
    ASSERT_TRUE(life.begin(self, 1));
    ASSERT_TRUE(life.directories.abandon_move(self, life.shard, kOrders));
    ASSERT_TRUE(life.directories.abandon_move(self, life.shard, kOrders)) << "none is nothing to give up";
    EXPECT_EQ(life.folders(self), Folders{"a/orders-0"});
    EXPECT_FALSE(life.place(self).future);
    ASSERT_TRUE(life.begin(self, 1, 2));
    life.disk.orders.rename_fails_to = "-delete";
    EXPECT_FALSE(life.directories.abandon_move(self, life.shard, kOrders));
    EXPECT_FALSE(life.directories.is_online(1));
  });
  live([](env::Fiber& self, Life& life) { EXPECT_TRUE(life.place(self).future) << "it could not be marked"; });
}

TEST_F(DirectoryMoves, ANewPartitionGoesWhereItIsWished) {
  live([](env::Fiber& self, Life& life) {
    life.directories.prefer(self, life.shard, kOrders, 1);
    EXPECT_EQ(life.place(self).folder, "b/orders-0");
    life.directories.prefer(self, life.shard, kOrders, 0);
    EXPECT_EQ(life.place(self).folder, "b/orders-0") << "what has a place stays there";
    ASSERT_TRUE(life.directories.remove(self, life.shard, kOrders, Uuid{3, 4}));
    EXPECT_EQ(life.place(self).folder, "a/orders-0") << "a wish is for one folder";
  });
}

TEST_F(DirectoryMoves, AWishForADirectoryThatIsOfflineIsForgotten) {
  live([](env::Fiber& self, Life& life) {
    life.directories.prefer(self, life.shard, kOrders, 1);
    life.directories.end_of_history();
    life.directories.take_offline(self, life.shard, 1, Error{Errc::io, "ordered by the test", 0});
    EXPECT_EQ(life.place(self).folder, "a/orders-0");
  });
}

}  // namespace
}  // namespace gregor::partition
