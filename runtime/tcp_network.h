// env::Network over TCP sockets and the system's resolver.
#pragma once

#include <map>
#include <mutex>

#include "env/network.h"
#include "observe/log.h"
#include "runtime/loop.h"
#include "runtime/worker_pool.h"

namespace gregor::runtime {

/// Where the shards of one node listen. Several shards share a port only by SO_REUSEPORT, with which the system would
/// also let another process share it: so the first shard that asks makes sure that the address is free. Thread-safe.
class SharedPorts {
 public:
  explicit SharedPorts(std::size_t shard_count) : shard_count_(shard_count) {}
  [[nodiscard]] bool are_shared() const { return shard_count_ > 1; }
  /// Errors: exists when someone outside this node listens there.
  Result<void> claim(const env::Endpoint& at);
  /// The first shard asked for port 0 and got this one: the others join it there.
  void claim_chosen(const env::Endpoint& at);

 private:
  const std::size_t shard_count_;
  std::mutex mutex_;
  std::map<env::Endpoint, std::size_t> claims_;  ///< shards that asked
};

class TcpNetwork final : public env::Network {
 public:
  TcpNetwork(Loop& loop, SharedPorts& ports, WorkerPool& resolvers, observe::Log& log)
      : loop_(loop), ports_(ports), resolvers_(resolvers), log_(log) {}
  /// A port of 0 is chosen anew by each call: the first shard asks for 0, the others for the port it got.
  Result<std::unique_ptr<env::Listener>> listen(const env::Endpoint& at, env::Acceptor& acceptor) override;
  Result<std::unique_ptr<env::Socket>> connect(env::Fiber& self, const env::Endpoint& to, Nanoseconds timeout) override;
  /// On a thread of its own: a slow name server holds up no flush. A cancel leaves the look-up behind.
  Result<std::vector<std::string>> resolve(env::Fiber& self, const std::string& host) override;

 private:
  Loop& loop_;
  SharedPorts& ports_;
  WorkerPool& resolvers_;
  observe::Log& log_;
};

}  // namespace gregor::runtime
