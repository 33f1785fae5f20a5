// ask: straight-line code that needs another shard. The question travels by mailbox, runs there on a fiber of its own,
// and the answer comes back the same way.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "env/shard.h"
#include "env/wait.h"

namespace gregor::env {

/// The shards of one node, by id. Filled while the node starts, constant afterwards. An entry may be used on its own
/// shard only; elsewhere it is nothing but an address.
using ShardTable = std::vector<Shard*>;

/// Runs `work(fiber)` on shard `to` and returns what it returned; in place where that is the asker's own. Suspends;
/// throws Cancelled. What `work` captures must be good on the other thread and may outlive the asker: own it.
template <class Work>
auto ask(Fiber& self, Shard& here, const ShardTable& shards, ShardId to, Work work)
    -> std::invoke_result_t<Work&, Fiber&> {
  using Answer = std::invoke_result_t<Work&, Fiber&>;
  const ShardId home = here.mailbox.self();
  if (to == home) return work(self);
  CHECK(to.value() < shards.size() && shards[to.value()] != nullptr);
  Shard* const there = shards[to.value()];
  const auto promise = std::make_shared<Promise<Answer>>();
  here.mailbox.post(to, [there, home, promise, work = std::move(work)]() mutable {
    there->fibers.spawn("ask", [there, home, promise, work = std::move(work)](Fiber& fiber) mutable {
      Answer answer = work(fiber);
      there->mailbox.post(home, [promise, answer = std::move(answer)]() mutable { promise->set(std::move(answer)); });
    });
  });
  return promise->await(self);
}

}  // namespace gregor::env
