// The listeners of one shard: where connections come in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/broker_config.h"
#include "env/network.h"

namespace gregor::broker {

class BrokerShard;

/// A listener and an address that it is bound to; a host name may stand for several.
struct BoundDoor {
  std::string listener;
  env::Endpoint at;
};

class Doors {
 public:
  Doors();
  ~Doors();
  Doors(const Doors&) = delete;
  Doors& operator=(const Doors&) = delete;

  /// Binds every client listener of the configuration; connections are accepted from now on, though `shard` may hold
  /// them. Errors: exists (the address is in use), invalid, not_found (host name), io; each names the listener.
  /// Suspends.
  Result<std::vector<BoundDoor>> bind(env::Fiber& self, BrokerShard& shard);
  /// Binds what another shard bound, for a share of the connections.
  Result<void> join(BrokerShard& shard, const std::vector<BoundDoor>& doors);
  void close();

 private:
  class Porter;
  Result<BoundDoor> open(BrokerShard& shard, const std::string& listener, const env::Endpoint& at);
  Result<std::vector<BoundDoor>> bind_one(env::Fiber& self, BrokerShard& shard, const config::Listener& listener);

  std::vector<std::unique_ptr<Porter>> porters_;
  std::vector<std::unique_ptr<env::Listener>> listeners_;
};

}  // namespace gregor::broker
