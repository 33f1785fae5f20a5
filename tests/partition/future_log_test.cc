// The copy of a log: it comes to hold what the log holds, whatever becomes of the log meanwhile, and what the log knows
// besides its batches.
#include "partition/future_log.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"
#include "tests/storage/support/log_home.h"

namespace gregor::partition {
namespace {

using storage::LogHome;
using storage::PartitionLog;

const std::string kCopyFolder = "data/orders-0.0000000000000001-future";

struct Bench {
  Bench(env::Fiber& self, env::Shard& at, LogHome& of) : shard(at), home(of) {
    home.config.segment_bytes = 400;
    log = home.open(self, shard).value();
    EXPECT_TRUE(shard.disk.make_directory(self, kCopyFolder));
    EXPECT_TRUE(shard.disk.sync_directory(self, "data"));
    open_copy(self);
  }
  void open_copy(env::Fiber& self) {
    copy.reset();
    copy =
        FutureLog::open(self, {shard.disk, shard.clock, home.log, {"orders", {1, 2}, PartitionIndex{0}}, kCopyFolder},
                        home.config)
            .value();
  }
  void fill(env::Fiber& self, int from, int to, int epoch = 0) {
    for (int i = from; i < to; ++i) home.fill(self, *log, {{.base_offset = i, .leader_epoch = epoch}});
  }
  void catch_up(env::Fiber& self) {
    for (int rounds = 0;; ++rounds) {
      ASSERT_LT(rounds, 1'000);
      const auto copied = copy->copy(self, *log, 150);
      ASSERT_TRUE(copied) << copied.error().text;
      if (*copied == 0) break;
    }
    EXPECT_TRUE(copy->equals(*log));
    EXPECT_EQ(copy->log().log_start(), log->log_start());
    EXPECT_EQ(storage::read_everything(self, copy->log()).value(), storage::read_everything(self, *log).value());
  }

  env::Shard& shard;
  LogHome& home;
  std::unique_ptr<PartitionLog> log;
  std::unique_ptr<FutureLog> copy;
};

template <class Body>
void with_bench(Body body) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, home);
    body(self, bench);
  });
}

TEST(FutureLog, HoldsTheSameBytesAndGoesOnWhereItWasLeft) {
  with_bench([](env::Fiber& self, Bench& bench) {
    bench.fill(self, 0, 10);
    ASSERT_TRUE(bench.copy->copy(self, *bench.log, 150));
    EXPECT_FALSE(bench.copy->equals(*bench.log));
    const Offset so_far = bench.copy->log().log_end();
    EXPECT_GT(so_far, Offset{0});
    bench.open_copy(self);
    EXPECT_EQ(bench.copy->log().log_end(), so_far);
    bench.fill(self, 10, 15, 1);
    bench.catch_up(self);
  });
}

// Simulated: a power loss took a whole segment of an unflushed copy, and left the one behind it.
TEST(FutureLog, WhatACrashLeftOfALogWithGapsIsNotTrusted) {
  with_bench([](env::Fiber& self, Bench& bench) {
    bench.fill(self, 0, 20);
    bench.catch_up(self);
    bench.home.config.dense_offsets = false;
    bench.open_copy(self);
    EXPECT_EQ(bench.copy->log().log_end(), bench.copy->log().log_start());
    bench.catch_up(self);
  });
}

TEST(FutureLog, IsCutWhereTheLogWasCutAndTakesWhatCameInstead) {
  with_bench([](env::Fiber& self, Bench& bench) {
    bench.fill(self, 0, 10);
    bench.catch_up(self);
    ASSERT_TRUE(bench.log->truncate_to(self, Offset{6}));
    bench.fill(self, 6, 12, 3);
    bench.catch_up(self);
    EXPECT_EQ(bench.copy->log().leader_epochs().entries(), bench.log->leader_epochs().entries());
  });
}

TEST(FutureLog, BeginsAnewWhereTheLogDid) {
  with_bench([](env::Fiber& self, Bench& bench) {
    bench.fill(self, 20, 30);
    bench.log->advance_log_start(Offset{20});
    bench.catch_up(self);
    for (const int at : {100, 5}) {  // above and below what it holds
      ASSERT_TRUE(bench.log->truncate_fully_and_start_at(self, Offset{at}));
      bench.fill(self, at, at + 8, 4);
      bench.catch_up(self);
    }
    ASSERT_TRUE(bench.log->truncate_fully_and_start_at(self, Offset{50}));
    bench.catch_up(self);
    EXPECT_EQ(bench.copy->log().log_end(), Offset{50}) << "empty, and at the place where the log will go on";
  });
}

TEST(FutureLog, WhatIsDeletedMeanwhileIsNotCopiedAndGoesFromTheCopyToo) {
  with_bench([](env::Fiber& self, Bench& bench) {
    bench.fill(self, 0, 30);
    ASSERT_TRUE(bench.copy->copy(self, *bench.log, 150));
    bench.log->advance_log_start(Offset{17});
    ASSERT_TRUE(bench.log->delete_old_segments(self));
    bench.catch_up(self);
    EXPECT_EQ(bench.copy->log().log_start(), Offset{17});
    bench.log->advance_log_start(Offset{25});
    bench.catch_up(self);
  });
}

// Row 4: an epoch that left no record, or none any more, parts histories all the same.
TEST(FutureLog, KnowsTheEpochsThatLeftNoRecord) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, home);
    bench.fill(self, 0, 4, 1);
    ASSERT_TRUE(bench.log->assign_leader_epoch(self, LeaderEpoch{7}, Offset{4}));
    bench.catch_up(self);
    ASSERT_TRUE(bench.copy->close(self, *bench.log, Offset{4}, {}));
  });
  EXPECT_EQ(text_of(home.image->durable_content_of(kCopyFolder + "/leader-epoch-checkpoint").value()),
            "0\n2\n1 0\n7 4\n");
}

TEST(FutureLog, TakesTheSnapshotsDownToWhereItMayBeCut) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, home);
    bench.fill(self, 0, 20);
    for (const std::int64_t at : {3, 9, 15}) {
      storage::ProducerEntry producer;
      producer.producer_id = ProducerId{at};
      ASSERT_TRUE(bench.log->write_producer_snapshot(self, Offset{at}, {producer}, true));
    }
    bench.catch_up(self);
    ASSERT_TRUE(bench.copy->close(self, *bench.log, Offset{12}, {}));
    bench.open_copy(self);
    EXPECT_EQ(bench.copy->log().newest_producer_snapshot(self).value()->offset, Offset{20});
    const auto below = bench.copy->log().newest_producer_snapshot(self, Offset{19}).value();
    ASSERT_TRUE(below);
    EXPECT_EQ(below->offset, Offset{15});
    EXPECT_EQ(below->producers.at(0).producer_id, ProducerId{15});
  });
}

}  // namespace
}  // namespace gregor::partition
