// A client that makes and deletes one topic over and over and puts a few records into each incarnation of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "client/admin.h"
#include "client/cluster.h"
#include "properties/history.h"

namespace gregor::scenarios {

class TopicChurn {
 public:
  /// `broker_life` counts the broker's starts. `topic`: each incarnation of it. All outlive the churn.
  TopicChurn(int id, client::Cluster cluster, client::NewTopic topic, properties::History& history,
             properties::ValueId& next_value, UniqueFunction<MonotonicTime()> now,
             UniqueFunction<std::uint32_t()> broker_life);

  /// Makes the topic, fills it, perhaps deletes it. Suspends; comes back within some seconds whatever the broker does.
  void round(env::Fiber& self, RandomStream& random);

 private:
  /// Its place among the changes of the history.
  std::size_t begin(bool creates);
  /// Whether it was acknowledged.
  bool create(env::Fiber& self);
  void remove(env::Fiber& self);
  void fill(env::Fiber& self, std::int64_t records);
  void end(properties::TopicChange& change, const client::Failure* failure);

  int id_;
  client::Cluster cluster_;
  client::NewTopic topic_;
  properties::History& history_;
  properties::ValueId& next_value_;
  UniqueFunction<MonotonicTime()> now_;
  UniqueFunction<std::uint32_t()> broker_life_;
  bool may_go_late_ = false;  ///< a deletion without an answer may still be carried out, on whatever bears the name
  TopicId topic_id_{};        ///< of the last incarnation that was acknowledged
};

}  // namespace gregor::scenarios
