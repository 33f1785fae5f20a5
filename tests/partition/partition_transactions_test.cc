// Transactions in one partition: who may begin one, what markers end, what readers of committed records are shown, and
// what a restart or a crash leaves of it. Sources: KIP-98, KIP-890; the rules of fencing are the producer table's.
#include <gtest/gtest.h>

#include "tests/partition/support/bench_top.h"

namespace gregor::partition {
namespace {

using test::BatchOf;
using test::BenchTop;

constexpr ProducerId kProducer{9};
constexpr ProducerId kOther{10};
constexpr std::int16_t kInvalidProducerEpoch = 47;
constexpr std::int16_t kCoordinatorFenced = 52;

config::TopicConfig small_segments() {
  config::TopicConfig config;
  config.internal_segment_bytes = 200;
  return config;
}

/// One partition whose transactions nobody verifies.
struct Bench {
  Bench(env::Fiber& fiber, env::Shard& shard, const config::TopicConfig& config = {},
        LeaderEpoch epoch = LeaderEpoch{0})
      : self(fiber), top(fiber, shard), partition(top.partition(fiber, config, epoch)) {}

  AppendOutcome send(ProducerId producer, std::int32_t sequence, const std::string& value, std::int16_t epoch = 0) {
    const BatchOf batch{.values = {value},
                        .producer = producer,
                        .sequence = Sequence{sequence},
                        .epoch = ProducerEpoch{epoch},
                        .is_transactional = true};
    return top.submit(*partition, batch, -1, TransactionCheck::waived)->await(self);
  }
  AppendOutcome end(ProducerId producer, bool is_abort, std::int16_t epoch = 0, std::int32_t coordinator_epoch = 0,
                    std::int16_t transaction_version = 0) {
    const auto promise = std::make_shared<env::Promise<AppendOutcome>>();
    partition->submit_marker({.producer_id = producer,
                              .epoch = ProducerEpoch{epoch},
                              .coordinator_epoch = coordinator_epoch,
                              .is_abort = is_abort,
                              .transaction_version = transaction_version},
                             [promise](AppendOutcome outcome) { promise->set(std::move(outcome)); });
    return promise->await(self);
  }
  ReadOutcome read_committed(std::int64_t from = 0) {
    return partition->read(self,
                           {.offset = Offset{from}, .bytes_max = 1 << 20, .isolation = Isolation::read_committed});
  }
  /// Producer and first offset of each aborted transaction that a reader from the start is told of, over all segments.
  std::vector<std::pair<ProducerId, Offset>> aborted() {
    std::vector<std::pair<ProducerId, Offset>> found;
    for (Offset from{0};;) {
      const ReadOutcome seen = read_committed(from.value());
      EXPECT_EQ(seen.error, PartitionError::none);
      for (const AbortedRange& range : seen.aborted) {
        const std::pair<ProducerId, Offset> row{range.producer_id, range.first_offset};
        if (std::find(found.begin(), found.end(), row) == found.end()) found.push_back(row);
      }
      if (seen.records.empty()) return found;
      for (Bytes rest = seen.records; !rest.empty();) {
        const auto batch = record::BatchView::parse(rest);
        from = batch->next_offset();
        rest = rest.subspan(batch->size());
      }
    }
  }
  Offset stable() { return partition->replica()->last_stable_offset(partition->producers()); }

  env::Fiber& self;
  BenchTop top;
  std::shared_ptr<Partition> partition;
};

using Rows = std::vector<std::pair<ProducerId, Offset>>;

TEST(PartitionTransactions, NobodyBeginsOneWithoutTheWordOfACoordinator) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    const BatchOf batch{.values = {"a"}, .producer = kProducer, .sequence = Sequence{0}, .is_transactional = true};
    EXPECT_EQ(bench.top.append(self, *bench.partition, batch).error, 19) << "NOT_ENOUGH_REPLICAS: clients try again";
    EXPECT_EQ(bench.partition->replica()->log_end_offset(), Offset{0});
    EXPECT_EQ(bench.send(kProducer, 0, "a").error, 0);
    BatchOf second = batch;
    second.sequence = Sequence{1};
    EXPECT_EQ(bench.top.append(self, *bench.partition, second).error, 0) << "one that is open needs no second word";
    second.epoch = ProducerEpoch{1};
    second.sequence = Sequence{0};
    EXPECT_EQ(bench.top.append(self, *bench.partition, second).error, 19) << "but of another epoch it does";
  });
}

TEST(PartitionTransactions, ABatchThatStoodInLineBehindItsMarkerIsRefused) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    EXPECT_EQ(bench.send(kProducer, 0, "a").error, 0);
    bench.partition->submit_marker({.producer_id = kProducer, .epoch = ProducerEpoch{0}}, [](const AppendOutcome&) {});
    const BatchOf late{.values = {"b"}, .producer = kProducer, .sequence = Sequence{1}, .is_transactional = true};
    EXPECT_EQ(bench.top.append(self, *bench.partition, late).error, 48) << "INVALID_TXN_STATE";
    EXPECT_EQ(bench.stable(), Offset{2}) << "no transaction was begun behind the coordinator's back";
  });
}

TEST(PartitionTransactions, ReadersOfCommittedRecordsStopAtTheFirstOpenOne) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    EXPECT_EQ(bench.top.append(self, *bench.partition, {.values = {"plain"}}).error, 0);
    EXPECT_EQ(bench.send(kProducer, 0, "a").error, 0);
    EXPECT_EQ(bench.top.append(self, *bench.partition, {.values = {"plain"}}).error, 0);
    const ReadOutcome seen = bench.read_committed();
    EXPECT_EQ(seen.last_stable_offset, Offset{1});
    EXPECT_EQ(seen.high_watermark, Offset{3});
    EXPECT_EQ(record::BatchView::parse(seen.records)->size(), seen.records.size()) << "the first batch alone";
    EXPECT_EQ(bench.partition->find_offset(self, kLatestTimestamp, Isolation::read_committed, kNoLeaderEpoch).offset,
              Offset{1});
    EXPECT_EQ(bench.end(kProducer, false).base_offset, Offset{3});
    EXPECT_EQ(bench.stable(), Offset{4});
    EXPECT_EQ(bench.aborted(), Rows{});
  });
}

TEST(PartitionTransactions, AnAbortIsToldToThoseWhomItConcernsAndToNoOthers) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    EXPECT_EQ(bench.send(kProducer, 0, "a").base_offset, Offset{0});
    EXPECT_EQ(bench.send(kOther, 0, "b").base_offset, Offset{1});
    EXPECT_EQ(bench.end(kProducer, true).base_offset, Offset{2});
    EXPECT_EQ(bench.end(kOther, false).base_offset, Offset{3});
    EXPECT_EQ(bench.send(kOther, 1, "c").base_offset, Offset{4});
    EXPECT_EQ(bench.end(kOther, true).base_offset, Offset{5});
    EXPECT_EQ(bench.aborted(), (Rows{{kProducer, Offset{0}}, {kOther, Offset{4}}}));
    EXPECT_EQ(bench.read_committed(3).aborted.size(), 1U) << "the first one ended below";
    EXPECT_TRUE(bench.read_committed(6).aborted.empty());
    const ReadOutcome all = bench.partition->read(self, {.offset = Offset{0}, .bytes_max = 1 << 20});
    EXPECT_TRUE(all.aborted.empty()) << "who reads everything leaves nothing out";
  });
}

TEST(PartitionTransactions, MarkersOfOldEpochsAndOldCoordinatorsAreFenced) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    EXPECT_EQ(bench.send(kProducer, 0, "a", 3).error, 0);
    EXPECT_EQ(bench.end(kProducer, true, 2).error, kInvalidProducerEpoch);
    EXPECT_EQ(bench.end(kProducer, true, 3, 0, 2).error, kInvalidProducerEpoch) << "version 2 raises the epoch first";
    EXPECT_EQ(bench.end(kProducer, false, 4, 5, 2).error, 0);
    EXPECT_EQ(bench.send(kProducer, 0, "b", 4).error, 0);
    EXPECT_EQ(bench.end(kProducer, true, 5, 4, 2).error, kCoordinatorFenced);
    EXPECT_EQ(bench.stable(), Offset{2}) << "nothing of that ended it";
  });
}

TEST(PartitionTransactions, AWaitingReaderHearsOfWhatAnEndLetsItHave) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    EXPECT_EQ(bench.send(kProducer, 0, std::string(500, 'x')).error, 0);
    const ReadOutcome seen = bench.read_committed();
    EXPECT_TRUE(seen.records.empty());
    std::uint64_t heard = 0;
    const auto watch = bench.partition->watch(seen.visible_bytes, [&](std::uint64_t bytes) { heard += bytes; });
    EXPECT_EQ(bench.end(kProducer, false).error, 0);
    EXPECT_GT(heard, 500U) << "the marker, and what it committed";
  });
}

TEST(PartitionTransactions, ARestartKnowsWhatIsOpenAndWhatWasAborted) {
  for (const bool cleanly : {true, false}) {
    const auto disk = std::make_shared<sim::DiskImage>();
    sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      Bench bench(self, shard, small_segments());
      EXPECT_EQ(bench.send(kProducer, 0, "a").base_offset, Offset{0});
      EXPECT_EQ(bench.send(kOther, 0, "b").base_offset, Offset{1});
      EXPECT_EQ(bench.send(kProducer, 1, "c").base_offset, Offset{2});
      EXPECT_EQ(bench.end(kProducer, true).base_offset, Offset{3});
      EXPECT_EQ(bench.top.append(self, *bench.partition, {.values = {"plain"}}).base_offset, Offset{4});
      if (cleanly) {
        EXPECT_TRUE(bench.top.table.close_all(self));
      }
    });
    sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
      Bench bench(self, shard, small_segments(), LeaderEpoch{1});
      EXPECT_EQ(bench.stable(), Offset{1}) << "cleanly " << cleanly;
      EXPECT_EQ(bench.end(kOther, false).base_offset, Offset{5});
      EXPECT_EQ(bench.stable(), Offset{6});
      EXPECT_EQ(bench.aborted(), (Rows{{kProducer, Offset{0}}})) << "cleanly " << cleanly;
    });
  }
}

// The snapshot knows the transaction as open, and its marker stands below the log start.
TEST(PartitionTransactions, AMarkerBelowTheLogStartStillEndsItsTransactionAfterACrash) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments());
    EXPECT_EQ(bench.send(kProducer, 0, std::string(120, 'a')).base_offset, Offset{0});
    EXPECT_EQ(bench.send(kOther, 0, "rolls").base_offset, Offset{1});
    EXPECT_EQ(bench.end(kProducer, true).base_offset, Offset{2});
    EXPECT_EQ(bench.end(kOther, false).base_offset, Offset{3});
    EXPECT_EQ(bench.send(kProducer, 1, "b").base_offset, Offset{4});
    EXPECT_EQ(bench.partition->delete_records(self, Offset{4}).error, PartitionError::none);
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments(), LeaderEpoch{1});
    EXPECT_EQ(bench.stable(), Offset{4});
    EXPECT_EQ(bench.end(kProducer, true).error, 0);
    const ReadOutcome seen = bench.read_committed(4);
    ASSERT_EQ(seen.aborted.size(), 1U);
    EXPECT_EQ(seen.aborted[0].first_offset, Offset{4}) << "not that of the transaction before";
  });
}

TEST(PartitionTransactions, AnIndexOfAbortsThatWasLostIsMadeAgainFromTheLog) {
  const auto disk = std::make_shared<sim::DiskImage>();
  std::string folder;
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments());
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(bench.send(kProducer, i, "a").error, 0);
      EXPECT_EQ(bench.end(kProducer, true).error, 0);
    }
    const auto names = bench.top.disk.list(self, "data/orders-0").value();
    for (const auto& name : names) {
      if (!name.ends_with(".txnindex")) continue;
      EXPECT_TRUE(bench.top.disk.unlink(self, "data/orders-0/" + name));
    }
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments(), LeaderEpoch{1});
    EXPECT_EQ(bench.aborted().size(), 4U) << "the crash makes it read everything again";
  });
}

// Compaction may have taken from the log what the newest snapshot still knows; a walk from an older one, as the indexes
// of aborts want it after a crash, does not find it again.
TEST(PartitionTransactions, ACrashTakesProducersFromTheNewestSnapshot) {
  const auto disk = std::make_shared<sim::DiskImage>();
  constexpr ProducerId kRemembered{77};
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments());
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(bench.send(kProducer, i, "a").error, 0);
      EXPECT_EQ(bench.end(kProducer, true).error, 0);
    }
    std::string newest;
    const auto names = bench.top.disk.list(self, "data/orders-0").value();
    for (const auto& name : names) {
      if (name.ends_with(".snapshot")) newest = name;
    }
    ASSERT_NE(newest, "");
    const storage::ProducerEntry entry{.producer_id = kRemembered,
                                       .producer_epoch = ProducerEpoch{3},
                                       .timestamp_ms = shard.clock.wall_now().ms,
                                       .coordinator_epoch = 5};
    ASSERT_TRUE(env::replace_file(self, bench.top.disk, "data/orders-0/" + newest,
                                  storage::format_producer_snapshot(std::vector{entry})));
  });
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments(), LeaderEpoch{1});
    EXPECT_NE(bench.end(kRemembered, true, 3, 4).error, 0) << "of a coordinator that was replaced";
    EXPECT_EQ(bench.end(kRemembered, true, 3, 6).error, 0);
    EXPECT_EQ(bench.aborted().size(), 4U);
  });
}

TEST(PartitionTransactions, AnAbortThatCannotBeIndexedDidNotHappen) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    EXPECT_EQ(bench.send(kProducer, 0, "a").error, 0);
    bench.top.disk.orders.no_space_for_indexes = true;
    EXPECT_EQ(bench.end(kProducer, true).error, 56) << "KAFKA_STORAGE_ERROR";
    EXPECT_EQ(bench.partition->replica()->log_end_offset(), Offset{1});
    EXPECT_EQ(bench.stable(), Offset{0});
    bench.top.disk.orders.no_space_for_indexes = false;
    EXPECT_EQ(bench.end(kProducer, true).base_offset, Offset{1});
    EXPECT_EQ(bench.aborted(), (Rows{{kProducer, Offset{0}}}));
  });
}

TEST(PartitionTransactions, DeletedRecordsStayDeletedWhateverHappens) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments());
    for (int i = 0; i < 5; ++i) EXPECT_EQ(bench.top.append(self, *bench.partition, {.values = {"plain"}}).error, 0);
    EXPECT_EQ(bench.partition->delete_records(self, Offset{6}).error, PartitionError::offset_out_of_range);
    EXPECT_EQ(bench.partition->delete_records(self, Offset{-2}).error, PartitionError::offset_out_of_range);
    EXPECT_EQ(bench.partition->delete_records(self, Offset{3}).log_start_offset, Offset{3});
    EXPECT_EQ(bench.partition->delete_records(self, Offset{1}).log_start_offset, Offset{3}) << "never backwards";
    EXPECT_EQ(bench.top.read(self, *bench.partition, 2).error, PartitionError::offset_out_of_range);
  });
  RandomStream losses(7);
  disk->lose_power(losses);
  sim::run_fiber({.seed = 1, .disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, small_segments(), LeaderEpoch{1});
    const auto earliest =
        bench.partition->find_offset(self, kEarliestTimestamp, Isolation::read_uncommitted, kNoLeaderEpoch);
    EXPECT_EQ(earliest.offset, Offset{3});
    EXPECT_EQ(bench.partition->delete_records(self, kDeleteToHighWatermark).log_start_offset,
              bench.partition->replica()->high_watermark());
  });
}

TEST(PartitionTransactions, RecordsOfACompactedTopicAreNotDeletedByRequest) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    config::TopicConfig config;
    config.cleanup_policy_delete = false;
    Bench bench(self, shard, config);
    EXPECT_EQ(bench.partition->delete_records(self, Offset{9}).error, PartitionError::policy_violation);
  });
}

TEST(PartitionTransactions, AnEpochEndsWhereTheNextOneBegins) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard, {}, LeaderEpoch{2});
    EXPECT_EQ(bench.top.append(self, *bench.partition, {.values = {"a", "b"}}).error, 0);
    bench.partition->apply(test::leads_alone(LeaderEpoch{5}));
    EXPECT_TRUE(bench.partition->settled(self));
    EXPECT_EQ(bench.top.append(self, *bench.partition, {.values = {"c"}}).error, 0);
    const EpochAnswer third = bench.partition->end_of_epoch(self, LeaderEpoch{3}, kNoLeaderEpoch);
    EXPECT_EQ(third.leader_epoch, LeaderEpoch{2});
    EXPECT_EQ(third.end_offset, Offset{2});
    EXPECT_EQ(bench.partition->end_of_epoch(self, LeaderEpoch{5}, LeaderEpoch{5}).end_offset, Offset{3});
    EXPECT_EQ(bench.partition->end_of_epoch(self, LeaderEpoch{7}, kNoLeaderEpoch).end_offset, kNoOffset);
    EXPECT_EQ(bench.partition->end_of_epoch(self, LeaderEpoch{5}, LeaderEpoch{4}).error,
              PartitionError::fenced_leader_epoch);
  });
}

TEST(PartitionTransactions, ProducersAreDescribedWithWhatTheyHaveOpen) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(self, shard);
    EXPECT_EQ(bench.send(kProducer, 0, "a").error, 0);
    EXPECT_EQ(bench.end(kOther, true, 1, 7).error, 0);
    const auto producers = bench.partition->active_producers(self).producers;
    ASSERT_EQ(producers.size(), 2U);
    EXPECT_EQ(producers[0].transaction_first_offset, Offset{0});
    EXPECT_EQ(producers[0].last_sequence(), Sequence{0});
    EXPECT_EQ(producers[1].coordinator_epoch, 7);
    EXPECT_EQ(producers[1].transaction_first_offset, kNoOffset);
  });
}

}  // namespace
}  // namespace gregor::partition
