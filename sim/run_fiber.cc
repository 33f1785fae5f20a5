#include "sim/run_fiber.h"

#include <cstdio>
#include <exception>

#include "sim/world.h"

namespace gregor::sim {
namespace {

WorldOptions options_of(const RunFiberOptions& options) {
  WorldOptions world;
  world.seed = options.seed;
  if (options.unruly) return world;
  world.scheduler.policy = Policy::fifo;
  world.network = NetworkLaw{};
  world.disk = DiskLaw{};
  return world;
}

[[noreturn]] void report_stuck(const World& world) {
  std::fprintf(stderr, "run_fiber: nothing is ready and nothing is due, but the body has not returned\n");
  for (const std::string& line : world.live_fibers()) std::fprintf(stderr, "  %s\n", line.c_str());
  CHECK(!"the body is stuck");
  __builtin_unreachable();
}

}  // namespace

void run_to_end(const RunFiberOptions& options, UniqueFunction<void(env::Fiber&, env::Shard&)> body) {
  std::exception_ptr failure;
  {
    World world(options_of(options));
    NodeOptions node{.name = "node"};
    node.disk = options.disk;
    node.body = [&](env::Fiber& self, env::Shard& shard) {
      try {
        body(self, shard);
      } catch (const env::Cancelled&) {
        throw;
      } catch (...) {  // a test library's: it goes on outside
        failure = std::current_exception();
      }
    };
    const NodeIndex index = world.add_node(std::move(node));
    const RunEnd end = world.run_until([&] { return !world.is_alive(index); });
    if (end == RunEnd::idle) report_stuck(world);
  }
  if (failure != nullptr) std::rethrow_exception(failure);
}

}  // namespace gregor::sim
