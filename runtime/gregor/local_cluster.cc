#include "runtime/gregor/local_cluster.h"

#include <algorithm>

namespace gregor::program {
namespace {

constexpr int kNodesMax = 9;
constexpr int kPortMax = 65535;

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

std::vector<std::string> words_of(const LocalNode& node, const std::string& voters, const LocalClusterWishes& wishes,
                                  bool is_new) {
  const int factor = std::min(wishes.count, 3);
  std::vector<std::string> settings = {
      "node.id=" + std::to_string(node.id),
      "process.roles=broker,controller",
      "listeners=PLAINTEXT://" + at(node.client_port) + ",CONTROLLER://" + at(node.controller_port),
      "controller.listener.names=CONTROLLER",
      "controller.quorum.voters=" + voters,
      "default.replication.factor=" + std::to_string(factor),
      "min.insync.replicas=" + std::to_string(std::max(factor - 1, 1))};
  if (is_new) settings.push_back("gregor.initial.cluster=" + wishes.new_cluster_id);
  settings.insert(settings.end(), wishes.settings.begin(), wishes.settings.end());
  std::vector<std::string> words = {"broker", "--data-dir", node.directory};
  for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
  return words;
}

}  // namespace

Result<LocalCluster> plan_local_cluster(const LocalClusterWishes& wishes,
                                        const std::function<bool(std::uint16_t)>& is_free,
                                        const std::function<bool(const std::string&)>& is_there) {
  if (wishes.count < 1 || wishes.count > kNodesMax) {
    return fail(Errc::invalid, "a cluster of one machine has 1 to " + std::to_string(kNodesMax) + " nodes, not " +
                                   std::to_string(wishes.count));
  }
  LocalCluster cluster;
  int port = wishes.first_port;
  const auto take_port = [&]() -> Result<std::uint16_t> {
    while (port <= kPortMax && !is_free(static_cast<std::uint16_t>(port))) ++port;
    if (port > kPortMax) return fail(Errc::limit, "no free ports from " + std::to_string(wishes.first_port) + " on");
    return static_cast<std::uint16_t>(port++);
  };
  for (int id = 1; id <= wishes.count; ++id) {
    LocalNode node{.id = id};
    TRY_ASSIGN(node.client_port, take_port());
    node.directory = wishes.data_dir + "/node-" + std::to_string(id);
    node.log_file = node.directory + ".log";
    cluster.bootstrap += (id == 1 ? "" : ",") + at(node.client_port);
    cluster.nodes.push_back(node);
  }
  std::string voters;
  for (LocalNode& node : cluster.nodes) {
    TRY_ASSIGN(node.controller_port, take_port());
    voters += (voters.empty() ? "" : ",") + std::to_string(node.id) + "@" + at(node.controller_port);
  }
  const bool is_new = std::none_of(cluster.nodes.begin(), cluster.nodes.end(),
                                   [&](const LocalNode& node) { return is_there(node.directory); });
  for (LocalNode& node : cluster.nodes) node.words = words_of(node, voters, wishes, is_new);
  return cluster;
}

}  // namespace gregor::program
