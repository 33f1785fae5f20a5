// The real world's node: N shards, one thread each, over epoll, files and worker threads. The twin of the simulator's
// node.
//
// Shard 0 runs on the thread that calls run(), so a program of one shard starts no thread until it first needs a
// worker.
#pragma once

#include <functional>
#include <memory>

#include "base/ids.h"
#include "base/time.h"
#include "env/shard.h"
#include "observe/log.h"

namespace gregor::runtime {

struct MachineOptions {
  std::size_t shard_count = 1;  ///< 1 to kShardsMax
  Nanoseconds spin{0};  ///< how long a shard with nothing to do polls before it sleeps; only while cores are spare
};

inline constexpr std::size_t kShardsMax = 256;

class Machine {
 public:
  /// Runs as the root fiber of each shard. The shard is good until the body returns.
  using Body = std::function<void(env::Fiber& self, env::Shard& shard)>;
  /// Runs on each shard's loop, not on a fiber, once, after a stop was asked for and while the shard's body still runs.
  using OnStop = std::function<void(ShardId shard)>;

  /// Threads start in run(). `log` outlives the machine.
  Machine(MachineOptions options, observe::Log& log);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Returns when the bodies of all shards have returned. A shard whose body returned still serves its mailbox until
  /// the last has; then the fibers left over are cancelled, after the disk work in flight is done. Without `on_stop` a
  /// stop cancels the root fibers. Call once.
  void run(Body body, OnStop on_stop = nullptr);
  /// From any thread, also before run().
  void request_stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gregor::runtime
