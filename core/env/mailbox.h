// The only way from one shard of a node to another.
#pragma once

#include <cstddef>

#include "base/ids.h"
#include "base/unique_function.h"
#include "env/fiber.h"
#include "env/wait.h"

namespace gregor::env {

/// Runs on the target shard's loop, not on a fiber; must not block (it may spawn). Destroyed there too.
using Mail = UniqueFunction<void()>;

class Mailbox {
 public:
  virtual ~Mailbox() = default;
  /// Delivered once and, between the same two shards, in order. Mail to one's own shard takes the same road.
  virtual void post(ShardId to, Mail mail) = 0;
  [[nodiscard]] virtual ShardId self() const = 0;
  [[nodiscard]] virtual std::size_t shard_count() const = 0;
};

}  // namespace gregor::env
