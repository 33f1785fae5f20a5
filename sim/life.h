// One life of a node: from its start to its crash, power loss or end. Its objects are kept as long as the world, dead
// and harmless, because code outside may still hold sockets, files and clocks of it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "env/shard.h"
#include "sim/clock_port.h"
#include "sim/disk_port.h"
#include "sim/network_port.h"
#include "sim/small_ports.h"
#include "sim/world.h"

namespace gregor::sim {

/// What one shard of one life stands on.
class ShardSeat final : public env::ReadySink {
 public:
  struct Machine {
    Engine& engine;
    SimNetwork& network;
    const NodeClock& clock;
    std::shared_ptr<DiskImage> disk;
    std::shared_ptr<env::StackSlab> stacks;
  };
  ShardSeat(const Machine& machine, Lane lane, MailRoom& mail, UniqueFunction<void(std::string_view)> on_halt);
  void on_ready(env::Fiber& fiber) override { engine_.ready(lane_, fiber); }

  [[nodiscard]] Lane& lane() { return lane_; }
  [[nodiscard]] env::FiberScheduler& fibers() { return fibers_; }
  [[nodiscard]] env::Shard& shard() { return shard_; }
  [[nodiscard]] ClockPort& clock() { return clock_; }
  [[nodiscard]] DiskPort& disk() { return disk_; }

 private:
  Engine& engine_;
  Lane lane_;
  env::FiberScheduler fibers_;
  ClockPort clock_;
  EntropyPort entropy_;
  NetworkPort network_;
  DiskPort disk_;
  MailboxPort mailbox_;
  ProcessPort process_;
  env::Shard shard_;
};

class Life {
 public:
  struct Events {
    UniqueFunction<void()> on_ended;                        ///< every root fiber returned
    UniqueFunction<void(std::string_view reason)> on_halt;  ///< the process ended itself
  };
  Life(Engine& engine, const Latency& mail, std::unique_ptr<Program> program, Events events);
  /// Seats the shards and makes their root fibers ready.
  void begin(const ShardSeat::Machine& machine, std::uint32_t node, std::uint32_t incarnation, std::size_t shard_count);

  [[nodiscard]] const std::vector<std::unique_ptr<ShardSeat>>& seats() const { return seats_; }
  /// Nothing outside can tell any more that it is there. Its code may still be on the stack.
  void die();
  /// Unwinds all fibers and destroys the program. Requires die() and that no code of it is on the stack.
  void bury();
  void freeze(bool frozen);
  void ask_to_stop();

 private:
  void run_root(env::Fiber& self, ShardSeat& seat);

  Engine& engine_;
  MailRoom mail_;
  std::unique_ptr<Program> program_;
  Events events_;
  std::vector<std::unique_ptr<ShardSeat>> seats_;
  std::size_t roots_left_ = 0;
  bool dead_ = false;
};

}  // namespace gregor::sim
