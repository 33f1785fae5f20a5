// One shard's way to the network: env::Network, its listeners and its sockets. Once the life of the node is over they
// do nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "env/network.h"
#include "sim/connection.h"
#include "sim/engine.h"
#include "sim/network.h"

namespace gregor::sim {

class SocketPort final : public env::Socket {
 public:
  SocketPort(const Lane& lane, std::shared_ptr<Connection> connection, Side side);
  ~SocketPort() override;
  Result<std::size_t> read(MutableBytes into) override;
  Result<std::size_t> write(std::span<const Bytes> pieces) override;
  void shutdown_write() override;
  void watch(env::SocketWatcher* watcher) override;
  [[nodiscard]] const env::Endpoint& local() const override { return connection_->end(side_).local; }
  [[nodiscard]] const env::Endpoint& peer() const override { return connection_->end(side_).peer; }

 private:
  const Lane& lane_;
  std::shared_ptr<Connection> connection_;
  Side side_;
};

class NetworkPort final : public env::Network {
 public:
  NetworkPort(SimNetwork& network, Lane& lane);
  Result<std::unique_ptr<env::Listener>> listen(const env::Endpoint& at, env::Acceptor& acceptor) override;
  Result<std::unique_ptr<env::Socket>> connect(env::Fiber& self, const env::Endpoint& to, Nanoseconds timeout) override;
  Result<std::vector<std::string>> resolve(env::Fiber& self, const std::string& host) override;

 private:
  SimNetwork& network_;
  Lane& lane_;
  RandomStream stream_;
};

}  // namespace gregor::sim
