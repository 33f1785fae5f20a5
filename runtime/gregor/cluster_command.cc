// gregor cluster up|status|describe|quorum|features: clusters of this machine, and what stands of any cluster: brokers,
// the metadata quorum and the feature levels, through the admin client. Tables, or one JSON object with --json.
#include <iostream>
#include <nlohmann/json.hpp>

#include "client/admin.h"
#include "runtime/gregor/client_session.h"
#include "runtime/gregor/cluster_status.h"
#include "runtime/gregor/cluster_up.h"
#include "runtime/gregor/text_table.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

Syntax cluster_syntax() {
  Syntax syntax{"gregor cluster up [N] | status|describe|quorum|features [options]"};
  syntax.options.add_options()                                                                                 //
      ("verb", po::value<std::string>()->required(), "up, status, describe, quorum or features")               //
      ("count", po::value<int>()->default_value(3), "up: how many brokers, each a controller too")             //
      ("data-dir,d", po::value<std::string>()->default_value("/tmp/gregor-cluster"), "up: their directories")  //
      ("port,p", po::value<std::uint16_t>()->default_value(9092), "up: the first port to try")                 //
      ("set,s", po::value<std::vector<std::string>>()->composing(), "up: a setting of every node, KEY=VALUE")  //
      ("json", po::bool_switch(), "print JSON");
  add_connection_options(syntax);
  syntax.words.add("verb", 1).add("count", 1);
  return syntax;
}

template <class Number>
std::string text(const Number& number) {
  return std::to_string(number.value());
}

void print(const client::ClusterDescription& cluster, bool as_json) {
  if (as_json) {
    Json brokers = Json::array();
    for (const auto& broker : cluster.brokers) {
      brokers.push_back({{"id", broker.node_id.value()}, {"host", broker.address.host}, {"port", broker.address.port}});
    }
    std::cout << Json{{"cluster_id", cluster.cluster_id},
                      {"controller", cluster.controller.value()},
                      {"brokers", brokers}}
              << "\n";
    return;
  }
  std::cout << "cluster " << cluster.cluster_id << " controller=" << cluster.controller.value() << "\n";
  TextTable table({"BROKER", "HOST", "PORT"});
  for (const auto& broker : cluster.brokers) {
    table.add({text(broker.node_id), broker.address.host, std::to_string(broker.address.port)});
  }
  table.print(std::cout);
}

void print(const client::QuorumDescription& quorum, bool as_json) {
  TextTable table({"REPLICA", "ROLE", "LOG-END-OFFSET", "LAG"});
  Json replicas = Json::array();
  const auto add = [&](const client::QuorumDescription::Replica& replica, const char* role) {
    const std::int64_t lag = quorum.high_watermark - replica.log_end_offset;
    const char* shown = replica.id == quorum.leader ? "leader" : role;
    replicas.push_back(
        {{"id", replica.id.value()}, {"role", shown}, {"log_end_offset", replica.log_end_offset.value()}});
    table.add({text(replica.id), shown, text(replica.log_end_offset), std::to_string(std::max<std::int64_t>(lag, 0))});
  };
  for (const auto& voter : quorum.voters) add(voter, "voter");
  for (const auto& observer : quorum.observers) add(observer, "observer");
  if (as_json) {
    std::cout << Json{{"leader", quorum.leader.value()},
                      {"leader_epoch", quorum.leader_epoch.value()},
                      {"high_watermark", quorum.high_watermark.value()},
                      {"replicas", replicas}}
              << "\n";
    return;
  }
  std::cout << "leader=" << quorum.leader.value() << " epoch=" << quorum.leader_epoch.value()
            << " high_watermark=" << quorum.high_watermark.value() << "\n";
  table.print(std::cout);
}

void print(const std::vector<client::FeatureDescription>& features, bool as_json) {
  TextTable table({"FEATURE", "SUPPORTED", "FINALIZED"});
  Json list = Json::array();
  for (const auto& feature : features) {
    list.push_back({{"name", feature.name},
                    {"supported_min", feature.supported_min},
                    {"supported_max", feature.supported_max},
                    {"finalized", feature.finalized}});
    table.add({feature.name, std::to_string(feature.supported_min) + "-" + std::to_string(feature.supported_max),
               std::to_string(feature.finalized)});
  }
  if (as_json) {
    std::cout << list << "\n";
  } else {
    table.print(std::cout);
  }
}

/// Asks with `ask(fiber, admin)` and prints what comes.
template <class Ask>
int tell(const Values& values, Ask ask) {
  return run_with_cluster("cluster", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    client::Admin admin(cluster);
    const auto found = ask(self, admin);
    if (!found) return complain("cluster", found.error().to_text(), kExitFailed);
    print(*found, value_of<bool>(values, "json"));
    return kExitGood;
  });
}

}  // namespace

int run_cluster(Arguments arguments) {
  Syntax syntax = cluster_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("cluster", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto& verb = value_of<std::string>(*values, "verb");
  if (verb == "up") return run_cluster_up(*values);
  if (verb == "status") return run_cluster_status(*values);
  if (verb == "describe") {
    return tell(*values, [](env::Fiber& self, client::Admin& admin) { return admin.describe_cluster(self); });
  }
  if (verb == "quorum") {
    return tell(*values, [](env::Fiber& self, client::Admin& admin) { return admin.describe_quorum(self); });
  }
  if (verb == "features") {
    return tell(*values, [](env::Fiber& self, client::Admin& admin) { return admin.describe_features(self); });
  }
  return complain("cluster", "'" + verb + "' is none of up, status, describe, quorum, features", kExitWrong);
}

}  // namespace gregor::program
