// run_fiber: code that needs a fiber and a shard, run to its end in a world of its own. For unit tests of what stands
// on the seam.
//
//   const auto bytes = sim::run_fiber([&](env::Fiber& self, env::Shard& shard) {
//     return env::read_file(self, shard.disk, "x", 100).value();
//   });
//
// Time is virtual, disk and network are perfect unless the options say otherwise. What fails inside (a CHECK, an
// exception of a test library) surfaces at the call. A body that can never end (nothing is ready, nothing is due)
// aborts and names the fibers.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/unique_function.h"
#include "env/fiber.h"
#include "env/shard.h"
#include "sim/disk_image.h"

namespace gregor::sim {

struct RunFiberOptions {
  std::uint64_t seed = 1;
  /// Kept by the caller, who may pass it to the next run: what a restarted process finds. A fresh, empty one when null.
  /// To lose power in between: `disk->lose_power(stream)`.
  std::shared_ptr<DiskImage> disk = nullptr;
  /// False: I/O takes no time and events run first come, first served. True: the world's usual laws and random order.
  bool unruly = false;
};

/// The untyped form: runs `body` as the root fiber of a node's only shard until it returns; then the node is gone with
/// all that it spawned.
void run_to_end(const RunFiberOptions& options, UniqueFunction<void(env::Fiber&, env::Shard&)> body);

/// Runs `body(self, shard)` or `body(self)` and returns what it returns.
template <class Body>
auto run_fiber(const RunFiberOptions& options, Body&& body) {
  const auto call = [&body](env::Fiber& self, [[maybe_unused]] env::Shard& shard) -> decltype(auto) {
    if constexpr (std::is_invocable_v<Body&, env::Fiber&, env::Shard&>) {
      return body(self, shard);
    } else {
      return body(self);
    }
  };
  using Answer = std::decay_t<decltype(call(std::declval<env::Fiber&>(), std::declval<env::Shard&>()))>;
  if constexpr (std::is_void_v<Answer>) {
    run_to_end(options, [&call](env::Fiber& self, env::Shard& shard) { call(self, shard); });
  } else {
    std::optional<Answer> answer;
    run_to_end(options, [&](env::Fiber& self, env::Shard& shard) { answer.emplace(call(self, shard)); });
    CHECK(answer.has_value());
    return std::move(*answer);
  }
}

template <class Body>
requires(!std::is_same_v<std::remove_cvref_t<Body>, RunFiberOptions>) auto run_fiber(Body&& body) {
  return run_fiber(RunFiberOptions{}, std::forward<Body>(body));
}

}  // namespace gregor::sim
