// A client that moves replicas between the log directories of brokers over and over (KIP-113): elsewhere, back before
// the copy is whole, of topics that come and go; and that makes copying slow or fast again. Nobody is promised where a
// replica lies meanwhile: what it holds is judged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "client/cluster.h"
#include "env/fiber.h"
#include "properties/history.h"

namespace gregor::scenarios {

class DirectoryClient {
 public:
  /// Moves `partitions` between `directories`, which every broker has. `cluster` outlives the client.
  DirectoryClient(client::Cluster& cluster, std::vector<properties::HistoryPartition> partitions,
                  std::vector<std::string> directories);

  /// Asks some broker for one move, or sets the pace of all. Suspends; comes back within some seconds whatever the
  /// brokers do.
  void step(env::Fiber& self, RandomStream& random);
  /// L4: nothing slows copies down any more; waits until none is under way on any broker. Suspends.
  void settle(env::Fiber& self);

 private:
  void move(env::Fiber& self, const properties::HistoryPartition& partition, const std::string& directory);
  /// Bytes a second that each broker copies; none: as fast as it can. False where that was refused.
  bool set_pace(env::Fiber& self, std::optional<std::int64_t> bytes);
  /// False where nobody could say, too.
  bool nothing_moves(env::Fiber& self);
  bool nothing_moves_on(env::Fiber& self, NodeId broker);

  client::Cluster& cluster_;
  std::vector<properties::HistoryPartition> partitions_;
  std::vector<std::string> directories_;
};

}  // namespace gregor::scenarios
