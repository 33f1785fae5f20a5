#include "runtime/machine.h"

#include <atomic>
#include <barrier>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/check.h"
#include "runtime/shard_world.h"
#include "runtime/stop_signals.h"

namespace gregor::runtime {
namespace {

/// For flushes and cold reads, shared by the shards.
constexpr std::size_t kDiskThreads = 4;
constexpr std::size_t kResolverThreads = 2;

}  // namespace

struct Machine::State {
  State(MachineOptions given, observe::Log& given_log)
      : options(given),
        log(given_log),
        ports(given.shard_count),
        bodies_left(given.shard_count),
        end(static_cast<std::ptrdiff_t>(given.shard_count)) {}

  /// A shard's own part; only its thread touches it.
  struct Life {
    std::optional<ShardWorld> world;
    env::Fiber* root = nullptr;  ///< null once the body has returned
    bool all_ended = false;
  };

  const MachineOptions options;
  observe::Log& log;
  SharedPorts ports;
  Loops loops;
  std::vector<Life> lives;
  Body body;
  OnStop on_stop;
  std::atomic<std::size_t> bodies_left;
  std::barrier<> end;  ///< all fibers of all shards are gone: no mail is written any more
  std::mutex stop_mutex;
  bool stop_asked = false;
  bool runs = false;
  // Last, so that the workers finish before the loops they report to are gone.
  std::optional<WorkerPool> disk_workers;
  std::optional<WorkerPool> resolvers;

  struct BodyReturned;
  void post_stop();
  void stop_shard(ShardId id);
  void body_returned(ShardId id);
  void run_shard(ShardId id);
};

/// Dies with the root fiber's entry: when the body has returned, and also when it was cancelled before it ran.
struct Machine::State::BodyReturned {
  BodyReturned(State& of, ShardId shard) : state(of), id(shard) {}
  ~BodyReturned() { state.body_returned(id); }
  State& state;
  ShardId id;
};

Machine::Machine(MachineOptions options, observe::Log& log) {
  CHECK(options.shard_count >= 1 && options.shard_count <= kShardsMax);
  state_ = std::make_unique<State>(options, log);
}

Machine::~Machine() = default;

void Machine::State::post_stop() {
  for (std::uint32_t i = 0; i < loops.size(); ++i) {
    loops[i]->post([this, i] { stop_shard(ShardId(i)); });
  }
}

void Machine::State::stop_shard(ShardId id) {
  Life& life = lives[id.value()];
  if (life.root == nullptr) return;
  if (on_stop) {
    on_stop(id);
  } else {
    life.root->cancel();
  }
}

void Machine::State::body_returned(ShardId id) {
  lives[id.value()].root = nullptr;
  if (bodies_left.fetch_sub(1) != 1) return;
  for (std::uint32_t i = 0; i < loops.size(); ++i) {
    loops[i]->post([this, i] { lives[i].all_ended = true; });
  }
}

void Machine::State::run_shard(ShardId id) {
  Life& life = lives[id.value()];
  Loop& loop = life.world->loop();
  while (!life.all_ended) loop.round();
  life.world->end_fibers();
  end.arrive_and_wait();
  loop.drop_mail();
}

void Machine::request_stop() {
  const std::lock_guard guard(state_->stop_mutex);
  if (std::exchange(state_->stop_asked, true)) return;
  if (state_->runs) state_->post_stop();
}

void Machine::run(Body body, OnStop on_stop) {
  State& state = *state_;
  CHECK(state.loops.empty());
  const auto count = static_cast<std::uint32_t>(state.options.shard_count);
  state.body = std::move(body);
  state.on_stop = std::move(on_stop);
  for (std::uint32_t i = 0; i < count; ++i) state.loops.push_back(std::make_unique<Loop>(state.options.spin));
  const StopSignals signals(*state.loops[0], [this] { request_stop(); });
  state.disk_workers.emplace(kDiskThreads);
  state.resolvers.emplace(kResolverThreads);
  state.lives = std::vector<State::Life>(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    State::Life& life = state.lives[i];
    life.world.emplace(state.loops, ShardId(i), *state.disk_workers, *state.resolvers, state.ports, state.log);
    life.root = &state.loops[i]->fibers().spawn(
        "root",
        [&state, i, returned = std::make_unique<State::BodyReturned>(state, ShardId(i))](env::Fiber& self) {
          state.body(self, state.lives[i].world->shard());
        },
        env::StackClass::large_256k);
  }
  {
    const std::lock_guard guard(state.stop_mutex);
    state.runs = true;
    if (state.stop_asked) state.post_stop();
  }
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < count; ++i) threads.emplace_back([&state, i] { state.run_shard(ShardId(i)); });
  state.run_shard(ShardId(0));
  for (std::thread& thread : threads) thread.join();
  {
    const std::lock_guard guard(state.stop_mutex);
    state.runs = false;
  }
  state.resolvers.reset();
  state.disk_workers.reset();
}

}  // namespace gregor::runtime
