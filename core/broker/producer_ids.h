// Producer ids for one shard, taken from the controller in blocks so that most requests need not ask.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "env/wait.h"

namespace gregor::broker {

class BrokerShard;

class ProducerIds {
 public:
  explicit ProducerIds(BrokerShard& shard) : shard_(shard) {}
  /// An id that nobody got before, in this life of the cluster or any other. Suspends where a new block is needed.
  Result<ProducerId> next(env::Fiber& self);

 private:
  BrokerShard& shard_;
  env::FiberMutex asking_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace gregor::broker
