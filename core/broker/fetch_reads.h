// The reading half of a fetch: many partitions, perhaps on several shards, under one budget of bytes; and the waiting
// for more.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "broker/broker_shard.h"
#include "partition/outcome.h"
#include "partition/progress_watch.h"

namespace gregor::broker {

/// One partition to read, with what came of it.
struct FetchRow {
  TopicId topic_id;
  PartitionIndex index{0};
  ShardId owner{0};
  std::size_t bytes_max = 0;  ///< of this partition
  partition::ReadAsk ask;
  partition::ReadOutcome outcome;
};

/// Reads all rows in order, shard by shard, until `bytes_max` is used up; the first records found come even if they are
/// larger than every limit. Returns the bytes found. Suspends.
std::size_t read_rows(env::Fiber& self, BrokerShard& shard, std::vector<FetchRow*>& rows, std::size_t bytes_max);

/// Rings once enough bytes became visible in the watched partitions, when one of them goes, or when the node stops.
/// Its watches on other shards are taken down when it dies.
class FetchAlarm final : StopListener {
 public:
  FetchAlarm(BrokerShard& shard, std::uint64_t bytes_wanted);
  ~FetchAlarm() override;
  FetchAlarm(const FetchAlarm&) = delete;
  FetchAlarm& operator=(const FetchAlarm&) = delete;

  /// Watches from what the row's outcome had seen.
  void watch(const std::vector<FetchRow*>& rows);
  /// Suspends. False when the deadline came first.
  bool wait(env::Fiber& self, MonotonicTime deadline);
  /// Rings it when called, on this shard; may outlive it.
  [[nodiscard]] UniqueFunction<void()> ringer() const {
    return [bell = bell_] { bell->ring(); };
  }

 private:
  struct Bell {
    explicit Bell(std::uint64_t wanted) : bytes_wanted(wanted) {}
    std::uint64_t bytes_wanted;
    bool rung = false;
    env::WaitQueue queue;
    void add(std::uint64_t bytes);
    void ring();
  };
  using Watches = std::vector<partition::WatchList::Watch>;
  void on_stop() override { bell_->ring(); }

  BrokerShard& shard_;
  std::shared_ptr<Bell> bell_;
  /// By shard; each touched on its own shard alone.
  std::map<ShardId, std::shared_ptr<Watches>> watches_;
};

}  // namespace gregor::broker
