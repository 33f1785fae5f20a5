// Compaction of a whole log: against a model, with readers beside it, and with a crash at every change of the disk.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "rapidcheck.h"
#include "storage/aborted_transaction.h"
#include "storage/partition_log.h"
#include "tests/storage/support/keyed_batches.h"
#include "tests/storage/support/log_home.h"
#include "tests/storage/support/stopping_disk.h"

namespace gregor::storage {
namespace {

constexpr WallTime kNow{1'000'000};

CleanAsk ask_for(const PartitionLog& log, Offset first_dirty = Offset{0}) {
  const auto segments = log.segments();
  return {.first_dirty = first_dirty,
          .end = segments.back().base_offset,
          .now = kNow,
          .delete_retention_ms = 5000,
          .seed = {3, 4},
          .memory = {},
          .last_of = {},
          .pace = {}};
}

/// Appends batches of keyed records and rolls where it is told.
struct KeyedHome {
  LogHome home;
  std::vector<StoredRecord> appended;

  KeyedHome() { home.config.dense_offsets = false; }

  void append(env::Fiber& self, PartitionLog& log, const std::vector<KeyedRecord>& records,
              record::BatchSettings settings = {}) {
    settings.base_offset = log.log_end();
    const ByteBuffer batch = keyed_batch(settings, records, 1000 + log.log_end().value());
    ASSERT_TRUE(log.append(self, batch));
    for (auto& record : records_of(batch)) appended.push_back(std::move(record));
  }
  /// Opens as a partition does: what recovery could not tell of transactions is made again (there were none).
  std::unique_ptr<PartitionLog> open(env::Fiber& self, env::Shard& shard, const LogCheckpoints& checkpoints = {},
                                     env::Disk* disk = nullptr) {
    auto log = home.open(self, shard, checkpoints, disk).value();
    if (log->aborted_unknown_from()) {
      EXPECT_TRUE(log->rewrite_aborted(self, {}));
    }
    return log;
  }
  /// Six segments, of which the last one grows; keys come again and again.
  std::unique_ptr<PartitionLog> six(env::Fiber& self, env::Shard& shard, env::Disk* disk = nullptr) {
    auto log = open(self, shard, {}, disk);
    for (int i = 0; i < 6; ++i) {
      if (i > 0) {
        EXPECT_TRUE(log->roll(self));
      }
      append(self, *log, {{"k" + std::to_string(i % 3), "v" + std::to_string(i)}, {"always", std::to_string(i)}});
      append(self, *log, {{"once" + std::to_string(i), "x"}, {"k" + std::to_string(i % 2), "w" + std::to_string(i)}});
    }
    return log;
  }
  /// What must be left of what was appended below `end`, and all above.
  [[nodiscard]] std::vector<StoredRecord> compacted(std::int64_t end) const {
    std::map<std::string, std::int64_t> last;
    for (const auto& record : appended) {
      if (record.offset < end) last[record.key] = record.offset;
    }
    std::vector<StoredRecord> left;
    for (const auto& record : appended) {
      if (record.offset >= end || last[record.key] == record.offset) left.push_back(record);
    }
    return left;
  }
};

std::vector<StoredRecord> all_records(env::Fiber& self, PartitionLog& log) {
  return records_of(read_everything(self, log).value());
}

TEST(PartitionLogClean, KeepsTheLastRecordOfEachKeyAndTheEndsOfTheLog) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = keyed.six(self, shard);
    const Offset end = log->log_end();
    const CleanOutcome outcome = log->clean(self, ask_for(*log)).value();
    EXPECT_EQ(outcome.cleaned_up_to, Offset{20});
    EXPECT_LT(outcome.bytes_after, outcome.bytes_before);
    EXPECT_EQ(all_records(self, *log), keyed.compacted(20));
    EXPECT_EQ(log->log_end(), end);
    EXPECT_EQ(log->log_start(), Offset{0});
    EXPECT_EQ(log->segment_count(), 2U) << "the small ones became one";
    ASSERT_EQ(keyed.home.events.of<observe::SegmentsCompacted>().size(), 1U);
  });
  for (const auto& name : keyed.home.image->file_paths()) {
    EXPECT_EQ(name.find(".cleaned"), std::string::npos) << name;
    EXPECT_EQ(name.find(".swap"), std::string::npos) << name;
  }
}

TEST(PartitionLogClean, ASecondRoundChangesNothing) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = keyed.six(self, shard);
    ASSERT_TRUE(log->clean(self, ask_for(*log)));
    const ByteBuffer once = read_everything(self, *log).value();
    ASSERT_TRUE(log->clean(self, ask_for(*log)));
    EXPECT_EQ(read_everything(self, *log).value(), once);
    EXPECT_EQ(keyed.home.events.of<observe::SegmentsCompacted>().size(), 1U) << "nor writes anything anew";
  });
}

TEST(PartitionLogClean, ALogOpensAgainAsItWasCompacted) {
  for (const bool cleanly : {true, false}) {
    KeyedHome keyed;
    keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = keyed.six(self, shard);
      EXPECT_TRUE(log->clean(self, ask_for(*log)));
      if (cleanly) {
        EXPECT_TRUE(log->close(self));
      }
    });
    keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = keyed.open(self, shard, {.clean_shutdown = cleanly});
      EXPECT_EQ(all_records(self, *log), keyed.compacted(20));
      EXPECT_EQ(log->log_end(), Offset{24});
    });
  }
}

TEST(PartitionLogClean, GoesOnWhereTheMemoryEndedInTheNextRound) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = keyed.six(self, shard);
    Offset first_dirty{0};
    int rounds = 0;
    for (; first_dirty < Offset{20} && rounds < 100; ++rounds) {
      CleanAsk ask = ask_for(*log, first_dirty);
      ask.memory = {.bytes_max = 24 * 6, .load_percent_max = 99};
      const CleanOutcome outcome = log->clean(self, std::move(ask)).value();
      ASSERT_GT(outcome.cleaned_up_to, first_dirty);
      first_dirty = outcome.cleaned_up_to;
    }
    EXPECT_GT(rounds, 1);
    EXPECT_EQ(all_records(self, *log), keyed.compacted(20));
  });
}

TEST(PartitionLogClean, GivenUpItLeavesTheLogAsItWas) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = keyed.open(self, shard);
    keyed.append(self, *log, {{"k", std::string(300'000, 'x')}});
    keyed.append(self, *log, {{"k", std::string(300'000, 'y')}});
    ASSERT_TRUE(log->roll(self));
    CleanAsk ask = ask_for(*log);
    ask.pace = [](env::Fiber&, std::uint64_t) { return false; };
    const auto outcome = log->clean(self, std::move(ask));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::closed);
    EXPECT_EQ(all_records(self, *log), keyed.appended);
    EXPECT_FALSE(keyed.home.has("00000000000000000000.log.cleaned"));
  });
}

TEST(PartitionLogClean, AScanThatIsInterruptedBySwapsSeesEachBatchOnce) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = keyed.six(self, shard);
    std::vector<std::int64_t> seen;
    bool cleaned = false;
    shard.fibers.spawn("cleaner", [&](env::Fiber& own) {
      EXPECT_TRUE(log->clean(own, ask_for(*log)));
      cleaned = true;
    });
    const auto scanned =
        log->scan(self, Offset{0}, log->log_end(), [&](const record::BatchView& batch) -> Result<void> {
          seen.push_back(batch.base_offset().value());
          return {};
        });
    EXPECT_TRUE(scanned);
    while (!cleaned) self.yield();
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), seen.size());
    EXPECT_EQ(seen.back(), 22);
  });
}

/// Where the batch begins that is read from there on.
std::int64_t first_read(env::Fiber& self, PartitionLog& log, Offset from) {
  const auto read = log.read(self, from, {.bytes_max = 1});
  if (!read || read->batches.empty()) return -1;
  return record::BatchView::parse_header(read->batches.bytes())->base_offset().value();
}

TEST(PartitionLogClean, AReadThatASwapOvertookMisleadsNoneAfterIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    KeyedHome keyed;
    sim::run_fiber({.seed = seed, .disk = keyed.home.image, .unruly = true}, [&](env::Fiber& self, env::Shard& shard) {
      auto log = keyed.six(self, shard);
      int running = 2;
      shard.fibers.spawn("cleaner", [&](env::Fiber& own) {
        EXPECT_TRUE(log->clean(own, ask_for(*log)));
        --running;
      });
      shard.fibers.spawn("reader", [&](env::Fiber& own) {
        std::int64_t from = 0;
        while (running == 2) {
          EXPECT_GE(first_read(own, *log, Offset{from}), 0);
          from = (from + 1) % 20;
        }
        --running;
      });
      while (running > 0) self.yield();
      std::vector<std::int64_t> begins;
      EXPECT_TRUE(log->scan(self, Offset{0}, log->log_end(), [&](const record::BatchView& batch) -> Result<void> {
        begins.push_back(batch.base_offset().value());
        for (std::int64_t from = batch.base_offset().value(); from < batch.next_offset().value(); ++from)
          EXPECT_EQ(first_read(self, *log, Offset{from}), begins.back()) << "seed " << seed << ", from " << from;
        return {};
      }));
      EXPECT_FALSE(begins.empty());
    });
  }
}

/// One producer's transactions: an aborted one, a committed one, and one of another producer that ends later.
struct Transactions {
  KeyedHome keyed;
  std::unique_ptr<PartitionLog> open(env::Fiber& self, env::Shard& shard) {
    auto log = keyed.open(self, shard);
    data(self, *log, {{"a", "aborted"}, {"b", "aborted"}});
    const Offset marker = log->log_end();
    const ByteBuffer abort = record::end_transaction_marker(marker, LeaderEpoch{0}, WallTime{5000}, ProducerId{7},
                                                            ProducerEpoch{0}, record::ControlType::abort, 0);
    const AbortedTransaction entry{ProducerId{7}, Offset{0}, marker, Offset{0}};
    const Bytes group(abort);
    EXPECT_TRUE(log->append(self, std::span<const Bytes>(&group, 1), std::span<const AbortedTransaction>(&entry, 1)));
    EXPECT_TRUE(log->roll(self));
    data(self, *log, {{"a", "committed"}});
    EXPECT_TRUE(
        log->append(self, record::end_transaction_marker(log->log_end(), LeaderEpoch{0}, WallTime{6000}, ProducerId{7},
                                                         ProducerEpoch{0}, record::ControlType::commit, 0)));
    EXPECT_TRUE(log->roll(self));
    keyed.append(self, *log, {{"z", "1"}});
    return log;
  }
  void data(env::Fiber& self, PartitionLog& log, const std::vector<KeyedRecord>& records) {
    keyed.append(self, log, records,
                 {.producer_id = ProducerId{7},
                  .producer_epoch = ProducerEpoch{0},
                  .base_sequence = Sequence{0},
                  .is_transactional = true});
  }
};

TEST(PartitionLogClean, RemovesAbortedDataAndKeepsMarkersUntilTheirHorizon) {
  Transactions transactions;
  transactions.keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = transactions.open(self, shard);
    ASSERT_TRUE(log->clean(self, ask_for(*log)));
    EXPECT_EQ(all_records(self, *log), (std::vector<StoredRecord>{{3, "a", "committed", 1003}, {5, "z", "1", 1005}}));
    const auto bases = [&] {
      std::vector<std::int64_t> found;
      const ByteBuffer bytes = read_everything(self, *log).value();
      for (const auto& batch : batches_of(bytes)) found.push_back(batch.base_offset().value());
      return found;
    };
    EXPECT_EQ(bases(), (std::vector<std::int64_t>{2, 3, 4, 5})) << "the marker outlives its data by a round";
    const auto read = log->read(self, Offset{0}, {.with_aborted = true}).value();
    EXPECT_EQ(read.aborted.size(), 1U) << "and the index says so";
    ASSERT_TRUE(log->clean(self, ask_for(*log))) << "now it has a horizon";
    EXPECT_EQ(bases(), (std::vector<std::int64_t>{2, 3, 4, 5}));
    CleanAsk later = ask_for(*log);
    later.now = WallTime{kNow.ms + 5000};
    ASSERT_TRUE(log->clean(self, std::move(later)));
    EXPECT_EQ(bases(), (std::vector<std::int64_t>{3, 4, 5})) << "the committed one still has its data";
  });
}

TEST(PartitionLogClean, KeepsTheIndexOfWhatItDoesNotLookAt) {
  Transactions transactions;
  transactions.keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = transactions.open(self, shard);
    CleanAsk ask = ask_for(*log);
    ask.end = Offset{1};  // within the first batch: the marker at 2 is beyond
    ASSERT_TRUE(log->clean(self, std::move(ask)));
    transactions.keyed.append(self, *log, {{"y", "2"}});
    const auto read = log->read(self, Offset{0}, {.with_aborted = true}).value();
    ASSERT_EQ(read.aborted.size(), 1U);
    EXPECT_EQ(read.aborted.front().last_offset, Offset{2});
  });
}

TEST(PartitionLogClean, AMarkerInTheGrowingSegmentAbortsWhatIsCleaned) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = keyed.open(self, shard);
    keyed.append(self, *log, {{"a", "committed"}});
    keyed.append(self, *log, {{"a", "aborted"}},
                 {.producer_id = ProducerId{7},
                  .producer_epoch = ProducerEpoch{0},
                  .base_sequence = Sequence{0},
                  .is_transactional = true});
    ASSERT_TRUE(log->roll(self));
    const ByteBuffer abort = record::end_transaction_marker(Offset{2}, LeaderEpoch{0}, WallTime{5000}, ProducerId{7},
                                                            ProducerEpoch{0}, record::ControlType::abort, 0);
    const AbortedTransaction entry{ProducerId{7}, Offset{1}, Offset{2}, Offset{1}};
    const Bytes group(abort);
    ASSERT_TRUE(log->append(self, std::span<const Bytes>(&group, 1), std::span<const AbortedTransaction>(&entry, 1)));
    ASSERT_TRUE(log->clean(self, ask_for(*log)));
    EXPECT_EQ(all_records(self, *log), (std::vector<StoredRecord>{{0, "a", "committed", 1000}}));
  });
}

TEST(PartitionLogClean, KeepsTheLastBatchOfAProducerEmpty) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = keyed.open(self, shard);
    keyed.append(self, *log, {{"k", "1"}},
                 {.producer_id = ProducerId{9}, .producer_epoch = ProducerEpoch{0}, .base_sequence = Sequence{41}});
    keyed.append(self, *log, {{"k", "2"}});
    ASSERT_TRUE(log->roll(self));
    keyed.append(self, *log, {{"k", "3"}});
    CleanAsk ask = ask_for(*log);
    ask.last_of = [](ProducerId id) -> std::optional<LastOfProducer> {
      if (id != ProducerId{9}) return std::nullopt;
      return LastOfProducer{Offset{0}, ProducerEpoch{0}};
    };
    ASSERT_TRUE(log->clean(self, std::move(ask)));
    const ByteBuffer left = read_everything(self, *log).value();
    const auto batches = batches_of(left);
    ASSERT_EQ(batches.size(), 3U);
    EXPECT_EQ(batches[0].record_count(), 0);
    EXPECT_EQ(batches[0].last_sequence(), Sequence{41});
  });
}

/// Dies at the n-th change, loses power, opens again: the log is as before or as after, never between.
void crash_at(int change, bool& reached_the_end) {
  KeyedHome keyed;
  keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
    StoppingDisk disk(shard.disk);
    auto log = keyed.six(self, shard, &disk);
    ASSERT_TRUE(log->flush(self));
    disk.arm(change);
    const auto cleaned = log->clean(self, ask_for(*log));
    reached_the_end = !disk.has_stopped();
    if (reached_the_end) {
      EXPECT_TRUE(cleaned);
    }
  });
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    if (seed == 1) {
      RandomStream stream(static_cast<std::uint64_t>(change));
      keyed.home.image->lose_power(stream);
    }
    keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = keyed.open(self, shard, {.recovery_point = Offset{24}});
      EXPECT_EQ(log->log_end(), Offset{24});
      const auto found = all_records(self, *log);
      const bool is_before = found == keyed.appended;
      const bool is_after = found == keyed.compacted(20);
      EXPECT_TRUE(is_before || is_after) << "change " << change << ", opening " << seed;
      if (reached_the_end) {
        EXPECT_TRUE(is_after);
      }
      // And it can be compacted as ever.
      if (seed == 3) {
        ASSERT_TRUE(log->clean(self, ask_for(*log)));
        EXPECT_EQ(all_records(self, *log), keyed.compacted(20)) << "change " << change;
      }
    });
  }
}

TEST(PartitionLogClean, ACrashAtAnyChangeOfTheDiskLeavesTheOldOrTheNew) {
  bool reached_the_end = false;
  int change = 0;
  for (; !reached_the_end && change < 500; ++change) crash_at(change, reached_the_end);
  EXPECT_TRUE(reached_the_end);
  EXPECT_GT(change, 15) << "there were changes to die at";
}

/// A random log, a random dirty part, random rounds: the model is a map.
TEST(PartitionLogClean, EqualsTheModelForAnyLog) {
  rc::check([](std::uint64_t seed) {
    KeyedHome keyed;
    keyed.home.run([&](env::Fiber& self, env::Shard& shard) {
      RandomStream draws(seed);
      auto log = keyed.open(self, shard);
      Offset first_dirty{0};
      const auto rounds = draws.below(3) + 1;
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const auto batches = draws.below(12) + 1;
        for (std::uint64_t i = 0; i < batches; ++i) {
          std::vector<KeyedRecord> records;
          const auto count = draws.below(4) + 1;
          for (std::uint64_t k = 0; k < count; ++k) {
            const auto key = draws.below(6);
            const auto value = draws.below(1000);
            const bool is_tombstone = draws.chance(1, 6);
            KeyedRecord record{"k" + std::to_string(key), std::to_string(value)};
            if (is_tombstone) record.value.reset();
            records.push_back(record);
          }
          const auto codec = static_cast<record::Codec>(draws.below(5));
          keyed.append(self, *log, records, {.codec = codec});
          if (draws.chance(1, 3)) RC_ASSERT(log->roll(self).has_value());
        }
        const Offset end = log->segments().back().base_offset;
        const Offset log_end = log->log_end();
        const CleanOutcome outcome = log->clean(self, ask_for(*log, first_dirty)).value();
        first_dirty = outcome.cleaned_up_to;
        RC_ASSERT(first_dirty == end || log->segment_count() == 1U);
        RC_ASSERT(log->log_end() == log_end);
        RC_ASSERT(all_records(self, *log) == keyed.compacted(end.value()));
      }
    });
  });
}

}  // namespace
}  // namespace gregor::storage
