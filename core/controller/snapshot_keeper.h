// SnapshotKeeper: takes snapshots of a node's newest image at the pace that the configuration asks for, on a fiber of
// its own, and lets old ones go. The image is a value that never changes, so that decisions go on meanwhile.
//
// Promises: one snapshot at a time, of an image that was shown; a failure costs nothing but disk: it is logged and
// tried again. Never decides what the metadata is.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "config/broker_config.h"
#include "controller/snapshot_pace.h"
#include "env/shard.h"
#include "env/wait.h"
#include "metadata/image.h"
#include "observe/log.h"
#include "quorum/node.h"

namespace gregor::controller {

SnapshotPace::Limits snapshot_limits_of(const config::BrokerConfig& config);

class SnapshotKeeper {
 public:
  /// The newest image that ends where a batch does, outside of any transaction; null before the first.
  using NewestImage = std::function<std::shared_ptr<const metadata::Image>()>;

  SnapshotKeeper(env::Shard& home, const config::BrokerConfig& config, observe::Log& log)
      : home_(home), log_(log), pace_(snapshot_limits_of(config), home.clock.now()) {}

  /// What the listener of the log heard.
  void committed(const quorum::CommittedBatch& batch);
  void loaded(const quorum::CommittedBatch& snapshot);

  /// Until stop(), or until the node is closed. Throws Cancelled.
  void run(env::Fiber& self, quorum::Node& node, const NewestImage& newest);
  /// From now on run() begins nothing; what is under way ends.
  void stop();

 private:
  Result<void> take(env::Fiber& self, quorum::Node& node, const std::shared_ptr<const metadata::Image>& image);

  env::Shard& home_;
  observe::Log& log_;
  SnapshotPace pace_;
  env::WaitQueue look_;
  bool is_stopping_ = false;
};

}  // namespace gregor::controller
