// How many events a world dispatches in a second: the bare kernel (fibers that yield, timers, mail) and its parts with
// work in them (network echo, disk writes). Plain: prints a line per figure. One event is one line of the trace.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "env/clock.h"
#include "env/disk.h"
#include "sim/world.h"
#include "tests/sim/support/echo.h"

namespace gregor::sim {
namespace {

constexpr std::uint64_t kEvents = 5'000'000;

/// Runs the world for so many events and prints its rate by the host's clock.
void measure(const char* name, World& world, std::uint64_t events) {
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t before = world.trace().event_count();
  world.run_until([&] { return world.trace().event_count() - before >= events; });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double count = static_cast<double>(world.trace().event_count() - before);
  std::printf("%-28s %6.2f M events/s  %8.1f s simulated  hash %s\n", name, count / took.count() / 1e6,
              std::chrono::duration<double>(world.now().time_since_epoch()).count(),
              world.trace().hash().to_text().c_str());
}

void bench_yield(Policy policy, const char* name) {
  WorldOptions options;
  options.scheduler.policy = policy;
  World world(options);
  for (int node = 0; node < 5; ++node) {
    world.add_node({.name = "n" + std::to_string(node), .body = [](env::Fiber& self, env::Shard& shard) {
                      for (int i = 0; i < 80; ++i) {
                        shard.fibers.spawn("spinner", [](env::Fiber& child) {
                          while (true) child.yield();
                        });
                      }
                      while (true) self.park();
                    }});
  }
  measure(name, world, kEvents);
}

void bench_timers() {
  World world;
  for (int node = 0; node < 5; ++node) {
    world.add_node({.name = "n" + std::to_string(node), .body = [](env::Fiber& self, env::Shard& shard) {
                      for (int i = 0; i < 80; ++i) {
                        shard.fibers.spawn("sleeper", [&shard, i](env::Fiber& child) {
                          while (true) env::sleep_for(child, shard.clock, std::chrono::microseconds(100 + i));
                        });
                      }
                      while (true) self.park();
                    }});
  }
  measure("timers, 400 fibers", world, kEvents);
}

void bench_mail() {
  World world;
  world.add_node({.name = "n", .shard_count = 4, .body = [](env::Fiber& self, env::Shard& shard) {
                    struct Ball {
                      env::Mailbox& mailbox;
                      void operator()() const {
                        mailbox.post(ShardId{(mailbox.self().value() + 1) % 4}, Ball{mailbox});
                      }
                    };
                    for (int i = 0; i < 20; ++i) shard.mailbox.post(shard.mailbox.self(), Ball{shard.mailbox});
                    while (true) self.park();
                  }});
  measure("mail, 4 shards", world, kEvents);
}

void bench_echo() {
  World world;
  world.add_node({.name = "server", .shard_count = 2, .body = testing::serve_echo});
  for (int i = 0; i < 10; ++i) {
    world.add_node({.name = "c" + std::to_string(i), .body = [&](env::Fiber& self, env::Shard& shard) {
                      while (true) (void)testing::echo_once(self, shard, testing::echo_of(world, 0), 1000, 100);
                    }});
  }
  measure("echo, 10 clients, 100 B", world, kEvents / 5);
}

void bench_disk() {
  World world;
  for (int node = 0; node < 5; ++node) {
    world.add_node({.name = "n" + std::to_string(node), .body = [](env::Fiber& self, env::Shard& shard) {
                      auto file = shard.disk.open(self, "log", env::OpenMode::create).value();
                      const ByteBuffer bytes(1000, std::byte{'x'});
                      for (std::uint64_t at = 0;; at = (at + bytes.size()) % 1'000'000) {
                        (void)env::write_all(self, *file, FilePosition{at}, bytes);
                        if (at % 10'000 == 0) (void)file->fdatasync(self);
                      }
                    }});
  }
  measure("disk, 1 KB writes", world, kEvents / 5);
}

}  // namespace
}  // namespace gregor::sim

int main() {
  gregor::sim::bench_yield(gregor::sim::Policy::random, "yields, 400 fibers, random");
  gregor::sim::bench_yield(gregor::sim::Policy::fifo, "yields, 400 fibers, fifo");
  gregor::sim::bench_yield(gregor::sim::Policy::pct, "yields, 400 fibers, pct");
  gregor::sim::bench_timers();
  gregor::sim::bench_mail();
  gregor::sim::bench_echo();
  gregor::sim::bench_disk();
  return EXIT_SUCCESS;
}
