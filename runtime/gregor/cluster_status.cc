#include "runtime/gregor/cluster_status.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "runtime/gregor/client_session.h"
#include "runtime/gregor/cluster_findings.h"
#include "runtime/gregor/text_table.h"

namespace gregor::program {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t now_ms() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

std::int32_t min_in_sync_of(env::Fiber& self, client::Admin& admin, const std::string& topic) {
  const auto rows = admin.describe_configs(self, {.kind = client::ConfigTarget::Kind::topic, .name = topic});
  if (!rows) return 1;
  for (const client::ConfigRow& row : *rows) {
    if (row.name == "min.insync.replicas" && row.value) return std::atoi(row.value->c_str());
  }
  return 1;
}

/// Of a topic whose partitions are all whole nobody needs to know more.
bool is_whole(const client::TopicMetadata& topic) {
  return std::all_of(topic.partitions.begin(), topic.partitions.end(), [](const client::PartitionMetadata& one) {
    return one.leader >= NodeId{0} && one.in_sync.size() == one.replicas.size();
  });
}

client::Outcome<ClusterStanding> look(env::Fiber& self, client::Cluster& cluster) {
  client::Admin admin(cluster);
  ClusterStanding standing{.now_ms = now_ms()};
  CLIENT_TRY_ASSIGN(const auto description, admin.describe_brokers(self));
  standing.cluster_id = description.cluster_id;
  for (const auto& broker : description.brokers) {
    const auto& fenced = description.fenced;
    const bool is_fenced = std::find(fenced.begin(), fenced.end(), broker.node_id) != fenced.end();
    standing.brokers.push_back({broker.node_id, broker.address, is_fenced});
  }
  CLIENT_TRY_ASSIGN(auto topics, admin.list_topics(self));
  std::stable_sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const client::TopicMetadata& topic : topics) {
    const std::int32_t min_in_sync = is_whole(topic) ? 1 : min_in_sync_of(self, admin, topic.name);
    for (const auto& partition : topic.partitions) standing.partitions.push_back({topic.name, partition, min_in_sync});
  }
  if (auto quorum = admin.describe_quorum(self)) standing.quorum = std::move(*quorum);
  return standing;
}

std::string role_of(const client::QuorumDescription& quorum, NodeId id, const char* otherwise) {
  return id == quorum.leader ? "leader" : otherwise;
}

void print_text(const ClusterStanding& standing, const std::vector<Finding>& findings) {
  std::cout << "cluster " << standing.cluster_id << " brokers=" << standing.brokers.size()
            << " partitions=" << standing.partitions.size() << "\n";
  if (standing.quorum) {
    const client::QuorumDescription& quorum = *standing.quorum;
    std::cout << "quorum leader=" << quorum.leader.value() << " epoch=" << quorum.leader_epoch.value()
              << " high_watermark=" << quorum.high_watermark.value() << "\n";
    TextTable voters({"CONTROLLER", "ROLE", "LAG"});
    const auto add = [&](const client::QuorumDescription::Replica& one, const char* role) {
      const auto lag = lag_of(quorum, one);
      voters.add({std::to_string(one.id.value()), role_of(quorum, one.id, role), lag ? std::to_string(*lag) : ""});
    };
    for (const auto& voter : quorum.voters) add(voter, "voter");
    for (const auto& observer : quorum.observers) add(observer, "observer");
    voters.print(std::cout);
  } else {
    std::cout << "quorum leader=none\n";
  }
  TextTable brokers({"BROKER", "ADDRESS", "STATE"});
  for (const BrokerStanding& broker : standing.brokers) {
    brokers.add({std::to_string(broker.id.value()), broker.address.host + ":" + std::to_string(broker.address.port),
                 broker.is_fenced ? "fenced" : "serving"});
  }
  brokers.print(std::cout);
  if (findings.empty()) std::cout << "all is well\n";
  for (const Finding& finding : findings) std::cout << "! " << finding.what << "\n  > " << finding.advice << "\n";
}

Json json_of(const client::QuorumDescription& quorum) {
  Json replicas = Json::array();
  const auto add = [&](const client::QuorumDescription::Replica& one, const char* role) {
    const auto lag = lag_of(quorum, one);
    replicas.push_back({{"id", one.id.value()},
                        {"role", role_of(quorum, one.id, role)},
                        {"log_end_offset", one.log_end_offset.value()},
                        {"lag", lag ? Json(*lag) : Json()}});
  };
  for (const auto& voter : quorum.voters) add(voter, "voter");
  for (const auto& observer : quorum.observers) add(observer, "observer");
  return {{"leader", quorum.leader.value()},
          {"leader_epoch", quorum.leader_epoch.value()},
          {"high_watermark", quorum.high_watermark.value()},
          {"replicas", replicas}};
}

void print_json(const ClusterStanding& standing, const std::vector<Finding>& findings) {
  Json brokers = Json::array();
  for (const BrokerStanding& broker : standing.brokers) {
    brokers.push_back({{"id", broker.id.value()},
                       {"host", broker.address.host},
                       {"port", broker.address.port},
                       {"fenced", broker.is_fenced}});
  }
  Json found = Json::array();
  for (const Finding& finding : findings) {
    found.push_back({{"kind", name_of(finding.kind)}, {"what", finding.what}, {"advice", finding.advice}});
  }
  std::cout << Json{{"cluster_id", standing.cluster_id},
                    {"healthy", findings.empty()},
                    {"quorum", standing.quorum ? json_of(*standing.quorum) : Json()},
                    {"brokers", brokers},
                    {"partitions", standing.partitions.size()},
                    {"findings", found}}
            << "\n";
}

}  // namespace

int run_cluster_status(const Values& values) {
  return run_with_cluster("cluster", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto standing = look(self, cluster);
    if (!standing) return complain("cluster", standing.error().to_text(), kExitFailed);
    const auto findings = findings_of(*standing);
    value_of<bool>(values, "json") ? print_json(*standing, findings) : print_text(*standing, findings);
    return findings.empty() ? kExitGood : kExitFailed;
  });
}

}  // namespace gregor::program
