// A client that changes the configs of a topic of its own (and, the first one, of the broker) over and over, asks what
// they are, and writes to the topic to see whether they are followed. What was asked, told and seen goes into the
// history.
//
// The first client changes flush.messages, the others cleanup.policy: a log that is compacted and not flushed may come
// back from a power loss with a gap, which nobody can tell from one that compaction made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/admin.h"
#include "client/cluster.h"
#include "properties/history.h"
#include "record/codec.h"

namespace gregor::scenarios {

class ConfigClient {
 public:
  /// `next_value` is shared by all clients of the run; `broker_life` counts the broker's starts. All outlive the
  /// client.
  ConfigClient(client::Cluster& cluster, properties::HistoryPartition partition, bool changes_broker,
               properties::History& history, properties::ValueId& next_value, UniqueFunction<MonotonicTime()> now,
               UniqueFunction<std::uint32_t()> broker_life);

  /// One change, one question or one write. Suspends; comes back within some seconds whatever the broker does.
  void step(env::Fiber& self, RandomStream& random);
  /// Reads the topic whole, then has its size bounded, and waits until the log is as small as that. Suspends.
  void settle(env::Fiber& self);
  /// What the configs are after the last restart, asked until there is an answer. Suspends.
  static void read_configs(env::Fiber& self, client::Cluster& cluster, const client::ConfigTarget& target,
                           properties::History& history, UniqueFunction<MonotonicTime()>& now,
                           UniqueFunction<std::uint32_t()>& broker_life);

 private:
  void change(env::Fiber& self, RandomStream& random);
  bool change_one(env::Fiber& self, const client::ConfigTarget& target, const std::string& name,
                  const std::optional<std::string>& value);
  static bool ask(env::Fiber& self, client::Cluster& cluster, const client::ConfigTarget& target,
                  properties::History& history, UniqueFunction<MonotonicTime()>& now,
                  UniqueFunction<std::uint32_t()>& broker_life);
  bool write(env::Fiber& self, bool has_key, std::size_t padding);
  bool send(env::Fiber& self, const ByteBuffer& batch, properties::ConfigStep& step);
  bool read_whole(env::Fiber& self);
  [[nodiscard]] bool may_change(const std::string& name) const;
  void insist(env::Fiber& self, const std::string& name, const std::string& value);

  client::Cluster& cluster_;
  properties::HistoryPartition partition_;
  client::ConfigTarget topic_;
  bool changes_broker_;
  properties::History& history_;
  properties::ValueId& next_value_;
  UniqueFunction<MonotonicTime()> now_;
  UniqueFunction<std::uint32_t()> broker_life_;
  record::CodecScratch scratch_;
};

/// The broker of a run, as a config target.
client::ConfigTarget broker_target();

}  // namespace gregor::scenarios
