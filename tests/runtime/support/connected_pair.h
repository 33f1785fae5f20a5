// Two ends of one connection on loopback.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "env/shard.h"
#include "env/wait.h"

namespace gregor::runtime {

inline constexpr Nanoseconds kPatience = std::chrono::seconds(20);
inline const env::Endpoint kAnyPort{"127.0.0.1", 0};

/// Keeps what it is given.
struct Collector final : env::Acceptor {
  void on_accept(std::unique_ptr<env::Socket> socket) override {
    sockets.push_back(std::move(socket));
    arrived.wake_all();
  }
  std::unique_ptr<env::Socket> take(env::Fiber& self) {
    while (sockets.empty()) arrived.wait(self);
    std::unique_ptr<env::Socket> socket = std::move(sockets.front());
    sockets.erase(sockets.begin());
    return socket;
  }
  std::vector<std::unique_ptr<env::Socket>> sockets;
  env::WaitQueue arrived;
};

struct Pair {
  std::unique_ptr<env::Socket> client;
  std::unique_ptr<env::Socket> server;
};
inline Pair connected(env::Fiber& self, env::Shard& shard, const env::Endpoint& at) {
  Collector collector;
  auto listener = shard.network.listen(at, collector).value();
  Pair pair;
  pair.client = shard.network.connect(self, listener->local(), kPatience).value();
  pair.server = collector.take(self);
  return pair;
}

}  // namespace gregor::runtime
