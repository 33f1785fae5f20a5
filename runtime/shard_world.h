// Everything one shard of a machine owns, and the env::Shard that core sees of it.
#pragma once

#include <memory>
#include <vector>

#include "base/check.h"
#include "env/shard.h"
#include "runtime/halting_process.h"
#include "runtime/loop.h"
#include "runtime/posix_disk.h"
#include "runtime/system_entropy.h"
#include "runtime/tcp_network.h"
#include "runtime/worker_pool.h"

namespace gregor::runtime {

/// The loops of all shards by number. Full before the first thread runs, unchanged after.
using Loops = std::vector<std::unique_ptr<Loop>>;

class ShardMailbox final : public env::Mailbox {
 public:
  ShardMailbox(const Loops& loops, ShardId self) : loops_(loops), self_(self) {}
  void post(ShardId to, env::Mail mail) override {
    CHECK(to.value() < loops_.size());
    loops_[to.value()]->post(std::move(mail));
  }
  [[nodiscard]] ShardId self() const override { return self_; }
  [[nodiscard]] std::size_t shard_count() const override { return loops_.size(); }

 private:
  const Loops& loops_;
  ShardId self_;
};

class ShardWorld {
 public:
  ShardWorld(const Loops& loops, ShardId id, WorkerPool& disk_workers, WorkerPool& resolvers, SharedPorts& ports,
             observe::Log& log)
      : loop_(*loops[id.value()]),
        jobs_(loop_, disk_workers),
        disk_(jobs_),
        network_(loop_, ports, resolvers, log),
        mailbox_(loops, id),
        process_(log),
        shard_{loop_.fibers(), loop_, entropy_, network_, disk_, mailbox_, process_} {}
  [[nodiscard]] env::Shard& shard() { return shard_; }
  [[nodiscard]] Loop& loop() { return loop_; }

  /// Cancels every fiber and runs rounds until no worker uses the memory of one; then unwinds those that are left.
  void end_fibers() {
    loop_.fibers().for_each([](env::Fiber& fiber) { fiber.cancel(); });
    while (jobs_.in_flight() > 0) loop_.round();
    loop_.cancel_fibers();
  }

 private:
  Loop& loop_;
  ShardJobs jobs_;
  SystemEntropy entropy_;
  PosixDisk disk_;
  TcpNetwork network_;
  ShardMailbox mailbox_;
  HaltingProcess process_;
  env::Shard shard_;
};

}  // namespace gregor::runtime
