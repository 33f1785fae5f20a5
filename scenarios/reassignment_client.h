// A client that moves replicas over and over (KIP-455): to other brokers, back before they have arrived, or just into
// another order; and takes some of it back. Nobody is promised where replicas are meanwhile: what they hold is judged.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "client/cluster.h"
#include "env/fiber.h"
#include "properties/history.h"

namespace gregor::scenarios {

class ReassignmentClient {
 public:
  /// Moves `partitions` between brokers 1 to `brokers`, as many replicas as there were. `cluster` outlives the client.
  ReassignmentClient(client::Cluster& cluster, std::vector<properties::HistoryPartition> partitions,
                     std::int32_t brokers, std::int16_t replicas);

  /// Asks for one move, or takes one back. Suspends; comes back within some seconds whatever the brokers do.
  void step(env::Fiber& self, RandomStream& random);
  /// L4: waits until no replica is on its way. Suspends.
  void settle(env::Fiber& self);

 private:
  std::vector<std::int32_t> draw_replicas(RandomStream& random) const;
  void move(env::Fiber& self, const properties::HistoryPartition& partition,
            std::optional<std::vector<std::int32_t>> replicas);
  /// False where nobody could say, too.
  bool nothing_moves(env::Fiber& self);

  client::Cluster& cluster_;
  std::vector<properties::HistoryPartition> partitions_;
  std::int32_t brokers_;
  std::int16_t replicas_;
};

}  // namespace gregor::scenarios
