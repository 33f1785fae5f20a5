// One broker shard without a node around it: no directories, no controller, images made by hand.
#pragma once

#include <functional>

#include "broker/broker_shard.h"
#include "sim/run_fiber.h"
#include "tests/broker/support/image_bench.h"
#include "tests/broker/support/node_world.h"

namespace gregor::broker::test {

struct ShardBench {
  ShardBench(env::Shard& own, std::size_t shard_count, const Settings& settings)
      : config(config_of(settings)), core(config, shard_count, observer, log), shard(core, own) {}

  config::BrokerConfig config;
  observe::NullObserver observer;
  RememberingLog log;
  NodeCore core;
  BrokerShard shard;
  ImageMaker images;
};

/// Runs `body` on shard 0 of a node that has `shard_count` of them; the others do not exist.
inline void on_shard(std::size_t shard_count, const std::function<void(ShardBench&)>& body,
                     const Settings& settings = {}) {
  sim::run_fiber([&](env::Fiber&, env::Shard& own) {
    ShardBench bench(own, shard_count, settings);
    body(bench);
  });
}

}  // namespace gregor::broker::test
