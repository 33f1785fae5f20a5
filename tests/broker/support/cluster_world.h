// Several nodes in one simulated world, each by settings of its own, and clients that speak frame by frame, as in
// node_world.h. Node i (from 1) is the host "ni" at 10.0.0.i.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/broker/support/controller_listener.h"
#include "tests/broker/support/node_world.h"

namespace gregor::broker::test {

inline constexpr const char* kClusterOfTests = "4L6g3nShT-eMCtK--X86sw";

/// "1@n1:9093,2@n2:9093,...": the first `count` nodes.
std::string voters_of(int count);
/// Node i as broker and controller, one of `count` voters.
Settings combined_node(int i, int count);
/// Node i as one of the first `count`, which are controllers and nothing else.
Settings controller_node(int i, int count);
/// Node i as broker alone, of a quorum that is nodes 1 to `count`.
Settings broker_node(int i, int count);
/// With all of `more` behind: later ones count.
Settings with(Settings settings, const Settings& more);

struct ClusterClient : Client {
  [[nodiscard]] Peer to_broker(int i) const { return {self, shard, {"10.0.0." + std::to_string(i), kPort}}; }
  [[nodiscard]] Peer to_controller(int i) const {
    return {self, shard, {"10.0.0." + std::to_string(i), kControllerPort}};
  }
};

/// Makes the topic with one partition, whose replicas are those; the test fails where it is not made.
void create_topic_on(const ClusterClient& client, const std::string& name, const std::vector<std::int32_t>& replicas,
                     const Settings& configs = {});

class ClusterWorld {
 public:
  explicit ClusterWorld(const std::vector<Settings>& nodes, std::uint64_t seed = 1);
  ~ClusterWorld();

  struct Member {
    config::BrokerConfig config;
    sim::NodeIndex node = 0;
    RememberingLog log = {};
    std::uint32_t ready_life = 0;  ///< the newest that became ready
    Result<void> ended = {};       ///< of the last life that ended by itself
  };
  [[nodiscard]] Member& at(int i) { return *members_.at(static_cast<std::size_t>(i - 1)); }
  /// Waits until those of all nodes that live are ready; fails the test when they are not in time.
  void await_ready();
  /// Waits until all are ready, runs `body` on a machine of its own until it returns.
  void run(std::function<void(const ClusterClient&)> body);
  /// `body` again and again on a machine of its own, a pause between, until it says that it saw what it looked for.
  /// Fails the test, naming `what`, when that takes too long.
  void run_until(const std::string& what, std::function<bool(const ClusterClient&)> body);
  bool wait_until(UniqueFunction<bool()> holds, Nanoseconds within = std::chrono::seconds(60));

 private:
  class Life;
  void on_client(std::function<void(const ClusterClient&)> body);
  observe::NullObserver observer_;
  std::vector<std::unique_ptr<Member>> members_;
  int clients_ = 0;

 public:
  sim::World world;  ///< its lives end before what they report to
};

}  // namespace gregor::broker::test
