// One partition on a node with two log directories, "a" and "b", on a disk that may die: from a moment on nothing
// reaches it any more, and nobody hears of it again. Lives follow each other on the same disk image.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/partition/support/bench_top.h"
#include "tests/storage/support/passing_disk.h"

namespace gregor::partition::test {

/// How many changes the disk still takes before it dies.
struct DyingOrders {
  std::int64_t changes_left = INT64_MAX;
  env::WaitQueue dead;
  void change(env::Fiber& self) {
    while (changes_left <= 0) dead.wait(self);
    --changes_left;
  }
};

class DyingFile final : public env::File {
 public:
  DyingFile(std::unique_ptr<env::File> file, DyingOrders& orders) : file_(std::move(file)), orders_(orders) {}
  Result<std::size_t> preadv(env::Fiber& self, FilePosition at, std::span<const MutableBytes> into) override {
    return file_->preadv(self, at, into);
  }
  Result<std::size_t> pwritev(env::Fiber& self, FilePosition at, std::span<const Bytes> from) override {
    orders_.change(self);
    return file_->pwritev(self, at, from);
  }
  Result<void> fdatasync(env::Fiber& self) override {
    orders_.change(self);
    return file_->fdatasync(self);
  }
  Result<void> truncate(env::Fiber& self, FilePosition size) override {
    orders_.change(self);
    return file_->truncate(self, size);
  }
  Result<void> reserve(env::Fiber& self, FilePosition size) override { return file_->reserve(self, size); }
  Result<FilePosition> size(env::Fiber& self) override { return file_->size(self); }

 private:
  std::unique_ptr<env::File> file_;
  DyingOrders& orders_;
};

class DyingDisk final : public storage::PassingDisk {
 public:
  using PassingDisk::PassingDisk;
  DyingOrders orders;

  Result<std::unique_ptr<env::File>> open(env::Fiber& self, const std::string& path, env::OpenMode mode) override {
    if (mode == env::OpenMode::create) orders.change(self);
    TRY_ASSIGN(auto file, PassingDisk::open(self, path, mode));
    return std::unique_ptr<env::File>(std::make_unique<DyingFile>(std::move(file), orders));
  }
  Result<void> rename(env::Fiber& self, const std::string& from, const std::string& to) override {
    orders.change(self);
    return PassingDisk::rename(self, from, to);
  }
  Result<void> unlink(env::Fiber& self, const std::string& path) override {
    orders.change(self);
    return PassingDisk::unlink(self, path);
  }
  Result<void> make_directory(env::Fiber& self, const std::string& path) override {
    orders.change(self);
    return PassingDisk::make_directory(self, path);
  }
  Result<void> remove_directory(env::Fiber& self, const std::string& path) override {
    orders.change(self);
    return PassingDisk::remove_directory(self, path);
  }
  Result<void> sync_directory(env::Fiber& self, const std::string& path) override {
    orders.change(self);
    return PassingDisk::sync_directory(self, path);
  }
};

/// One life. Lives within one run_fiber body.
class TwoDirectories {
 public:
  TwoDirectories(env::Fiber& self, env::Shard& outer, const config::TopicConfig& config, std::int32_t epoch)
      : disk(outer.disk),
        shard{outer.fibers, outer.clock, outer.entropy, outer.network, disk, outer.mailbox, outer.process},
        shards{&shard},
        directories(shards, observer, log),
        table(PartitionSeat{.shard = shard,
                            .directories = directories,
                            .observer = observer,
                            .log = log,
                            .codec = codec,
                            .settings = settings,
                            .quotas = &quotas}) {
    EXPECT_TRUE(directories.open(self, shard, {"a", "b"}, 2));
    EXPECT_TRUE(directories.begin_use(self));
    EXPECT_TRUE(
        directories.set_strays_aside(self, [](const TopicId& id, PartitionIndex) { return id == kOrders.topic_id; }));
    directories.remove_leftovers(self);
    partition = table.create(kOrders, config);
    partition->apply(leads_alone(LeaderEpoch{epoch}));
    const auto settled = partition->settled(self);
    EXPECT_TRUE(settled) << (settled ? "" : settled.error().text);
    directories.end_of_history();
  }

  std::int16_t write(env::Fiber& self, const std::string& value) {
    auto promise = std::make_shared<env::Promise<AppendOutcome>>();
    const auto bytes = batch_of({.values = {value}});
    partition->submit({.records = *bytes, .owner = bytes, .transaction_check = TransactionCheck::waived},
                      [promise](AppendOutcome outcome) { promise->set(std::move(outcome)); });
    return promise->await(self).error;
  }
  /// The bytes of the whole log.
  ByteBuffer bytes(env::Fiber& self) {
    ByteBuffer all;
    Offset at = partition->replica()->log_start_offset();
    const Offset end = partition->replica()->high_watermark();
    while (at < end) {
      const auto read = partition->read(self, {.offset = at, .bytes_max = 1 << 20});
      EXPECT_EQ(read.error, PartitionError::none);
      if (read.records.empty()) break;
      all.insert(all.end(), read.records.begin(), read.records.end());
      for (Bytes rest = read.records; !rest.empty();) {
        const auto header = record::BatchView::parse_header(rest);
        at = header->next_offset();
        rest = rest.subspan(header->size());
      }
    }
    EXPECT_EQ(at, end);
    return all;
  }
  /// Folders of partitions, with the directory before.
  std::vector<std::string> folders(env::Fiber& self) {
    std::vector<std::string> found;
    for (const std::string directory : {"a", "b"}) {
      const auto names = disk.list(self, directory).value();
      for (const std::string& name : names) {
        if (name.starts_with("orders-")) found.push_back(directory + "/" + name);
      }
    }
    return found;
  }
  bool await_place(env::Fiber& self, std::size_t directory, Nanoseconds within = std::chrono::seconds(30)) {
    const MonotonicTime until = shard.clock.now() + within;
    while (partition->directory() != directory && shard.clock.now() < until)
      env::sleep_for(self, shard.clock, Milliseconds(10));
    env::sleep_for(self, shard.clock, Milliseconds(500));  // the old folder goes
    return partition->directory() == directory;
  }

  RememberingObserver observer;
  observe::NullLog log;
  DyingDisk disk;
  env::Shard shard;
  env::ShardTable shards;
  record::CodecScratch codec;
  config::BrokerConfig settings;
  ReplicationQuotas quotas;
  Directories directories;
  PartitionTable table;
  std::shared_ptr<Partition> partition;
};

}  // namespace gregor::partition::test
