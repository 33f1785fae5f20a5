// What may run now, over all lanes of all nodes, and the policy that picks the next.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/unique_function.h"
#include "env/fiber.h"
#include "sim/trace.h"

namespace gregor::sim {

enum class Policy : unsigned char {
  random,  ///< any, all alike
  fifo,    ///< first come, first served
  pct,     ///< probabilistic concurrency testing (Burckhardt et al., 2010): random priorities that change a few times
};

/// What shares one thread in the real world: one shard of one life of one node.
struct Lane {
  std::uint32_t node = 0;
  std::uint32_t shard = 0;
  std::uint32_t incarnation = 0;
  env::FiberScheduler* fibers = nullptr;
  bool frozen = false;
  bool dead = false;
};

/// A fiber to resume or, where that is null, a task to call.
struct Ready {
  Lane* lane = nullptr;
  env::Fiber* fiber = nullptr;
  UniqueFunction<void()> task;
  EventKind kind = EventKind::fiber_ran;
  std::uint64_t payload = 0;
};

class ReadyPool {
 public:
  ReadyPool(Policy policy, RandomStream stream, std::uint32_t pct_changes, std::uint64_t pct_steps);

  void add(Ready ready);
  /// True where only frozen lanes have work.
  [[nodiscard]] bool empty() const { return open_.empty() && line_.empty() && ranked_.empty(); }
  /// Requires !empty().
  Ready take();
  /// Moves the lane's work aside, or back.
  void freeze(Lane& lane);
  void thaw(Lane& lane);
  /// Destroys the lane's work.
  void drop(const Lane& lane);

 private:
  struct Rank {
    std::uint64_t priority;  ///< greater runs first
    std::uint64_t sequence;
    bool operator<(const Rank& other) const {
      return priority != other.priority ? priority > other.priority : sequence < other.sequence;
    }
  };
  /// Who has a priority: a fiber of a lane, or (fiber 0) the lane's loop.
  using Runner = std::array<std::uint64_t, 3>;
  static Runner runner_of(const Ready& ready);
  std::uint64_t priority_of(const Runner& runner);
  Ready take_ranked();
  template <class Wanted>
  std::vector<Ready> extract(Wanted wanted);

  Policy policy_;
  RandomStream stream_;
  std::vector<Ready> open_;       ///< random
  std::deque<Ready> line_;        ///< fifo
  std::map<Rank, Ready> ranked_;  ///< pct
  std::vector<Ready> frozen_;
  std::map<Runner, std::uint64_t> demoted_;
  std::set<std::uint64_t> change_steps_;
  std::uint64_t priority_seed_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t demotions_ = 0;
};

}  // namespace gregor::sim
