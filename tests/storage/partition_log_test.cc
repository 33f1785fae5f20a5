// One partition's log from outside: what it says of itself, its producer snapshots, and what a crash leaves of it.
#include "storage/partition_log.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

const std::vector<ProducerEntry> kOneProducer{{.producer_id = ProducerId{7}, .producer_epoch = ProducerEpoch{1}}};

TEST(PartitionLog, ANewLogBeginsAtItsLogStart) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard, {.log_start_offset = Offset{40}}).value();
    EXPECT_EQ(log->log_start(), Offset{40});
    EXPECT_EQ(log->log_end(), Offset{40});
    EXPECT_EQ(log->flushed_end(), Offset{40});
    EXPECT_EQ(log->partition().topic, "orders");
    EXPECT_EQ(log->folder(), LogHome::kFolder);
  });
  EXPECT_TRUE(home.has("00000000000000000040.log"));
  const auto told = home.events.of<observe::LogOpened>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].log_end, Offset{40});
}

TEST(PartitionLog, ItsSegmentsAddUp) {
  LogHome home;
  home.config.segment_bytes = 200;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    for (int i = 0; i < 6; ++i) home.fill(self, *log, {{.base_offset = i, .timestamp_ms = 100 + i}});
    const auto segments = log->segments();
    ASSERT_EQ(segments.size(), 3U);
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      bytes += segments[i].size_bytes;
      EXPECT_EQ(segments[i].end_offset, Offset{static_cast<std::int64_t>(i) * 2 + 2});
      EXPECT_EQ(segments[i].max_timestamp_ms, 101 + static_cast<std::int64_t>(i) * 2);
    }
    EXPECT_EQ(log->size_bytes(), bytes);
  });
}

TEST(PartitionLog, NewSettingsHoldFromTheNextAppendOn) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0}});
    LogConfig config = log->config();
    config.segment_bytes = 100;
    log->set_config(config);
    EXPECT_EQ(log->append(self, make_batch({.base_offset = 1})).value().rolled_at.size(), 1U);
  });
}

TEST(PartitionLog, AnEpochWithoutRecordsIsDurable) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    ASSERT_TRUE(log->assign_leader_epoch(self, LeaderEpoch{5}, Offset{0}));
    ASSERT_TRUE(log->assign_leader_epoch(self, LeaderEpoch{5}, Offset{0})) << "again is nothing new";
  });
  EXPECT_EQ(text_of(home.image->durable_content_of(LogHome::kFolder + "/leader-epoch-checkpoint").value()),
            "0\n1\n5 0\n");
}

TEST(PartitionLog, EpochsOfALogThatHoldsTheSameAreTakenOverDurably) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 4, .leader_epoch = 2}});
    LeaderEpochCache known;
    known.assign(LeaderEpoch{2}, Offset{0});
    known.assign(LeaderEpoch{3}, Offset{4});
    ASSERT_TRUE(log->take_leader_epochs(self, known));
    EXPECT_EQ(log->leader_epochs().entries(), known.entries());
  });
  EXPECT_EQ(text_of(home.image->durable_content_of(LogHome::kFolder + "/leader-epoch-checkpoint").value()),
            "0\n2\n2 0\n3 4\n");
}

TEST(PartitionLog, TheNewestValidSnapshotIsFound) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 9}});
    EXPECT_FALSE(log->newest_producer_snapshot(self).value());
    ASSERT_TRUE(log->write_producer_snapshot(self, Offset{4}, kOneProducer, true));
    ASSERT_TRUE(log->write_producer_snapshot(self, Offset{8}, {}, false));
    EXPECT_EQ(log->newest_producer_snapshot(self).value()->offset, Offset{8});
    ASSERT_TRUE(log->close(self));
  });
  home.put("00000000000000000008.snapshot", bytes_of("damaged"));
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard, {.clean_shutdown = true}).value();
    const auto found = log->newest_producer_snapshot(self).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->offset, Offset{4});
    EXPECT_EQ(found->producers, kOneProducer);
  });
  EXPECT_FALSE(home.has("00000000000000000008.snapshot")) << "a damaged one is of no use";
}

TEST(PartitionLog, SnapshotsAtSegmentsStayAndOfTheOthersTheNewestTwo) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 2}});
    ASSERT_TRUE(log->roll(self));
    home.fill(self, *log, {{.base_offset = 2, .records = 8}});
    for (const std::int64_t at : {1, 2, 3, 4, 5})
      ASSERT_TRUE(log->write_producer_snapshot(self, Offset{at}, {}, false));
  });
  for (const auto& [at, is_kept] : std::map<int, bool>{{1, false}, {2, true}, {3, false}, {4, true}, {5, true}}) {
    EXPECT_EQ(home.has("0000000000000000000" + std::to_string(at) + ".snapshot"), is_kept) << at;
  }
}

TEST(PartitionLog, ProducersAreKeptWhereTheSnapshotOfTheLastRollIsDurable) {
  LogHome home;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .records = 2}});
    ASSERT_TRUE(log->roll(self));
    home.fill(self, *log, {{.base_offset = 2, .records = 3}});
    EXPECT_FALSE(log->keep_producers(self).value()) << "there is no snapshot";
    ASSERT_TRUE(log->write_producer_snapshot(self, Offset{5}, kOneProducer, true));
    EXPECT_FALSE(log->keep_producers(self).value()) << "a crash may cut the log below that one";
    ASSERT_TRUE(log->write_producer_snapshot(self, Offset{2}, kOneProducer, false));
    EXPECT_TRUE(log->keep_producers(self).value());
    EXPECT_GE(log->flushed_end(), Offset{2});
  });
  const auto durable = home.image->durable_content_of(LogHome::kFolder + "/00000000000000000002.snapshot");
  ASSERT_TRUE(durable);
  EXPECT_EQ(parse_producer_snapshot(*durable).value(), kOneProducer);
}

/// One step of a log's life, and what the log must hold afterwards.
struct Model {
  std::vector<ByteBuffer> batches;
  Offset end{0};
  std::size_t flushed = 0;  ///< batches that must survive
};

void step(env::Fiber& self, PartitionLog& log, std::uint8_t choice, Model& model) {
  if (choice % 8 < 5) {
    model.batches.push_back(make_batch({.base_offset = model.end.value(),
                                        .records = 1 + choice % 3,
                                        .timestamp_ms = 1000 + choice,
                                        .value_bytes = choice * 3,
                                        .leader_epoch = static_cast<std::int32_t>(model.batches.size() / 4)}));
    RC_ASSERT(log.append(self, model.batches.back()).has_value());
    model.end = log.log_end();
  } else if (choice % 8 == 5) {
    RC_ASSERT(log.flush(self).has_value());
    model.flushed = model.batches.size();
  } else if (choice % 8 == 6) {
    RC_ASSERT(log.roll(self).has_value());
  } else if (model.batches.size() > 2) {
    model.batches.resize(model.batches.size() - choice % 3);
    std::size_t bytes = 0;
    for (const ByteBuffer& batch : model.batches) bytes += batch.size();
    const auto last = record::BatchView::parse(model.batches.back()).value();
    model.end = log.truncate_to(self, last.next_offset()).value();
    model.flushed = std::min(model.flushed, model.batches.size());
    RC_ASSERT(log.size_bytes() == bytes);
  }
}

bool begins_with(const ByteBuffer& whole, const ByteBuffer& part) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

ByteBuffer joined(const Model& model, std::size_t count) {
  ByteBuffer bytes;
  for (std::size_t i = 0; i < count; ++i) append_bytes(bytes, model.batches[i]);
  return bytes;
}

// P1 and P2. The disk may tear or drop what was not flushed; it may not touch what was.
TEST(PartitionLog, APowerLossLeavesWhatWasFlushedThenAPrefixOfTheRest) {
  EXPECT_TRUE(rc::check("prefix", [](const std::vector<std::uint8_t>& choices, std::uint16_t seed, bool ordered) {
    LogHome home;
    if (ordered) home.image->law().contract = sim::PowerLossContract::ordered;
    home.config = {.segment_bytes = 3000, .index_interval_bytes = 300};
    Model model;
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard).value();
      for (const std::uint8_t choice : choices) step(self, *log, choice, model);
    });
    RC_CLASSIFY(model.flushed < model.batches.size(), "something to lose");
    RandomStream stream(seed);
    home.image->lose_power(stream);
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard).value();
      const ByteBuffer survived = read_everything(self, *log).value();
      RC_ASSERT(begins_with(survived, joined(model, model.flushed)));
      RC_ASSERT(begins_with(joined(model, model.batches.size()), survived));
      for (const EpochEntry& entry : log->leader_epochs().entries()) RC_ASSERT(entry.start_offset < log->log_end());
    });
  }));
}

TEST(PartitionLog, AProcessCrashLosesNothingThatWasWritten) {
  EXPECT_TRUE(rc::check("all of it", [](const std::vector<std::uint8_t>& choices) {
    LogHome home;
    home.config = {.segment_bytes = 3000, .index_interval_bytes = 300};
    Model model;
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard).value();
      for (const std::uint8_t choice : choices) step(self, *log, choice, model);
    });
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard).value();
      RC_ASSERT(read_everything(self, *log).value() == joined(model, model.batches.size()));
      RC_ASSERT(log->recovered_bytes_truncated() == 0);
    });
  }));
}

}  // namespace
}  // namespace gregor::storage
