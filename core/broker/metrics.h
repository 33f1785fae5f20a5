// A node's figures as Prometheus text, under the names that Kafka's users know from the JMX exporter's example rules
// (lower case, kafka_server_brokertopicmetrics_bytesin_total{topic=...} and so on). Reads counters; changes nothing.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/connection_figures.h"
#include "broker/request_figures.h"
#include "env/fiber.h"
#include "partition/figures.h"

namespace gregor::broker {

class BrokerShard;

/// What clients have in common that are counted together.
struct ClientKind {
  std::string listener;
  std::string software_name;     ///< empty: it did not say
  std::string software_version;  ///< likewise
  auto operator<=>(const ClientKind&) const = default;
};

/// What one shard has to say.
struct ShardFigures {
  RequestFigures requests;
  std::vector<partition::PartitionFigures> partitions;
  std::map<ClientKind, std::uint64_t> connections = {};  ///< open now
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t fetch_sessions = 0;

  void add(ShardFigures other);
};

/// What the node as a whole has to say beside.
struct NodeFigures {
  ShardFigures of_shards;
  std::size_t directories_offline = 0;
  std::size_t brokers = 0;
  std::size_t topics = 0;
  std::size_t partitions = 0;
  std::int64_t metadata_offset = -1;
};

/// Pure.
std::string exposition_of(const NodeFigures& figures);

/// Asks every shard. Suspends.
Result<std::string> scrape(env::Fiber& self, BrokerShard& shard);
/// Every connection of the node, by number. Suspends.
std::vector<ConnectionFigures> connections_of(env::Fiber& self, BrokerShard& shard);

}  // namespace gregor::broker
