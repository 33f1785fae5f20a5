// A shard's worth of surroundings for one partition: directories on a disk that takes orders, an observer that
// remembers, and batches to append.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "partition/partition_table.h"
#include "record/batch_builder.h"
#include "sim/run_fiber.h"
#include "tests/partition/support/roles.h"
#include "tests/storage/support/faulty_disk.h"

namespace gregor::partition::test {

class RememberingObserver final : public observe::Observer {
 public:
  void on(const observe::Event& event) override { events.push_back(event); }
  template <class Kind>
  [[nodiscard]] std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const auto& event : events) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }
  std::vector<observe::Event> events;
};

inline const TopicPartition kOrders{"orders", {1, 2}, PartitionIndex{0}};

struct BatchOf {
  std::vector<std::string> values;
  ProducerId producer = kNoProducerId;
  Sequence sequence{-1};
  ProducerEpoch epoch{0};
  std::int64_t timestamp_ms = 1000;
  bool is_transactional = false;
};

inline std::shared_ptr<ByteBuffer> batch_of(const BatchOf& wanted) {
  record::BatchSettings settings;
  if (wanted.producer > kNoProducerId) {
    settings.producer_id = wanted.producer;
    settings.producer_epoch = wanted.epoch;
    settings.base_sequence = wanted.sequence;
    settings.is_transactional = wanted.is_transactional;
  }
  record::BatchBuilder builder(settings);
  for (const std::string& value : wanted.values)
    builder.add(WallTime{wanted.timestamp_ms}, std::nullopt, bytes_of(value));
  record::CodecScratch scratch;
  return std::make_shared<ByteBuffer>(builder.encode(scratch).value());
}

/// Lives within one run_fiber body.
class BenchTop {
 public:
  BenchTop(env::Fiber& self, env::Shard& outer)
      : disk(outer.disk),
        shard{outer.fibers, outer.clock, outer.entropy, outer.network, disk, outer.mailbox, outer.process},
        shards{&shard},
        directories(shards, observer, log),
        table(PartitionSeat{shard, directories, observer, log, codec, settings}) {
    const auto opened = directories.open(self, shard, {"data"}, 1);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text);
    EXPECT_TRUE(directories.begin_use(self));
  }

  /// Open, and leading in `epoch`.
  std::shared_ptr<Partition> partition(env::Fiber& self, const config::TopicConfig& config = {},
                                       LeaderEpoch epoch = LeaderEpoch{0}) {
    auto made = table.create(kOrders, config);
    made->apply(leads_alone(epoch));
    const auto settled = made->settled(self);
    EXPECT_TRUE(settled) << (settled ? "" : settled.error().text);
    return made;
  }

  /// Submits without waiting; the promise arrives with the outcome.
  std::shared_ptr<env::Promise<AppendOutcome>> submit(Partition& to, const BatchOf& batch, std::int16_t acks = -1,
                                                      TransactionCheck check = TransactionCheck::needed) {
    auto promise = std::make_shared<env::Promise<AppendOutcome>>();
    const auto bytes = batch_of(batch);
    to.submit({.records = *bytes, .owner = bytes, .produce_version = 13, .acks = acks, .transaction_check = check},
              [promise](AppendOutcome outcome) { promise->set(std::move(outcome)); });
    return promise;
  }
  AppendOutcome append(env::Fiber& self, Partition& to, const BatchOf& batch, std::int16_t acks = -1) {
    return submit(to, batch, acks)->await(self);
  }
  ReadOutcome read(env::Fiber& self, Partition& from, std::int64_t offset, std::size_t bytes_max = 1 << 20) {
    return from.read(self, {.offset = Offset{offset}, .bytes_max = bytes_max});
  }

  RememberingObserver observer;
  observe::NullLog log;
  storage::FaultyDisk disk;
  env::Shard shard;
  env::ShardTable shards;
  record::CodecScratch codec;
  config::BrokerConfig settings;
  Directories directories;
  PartitionTable table;
};

}  // namespace gregor::partition::test
