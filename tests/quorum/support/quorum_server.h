// QuorumServer: a listener that decodes frames, calls the service of a quorum node and sends what it says. For tests:
// as much of a broker's controller listener as peers need.
#pragma once

#include <memory>

#include "env/shard.h"
#include "quorum/service.h"

namespace gregor::quorum {

inline constexpr std::uint16_t kQuorumPort = 9093;

class QuorumServer final : env::Acceptor {
 public:
  /// `service` outlives the fibers of the shard.
  QuorumServer(env::Shard& shard, Service& service) : shard_(shard), service_(service) {}
  Result<void> listen();

 private:
  void on_accept(std::unique_ptr<env::Socket> socket) override;
  void serve(env::Fiber& self, std::unique_ptr<env::Socket> socket);
  /// None ends the connection.
  Result<ByteBuffer> answer(env::Fiber& self, Bytes frame);

  env::Shard& shard_;
  Service& service_;
  std::unique_ptr<env::Listener> listener_;
};

}  // namespace gregor::quorum
