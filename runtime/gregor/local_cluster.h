// LocalCluster: what N nodes of one machine are told: ports, directories, settings. Plans alone; it starts nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace gregor::program {

struct LocalNode {
  int id = 0;
  std::uint16_t client_port = 0;
  std::uint16_t controller_port = 0;
  std::string directory = {};
  std::string log_file = {};
  std::vector<std::string> words = {};  ///< of the program: "broker", "--set", ...
};

struct LocalCluster {
  std::vector<LocalNode> nodes = {};
  std::string bootstrap = {};  ///< "127.0.0.1:9092,127.0.0.1:9093"
};

struct LocalClusterWishes {
  int count = 3;
  std::string data_dir = {};
  std::uint16_t first_port = 9092;
  std::vector<std::string> settings = {};  ///< KEY=VALUE, for every node
  std::string new_cluster_id = {};         ///< where no node has a directory yet
};

/// Client ports first, then the controllers'; each the next from `first_port` on that `is_free`. `is_there` says
/// whether a directory exists. Errors: invalid (not 1 to 9 nodes), limit (no ports).
Result<LocalCluster> plan_local_cluster(const LocalClusterWishes& wishes,
                                        const std::function<bool(std::uint16_t)>& is_free,
                                        const std::function<bool(const std::string&)>& is_there);

}  // namespace gregor::program
