// gregor topic create|list|describe|alter|delete: topics through the admin client. A table, or JSON with --json.
#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "client/admin.h"
#include "runtime/gregor/client_session.h"
#include "runtime/gregor/config_edits.h"
#include "runtime/gregor/text_table.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::int8_t kTopicSource = 1;

Syntax topic_syntax() {
  Syntax syntax{"gregor topic create|list|describe|alter|delete [NAME] [options]"};
  syntax.options.add_options()                                                                                        //
      ("verb", po::value<std::string>()->required(), "create, list, describe, alter or delete")                       //
      ("name", po::value<std::string>(), "the topic")                                                                 //
      ("partitions,p", po::value<std::int32_t>()->default_value(-1), "how many; create: -1 is the broker's default")  //
      ("replication-factor,r", po::value<std::int16_t>()->default_value(-1), "create: -1: the broker's default")      //
      ("json", po::bool_switch(), "print JSON");
  add_edit_options(syntax);
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

int create(const Values& values) {
  client::NewTopic topic;
  topic.name = value_of<std::string>(values, "name");
  topic.partition_count = value_of<std::int32_t>(values, "partitions");
  topic.replication_factor = value_of<std::int16_t>(values, "replication-factor");
  const auto edits = read_edits(values);
  if (!edits) return complain("topic", edits.error().text, kExitWrong);
  for (const client::ConfigEdit& edit : *edits) {
    if (edit.kind != client::ConfigEdit::Kind::set) {
      return complain("topic", "create takes --set KEY=VALUE alone: a new topic has nothing to add to", kExitWrong);
    }
    topic.configs[edit.name] = edit.value;
  }
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

/// What is set on the topic itself.
std::vector<client::ConfigRow> own_settings(std::vector<client::ConfigRow> rows) {
  std::erase_if(rows, [](const client::ConfigRow& row) { return row.source != kTopicSource; });
  return rows;
}

void print_description(const client::TopicMetadata& topic, const std::vector<client::ConfigRow>& settings) {
  std::cout << topic.name << " id=" << topic.topic_id.to_text() << " partitions=" << topic.partitions.size() << "\n";
  for (const client::ConfigRow& row : settings) std::cout << "  " << row.name << "=" << row.value.value_or("") << "\n";
  TextTable table({"PARTITION", "LEADER", "EPOCH", "REPLICAS", "IN-SYNC"});
  for (const client::PartitionMetadata& p : topic.partitions) {
    table.add({std::to_string(p.partition.value()), std::to_string(p.leader.value()),
               std::to_string(p.leader_epoch.value()), list_of(p.replicas), list_of(p.in_sync)});
  }
  table.print(std::cout);
}

int describe(const Values& values) {
  const auto& name = value_of<std::string>(values, "name");
  return run_with_cluster("topic", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    client::Admin admin(cluster);
    const auto topic = admin.describe_topic(self, name);
    if (!topic) return failed(topic.error());
    auto rows = admin.describe_configs(self, {.kind = client::ConfigTarget::Kind::topic, .name = name});
    if (!rows) return failed(rows.error());
    const auto settings = own_settings(std::move(*rows));
    if (!value_of<bool>(values, "json")) {
      print_description(*topic, settings);
      return kExitGood;
    }
    Json described = json_of(*topic);
    described["configs"] = Json::object();
    for (const client::ConfigRow& row : settings) described["configs"][row.name] = row.value.value_or("");
    std::cout << described << "\n";
    return kExitGood;
  });
}

/// More partitions, other settings, or both: first the settings, which may be refused.
int alter(const Values& values) {
  const auto& name = value_of<std::string>(values, "name");
  const auto partitions = value_of<std::int32_t>(values, "partitions");
  const auto edits = read_edits(values);
  if (!edits) return complain("topic", edits.error().text, kExitWrong);
  if (edits->empty() && partitions < 0) {
    return complain("topic", "alter wants --partitions, --set or --delete", kExitWrong);
  }
  return run_with_cluster("topic", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    client::Admin admin(cluster);
    if (!edits->empty()) {
      const auto altered = admin.alter_configs(self, {.kind = client::ConfigTarget::Kind::topic, .name = name}, *edits);
      if (!altered) return failed(altered.error());
    }
    if (partitions >= 0) {
      const auto grown = admin.create_partitions(self, name, partitions);
      if (!grown) return failed(grown.error());
    }
    std::cout << (value_of<bool>(values, "json") ? Json{{"altered", name}}.dump() : "altered " + name) << "\n";
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
  using Run = int (*)(const Values&);
  const std::map<std::string, Run> verbs = {
      {"create", create}, {"describe", describe}, {"alter", alter}, {"delete", remove}};
  const auto run = verbs.find(verb);
  if (run == verbs.end()) {
    return complain("topic", "'" + verb + "' is none of create, list, describe, alter, delete", kExitWrong);
  }
  if (!values->contains("name")) return complain("topic", verb + " wants the name of a topic", kExitWrong);
  return run->second(*values);
}

}  // namespace gregor::program
