// Producer ids for one shard, taken from the controller in blocks so that most requests need not ask.
#pragma once

#include "controller/controller.h"
#include "env/wait.h"

namespace gregor::broker {

struct NodeCore;

class ProducerIds {
 public:
  ProducerIds(NodeCore& core, controller::ImageFeed& feed) : core_(core), feed_(feed) {}
  /// An id that nobody got before, in this life of the cluster or any other. Suspends where a new block is needed.
  Result<ProducerId> next(env::Fiber& self);

 private:
  NodeCore& core_;
  controller::ImageFeed& feed_;
  env::FiberMutex asking_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace gregor::broker
