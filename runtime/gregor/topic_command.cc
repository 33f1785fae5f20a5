// gregor topic create|list|describe|delete: topics through the admin client. One line a topic or partition, or JSON
// with --json.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "client/admin.h"
#include "runtime/gregor/client_session.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

Syntax topic_syntax() {
  Syntax syntax{"gregor topic create|list|describe|delete [NAME] [options]"};
  syntax.options.add_options()                                                                                      //
      ("verb", po::value<std::string>()->required(), "create, list, describe or delete")                            //
      ("name", po::value<std::string>(), "the topic")                                                               //
      ("partitions,p", po::value<std::int32_t>()->default_value(-1), "create: how many; -1: the broker's default")  //
      ("replication-factor,r", po::value<std::int16_t>()->default_value(-1), "create: -1: the broker's default")    //
      ("set,s", po::value<std::vector<std::string>>()->composing(), "create: a setting of the topic, KEY=VALUE")    //
      ("json", po::bool_switch(), "print JSON");
  add_connection_options(syntax);
  syntax.words.add("verb", 1).add("name", 1);
  return syntax;
}

int failed(const client::Failure& failure) {
  return complain("topic", failure.to_text(), kExitFailed);
}

std::string list_of(const std::vector<NodeId>& nodes) {
  std::string text;
  for (const NodeId node : nodes) text += (text.empty() ? "" : ",") + std::to_string(node.value());
  return text;
}

Json json_of(const client::TopicMetadata& topic) {
  Json partitions = Json::array();
  const auto ids = [](const std::vector<NodeId>& nodes) {
    Json list = Json::array();
    for (const NodeId node : nodes) list.push_back(node.value());
    return list;
  };
  for (const client::PartitionMetadata& p : topic.partitions) {
    partitions.push_back({{"partition", p.partition.value()},
                          {"leader", p.leader.value()},
                          {"leader_epoch", p.leader_epoch.value()},
                          {"replicas", ids(p.replicas)},
                          {"in_sync", ids(p.in_sync)}});
  }
  return {{"name", topic.name},
          {"topic_id", topic.topic_id.to_text()},
          {"internal", topic.is_internal},
          {"partitions", partitions}};
}

/// "KEY=VALUE" pairs into `to`. Errors: invalid.
Result<void> read_settings(const Values& values, std::map<std::string, std::string>& to) {
  if (!values.contains("set")) return {};
  for (const std::string& text : value_of<std::vector<std::string>>(values, "set")) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(Errc::invalid, "--set " + text + ": it wants KEY=VALUE");
    to[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return {};
}

int create(const Values& values) {
  client::NewTopic topic;
  topic.name = value_of<std::string>(values, "name");
  topic.partition_count = value_of<std::int32_t>(values, "partitions");
  topic.replication_factor = value_of<std::int16_t>(values, "replication-factor");
  if (auto read = read_settings(values, topic.configs); !read) return complain("topic", read.error().text, kExitWrong);
  return run_with_cluster("topic", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto created = client::Admin(cluster).create_topic(self, topic);
    if (!created) return failed(created.error());
    if (value_of<bool>(values, "json")) {
      std::cout << Json{{"name", topic.name}, {"topic_id", created->to_text()}} << "\n";
    } else {
      std::cout << "created " << topic.name << " id=" << created->to_text() << "\n";
    }
    return kExitGood;
  });
}

int remove(const Values& values) {
  const auto& name = value_of<std::string>(values, "name");
  return run_with_cluster("topic", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto deleted = client::Admin(cluster).delete_topic(self, name);
    if (!deleted) return failed(deleted.error());
    std::cout << (value_of<bool>(values, "json") ? Json{{"deleted", name}}.dump() : "deleted " + name) << "\n";
    return kExitGood;
  });
}

int list(const Values& values) {
  return run_with_cluster("topic", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    auto topics = client::Admin(cluster).list_topics(self);
    if (!topics) return failed(topics.error());
    std::stable_sort(topics->begin(), topics->end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const client::TopicMetadata& topic : *topics) {
      if (value_of<bool>(values, "json")) {
        std::cout << json_of(topic) << "\n";
      } else {
        std::cout << topic.name << " partitions=" << topic.partitions.size() << (topic.is_internal ? " internal" : "")
                  << "\n";
      }
    }
    return kExitGood;
  });
}

void print_description(const client::TopicMetadata& topic) {
  std::cout << topic.name << " id=" << topic.topic_id.to_text() << " partitions=" << topic.partitions.size() << "\n";
  for (const client::PartitionMetadata& p : topic.partitions) {
    std::cout << "  partition=" << p.partition.value() << " leader=" << p.leader.value()
              << " epoch=" << p.leader_epoch.value() << " replicas=" << list_of(p.replicas)
              << " in_sync=" << list_of(p.in_sync) << "\n";
  }
}

int describe(const Values& values) {
  const auto& name = value_of<std::string>(values, "name");
  return run_with_cluster("topic", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto topic = client::Admin(cluster).describe_topic(self, name);
    if (!topic) return failed(topic.error());
    if (value_of<bool>(values, "json")) {
      std::cout << json_of(*topic) << "\n";
    } else {
      print_description(*topic);
    }
    return kExitGood;
  });
}

}  // namespace

int run_topic(Arguments arguments) {
  Syntax syntax = topic_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("topic", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto& verb = value_of<std::string>(*values, "verb");
  if (verb == "list") return list(*values);
  if (verb != "create" && verb != "describe" && verb != "delete") {
    return complain("topic", "'" + verb + "' is none of create, list, describe, delete", kExitWrong);
  }
  if (!values->contains("name")) return complain("topic", verb + " wants the name of a topic", kExitWrong);
  return verb == "create" ? create(*values) : verb == "describe" ? describe(*values) : remove(*values);
}

}  // namespace gregor::program
