// What a fiber costs: a switch, a life from spawn to end, a hand-over through a queue. Goals: well under 200 ns for a
// warm life.
#include <benchmark/benchmark.h>

#include <vector>

#include "env/fiber.h"
#include "env/wait.h"

namespace gregor::env {
namespace {

struct Queue final : ReadySink {
  void on_ready(Fiber& fiber) override { ready.push_back(&fiber); }
  std::vector<Fiber*> ready;
  void run(FiberScheduler& fibers) {
    std::vector<Fiber*> turn;
    turn.swap(ready);
    for (Fiber* fiber : turn) fibers.resume(*fiber);
    turn.clear();
    if (ready.empty()) ready.swap(turn);
  }
};

void switch_to_a_fiber_and_back(benchmark::State& state) {
  Queue queue;
  FiberScheduler fibers(queue);
  Fiber& fiber = fibers.spawn("parks", [](Fiber& self) {
    for (;;) self.park();
  });
  queue.ready.clear();
  fibers.resume(fiber);
  for (auto _ : state) {
    fiber.wake();
    queue.ready.clear();
    fibers.resume(fiber);
  }
}
BENCHMARK(switch_to_a_fiber_and_back);

void spawn_run_end(benchmark::State& state) {
  Queue queue;
  FiberScheduler fibers(queue);
  long ran = 0;
  for (auto _ : state) {
    Fiber& fiber = fibers.spawn("request", [&ran](Fiber&) { ++ran; });
    queue.ready.clear();
    fibers.resume(fiber);
  }
  benchmark::DoNotOptimize(ran);
}
BENCHMARK(spawn_run_end);

void spawn_many_run_them_in_turn(benchmark::State& state) {
  Queue queue;
  FiberScheduler fibers(queue);
  long ran = 0;
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) {
      fibers.spawn("request", [&ran](Fiber& self) {
        self.yield();
        ++ran;
      });
    }
    while (fibers.live_count() > 0) queue.run(fibers);
  }
  state.SetItemsProcessed(ran);
}
BENCHMARK(spawn_many_run_them_in_turn)->Arg(32)->Arg(320)->Arg(3200);

void hand_a_mutex_between_two(benchmark::State& state) {
  Queue queue;
  FiberMutex mutex;
  FiberScheduler fibers(queue);
  for (int i = 0; i < 2; ++i) {
    fibers.spawn("user", [&](Fiber& self) {
      for (;;) {
        const FiberMutex::Held held = mutex.lock(self);
        self.yield();
      }
    });
  }
  for (auto _ : state) queue.run(fibers);
}
BENCHMARK(hand_a_mutex_between_two);

}  // namespace
}  // namespace gregor::env

BENCHMARK_MAIN();
