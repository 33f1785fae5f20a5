// A world: nodes that live and die on simulated machines, with the network between them and the disks under them.
//
// Promises: what happens depends on the seed and on what the owner asks, on nothing else; all state is in this object,
// so a world run after a thousand others equals one run alone (same trace hash). Never reads a clock, a file or memory
// addresses of the host.
//
//   World world({.seed = 7});
//   const auto body = [](env::Fiber& self, env::Shard& shard) { … };
//   const NodeIndex a = world.add_node({.name = "a", .shard_count = 2, .body = body});
//   world.at(SimTime(2s), [&] { world.lose_power(a); world.restart_after(a, 1s); });
//   world.run_until([&] { return done; }, {.deadline = SimTime(60s)});
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_function.h"
#include "env/shard.h"
#include "sim/disk_image.h"
#include "sim/engine.h"
#include "sim/network.h"
#include "sim/node_clock.h"

namespace gregor::env {
class StackSlab;
}

namespace gregor::sim {

using NodeIndex = std::uint32_t;  ///< from 0 in the order of add_node

/// What one life of a node runs: made at each start, destroyed when that life is over and no fiber of it is left.
class Program {
 public:
  virtual ~Program() = default;
  /// The root fiber of one shard; called once on each. When all have returned, the node has stopped. Lets Cancelled
  /// pass.
  virtual void run(env::Fiber& self, env::Shard& shard) = 0;
  /// Asks for a clean end: called on the loop of shard 0.
  virtual void stop() {}
};
using ProgramMaker = UniqueFunction<std::unique_ptr<Program>()>;
using NodeBody = UniqueFunction<void(env::Fiber& self, env::Shard& shard)>;

struct NodeOptions {
  std::string name;  ///< a host name too: Network::resolve() knows it
  std::size_t shard_count = 1;
  /// Either of the two: a maker of programs, or a body that is run on each shard of each life.
  ProgramMaker program{};
  NodeBody body{};
  std::shared_ptr<DiskImage> disk = nullptr;  ///< a fresh one of the world's law when null
};

enum class NodeState : unsigned char {
  running,
  paused,
  stopped,  ///< by itself: every root fiber returned
  crashed,  ///< the machine is up
  powered_off,
};

struct WorldOptions {
  std::uint64_t seed = 1;
  SchedulerLaw scheduler{};
  NetworkLaw network = usual_network_law();
  DiskLaw disk = usual_disk_law();
  Latency mail{};  ///< between shards
};

struct RunLimit {
  SimTime deadline = kNever;
  std::uint64_t events_max = UINT64_MAX;  ///< of this call
};
enum class RunEnd : unsigned char {
  satisfied,  ///< the predicate holds
  deadline,   ///< the next event lies beyond it
  events_max,
  idle,  ///< nothing is ready and nothing is due
};

class World {
 public:
  explicit World(WorldOptions options = {});
  /// Kills what still runs.
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Nodes. The first life begins at once, as ready fibers.
  NodeIndex add_node(NodeOptions options);
  [[nodiscard]] std::size_t node_count() const;
  [[nodiscard]] NodeState state(NodeIndex node) const;
  /// From 1; rises with each start.
  [[nodiscard]] std::uint32_t incarnation(NodeIndex node) const;
  /// True from the moment a life begins to the moment it dies or ends; false inside code that a dying node still
  /// unwinds.
  [[nodiscard]] bool is_alive(NodeIndex node) const;
  [[nodiscard]] const std::string& name(NodeIndex node) const;

  // Lives. All of these may be called anywhere, also by code of the very node: its life ends at once for all others
  // to see, and its fibers unwind right after the current event.
  void crash(NodeIndex node);         ///< kill -9: completed writes stay, connections close
  Losses lose_power(NodeIndex node);  ///< losses are zero when called from code of a lane: they are decided after it
  void pause(NodeIndex node);         ///< SIGSTOP; connections and time go on
  void resume(NodeIndex node);
  void restart(NodeIndex node);                          ///< requires that the node does not live
  void restart_after(NodeIndex node, Nanoseconds wait);  ///< does nothing then if it lives
  void stop(NodeIndex node);                             ///< SIGTERM: Program::stop()
  void wipe_disk(NodeIndex node);                        ///< requires that the node does not live

  // Clocks.
  void jump_wall_clock(NodeIndex node, Milliseconds by);
  void set_drift(NodeIndex node, std::int64_t nanoseconds_per_millisecond);

  [[nodiscard]] DiskImage& disk(NodeIndex node);
  [[nodiscard]] std::shared_ptr<DiskImage> share_disk(NodeIndex node);
  /// No operation of this node's disk finishes for so long.
  void hang_disk(NodeIndex node, Nanoseconds wait);
  [[nodiscard]] SimNetwork& network();
  [[nodiscard]] Faults& faults();
  [[nodiscard]] Trace& trace();
  [[nodiscard]] Engine& engine();

  // Time.
  [[nodiscard]] SimTime now() const;
  void at(SimTime when, UniqueFunction<void()> call);
  void after(Nanoseconds wait, UniqueFunction<void()> call);
  /// A stream of the owner's own, for scenarios.
  [[nodiscard]] RandomStream stream(std::string_view purpose, std::uint64_t object = 0) const;

  // Running. `satisfied` is asked before the first event and after each.
  RunEnd run_until(UniqueFunction<bool()> satisfied, const RunLimit& limit = {});
  /// Runs until nothing is due within `wait`, then lets time be that late.
  RunEnd run_for(Nanoseconds wait);
  RunEnd run_until_idle(std::uint64_t events_max = UINT64_MAX);

  /// Live fibers of living nodes, a line each: "node/shard fiber 7 name". For reports of what is stuck.
  [[nodiscard]] std::vector<std::string> live_fibers() const;
  /// Lines that halting nodes left, in order.
  [[nodiscard]] const std::vector<std::string>& halts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gregor::sim
