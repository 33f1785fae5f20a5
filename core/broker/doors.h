// The listeners of one shard: where connections come in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/connection.h"
#include "config/broker_config.h"
#include "env/network.h"

namespace gregor::broker {

class BrokerShard;

/// A listener and an address that it is bound to; a host name may stand for several.
struct BoundDoor {
  std::string listener;
  env::Endpoint at;
};

Side side_of(const config::BrokerConfig& config, const std::string& listener);

class Doors {
 public:
  Doors();
  ~Doors();
  Doors(const Doors&) = delete;
  Doors& operator=(const Doors&) = delete;

  /// Binds every listener of the configuration; connections are accepted from now on, though `shard` may hold them.
  /// Errors: exists (the address is in use), invalid, not_found (host name), io; each names the listener.
  /// Suspends.
  Result<std::vector<BoundDoor>> bind(env::Fiber& self, BrokerShard& shard);
  /// Binds what another shard bound, for a share of the connections.
  Result<void> join(BrokerShard& shard, const std::vector<BoundDoor>& doors);
  /// Accepts nobody any more on that side.
  void close(Side side);

 private:
  class Porter;
  struct Open {
    Side side;
    std::unique_ptr<Porter> porter;
    std::unique_ptr<env::Listener> listener;
  };
  Result<BoundDoor> open(BrokerShard& shard, const std::string& listener, const env::Endpoint& at);
  Result<std::vector<BoundDoor>> bind_one(env::Fiber& self, BrokerShard& shard, const config::Listener& listener);

  std::vector<Open> open_;
};

}  // namespace gregor::broker
