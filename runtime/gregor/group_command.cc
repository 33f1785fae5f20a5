// gregor group list|describe|delete|reset-offsets: groups through the admin client. A table, or JSON with --json.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "client/admin.h"
#include "client/consumer.h"
#include "client/group_admin.h"
#include "runtime/gregor/client_session.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

Syntax group_syntax() {
  Syntax syntax{"gregor group list|describe|delete|reset-offsets [GROUP] [options]"};
  syntax.options.add_options()                                                                        //
      ("verb", po::value<std::string>()->required(), "list, describe, delete or reset-offsets")       //
      ("group", po::value<std::string>(), "the group")                                                //
      ("topic", po::value<std::string>(), "reset-offsets: of this topic; by default all committed")   //
      ("partition,p", po::value<std::int32_t>(), "reset-offsets: of this partition; by default all")  //
      ("to", po::value<std::string>(), "reset-offsets: earliest, latest or a number")                 //
      ("dry-run", po::bool_switch(), "reset-offsets: only say what would be done")                    //
      ("json", po::bool_switch(), "print JSON");
  add_connection_options(syntax);
  syntax.words.add("verb", 1).add("group", 1);
  return syntax;
}

int failed(const client::Failure& failure) {
  return complain("group", failure.to_text(), kExitFailed);
}

/// Columns as wide as their widest cell; the first row is the heading.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] + 2 - row[i].size(), ' ');
    }
    std::cout << line << "\n";
  }
}

int list(const Values& values) {
  return run_with_cluster("group", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto groups = client::GroupAdmin(cluster).list(self);
    if (!groups) return failed(groups.error());
    std::vector<std::vector<std::string>> rows = {{"GROUP", "STATE", "TYPE", "PROTOCOL"}};
    for (const client::GroupListing& group : *groups) {
      rows.push_back({group.group_id, group.state, group.type, group.protocol_type});
      if (!value_of<bool>(values, "json")) continue;
      std::cout << Json{{"group", group.group_id},
                        {"state", group.state},
                        {"type", group.type},
                        {"protocol_type", group.protocol_type}}
                << "\n";
    }
    if (!value_of<bool>(values, "json")) print_table(rows);
    return kExitGood;
  });
}

/// One partition that the group has an offset for or reads.
struct Standing {
  std::string topic;
  PartitionIndex partition;
  std::optional<Offset> committed = {};
  std::optional<Offset> end = {};
  const client::GroupMemberDescription* reader = nullptr;
};

std::vector<Standing> standings_of(env::Fiber& self, client::Cluster& cluster, const client::GroupDescription& group,
                                   const std::vector<client::CommittedOffset>& offsets) {
  std::map<std::pair<std::string, PartitionIndex>, Standing> by_place;
  const auto at = [&by_place](const std::string& topic, PartitionIndex partition) -> Standing& {
    return by_place.try_emplace({topic, partition}, Standing{.topic = topic, .partition = partition}).first->second;
  };
  for (const client::CommittedOffset& one : offsets) at(one.topic, one.partition).committed = one.offset;
  for (const auto& member : group.members) {
    for (const auto& [topic, partitions] : member.assignment) {
      for (const std::int32_t partition : partitions) at(topic, PartitionIndex{partition}).reader = &member;
    }
  }
  client::Admin admin(cluster);
  std::vector<Standing> standings;
  for (auto& [place, standing] : by_place) {
    const auto end = admin.list_offset(self, standing.topic, standing.partition, client::kLatestOffset);
    if (end) standing.end = end->offset;
    standings.push_back(standing);
  }
  return standings;
}

std::string text_of_offset(const std::optional<Offset>& offset) {
  return offset ? std::to_string(offset->value()) : "-";
}

std::string lag_of(const Standing& standing) {
  if (!standing.committed || !standing.end) return "-";
  return std::to_string(standing.end->value() - standing.committed->value());
}

Json json_of(const client::GroupDescription& group, const std::vector<Standing>& standings) {
  Json members = Json::array();
  for (const auto& member : group.members) {
    members.push_back({{"member_id", member.member_id},
                       {"instance_id", member.instance_id ? Json(*member.instance_id) : Json()},
                       {"client_id", member.client_id},
                       {"host", member.client_host},
                       {"assignment", member.assignment}});
  }
  Json partitions = Json::array();
  for (const Standing& one : standings) {
    partitions.push_back({{"topic", one.topic},
                          {"partition", one.partition.value()},
                          {"committed", one.committed ? Json(one.committed->value()) : Json()},
                          {"end", one.end ? Json(one.end->value()) : Json()},
                          {"member_id", one.reader != nullptr ? Json(one.reader->member_id) : Json()}});
  }
  return {{"group", group.group_id},    {"state", group.state}, {"protocol_type", group.protocol_type},
          {"protocol", group.protocol}, {"members", members},   {"partitions", partitions}};
}

void print_description(const client::GroupDescription& group, const std::vector<Standing>& standings) {
  std::cout << group.group_id << " state=" << group.state << " members=" << group.members.size()
            << (group.protocol.empty() ? "" : " protocol=" + group.protocol) << "\n";
  std::vector<std::vector<std::string>> rows = {
      {"TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER", "CLIENT", "HOST"}};
  for (const Standing& one : standings) {
    const bool is_read = one.reader != nullptr;
    rows.push_back({one.topic, std::to_string(one.partition.value()), text_of_offset(one.committed),
                    text_of_offset(one.end), lag_of(one), is_read ? one.reader->member_id : "-",
                    is_read ? one.reader->client_id : "-", is_read ? one.reader->client_host : "-"});
  }
  if (!standings.empty()) print_table(rows);
}

int describe(const Values& values) {
  const auto& name = value_of<std::string>(values, "group");
  return run_with_cluster("group", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    client::GroupAdmin admin(cluster);
    const auto group = admin.describe(self, name);
    if (!group) return failed(group.error());
    const auto offsets = admin.offsets(self, name);
    if (!offsets) return failed(offsets.error());
    const auto standings = standings_of(self, cluster, *group, *offsets);
    if (value_of<bool>(values, "json")) {
      std::cout << json_of(*group, standings) << "\n";
    } else {
      print_description(*group, standings);
    }
    return kExitGood;
  });
}

int remove(const Values& values) {
  const auto& name = value_of<std::string>(values, "group");
  return run_with_cluster("group", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto deleted = client::GroupAdmin(cluster).remove(self, name);
    if (!deleted) return failed(deleted.error());
    std::cout << (value_of<bool>(values, "json") ? Json{{"deleted", name}}.dump() : "deleted " + name) << "\n";
    return kExitGood;
  });
}

/// Where a group is to be put.
struct Reset {
  std::string group;
  std::optional<std::string> topic;
  std::optional<PartitionIndex> partition;
  std::string to;
};

Result<Reset> reset_of(const Values& values) {
  if (!values.contains("to")) return fail(Errc::invalid, "reset-offsets wants --to earliest, latest or a number");
  Reset reset{value_of<std::string>(values, "group"), {}, {}, value_of<std::string>(values, "to")};
  const bool is_number =
      !reset.to.empty() && reset.to.size() < 19 && reset.to.find_first_not_of("0123456789") == std::string::npos;
  if (reset.to != "earliest" && reset.to != "latest" && !is_number) {
    return fail(Errc::invalid, "--to " + reset.to + ": it is earliest, latest or a number");
  }
  if (values.contains("topic")) reset.topic = value_of<std::string>(values, "topic");
  if (values.contains("partition")) reset.partition = PartitionIndex(value_of<std::int32_t>(values, "partition"));
  return reset;
}

/// The partitions that the reset speaks of: of the topic named, or of what the group has committed.
client::Outcome<std::set<std::pair<std::string, PartitionIndex>>> places_of(env::Fiber& self, client::Cluster& cluster,
                                                                            const Reset& reset) {
  std::set<std::pair<std::string, PartitionIndex>> places;
  const auto is_meant = [&reset](PartitionIndex partition) {
    return !reset.partition || *reset.partition == partition;
  };
  if (reset.topic) {
    CLIENT_TRY_ASSIGN(const auto topic, client::Admin(cluster).describe_topic(self, *reset.topic));
    for (const auto& p : topic.partitions) {
      if (is_meant(p.partition)) places.emplace(*reset.topic, p.partition);
    }
    return places;
  }
  CLIENT_TRY_ASSIGN(const auto offsets, client::GroupAdmin(cluster).offsets(self, reset.group));
  for (const client::CommittedOffset& one : offsets) {
    if (is_meant(one.partition)) places.emplace(one.topic, one.partition);
  }
  return places;
}

/// A number is brought into what the log holds.
client::Outcome<std::vector<client::CommittedOffset>> targets_of(env::Fiber& self, client::Cluster& cluster,
                                                                 const Reset& reset) {
  CLIENT_TRY_ASSIGN(const auto places, places_of(self, cluster, reset));
  client::Admin admin(cluster);
  std::vector<client::CommittedOffset> targets;
  for (const auto& [topic, partition] : places) {
    CLIENT_TRY_ASSIGN(const auto first, admin.list_offset(self, topic, partition, client::kEarliestOffset));
    CLIENT_TRY_ASSIGN(const auto end, admin.list_offset(self, topic, partition, client::kLatestOffset));
    Offset to = reset.to == "earliest" ? first.offset : end.offset;
    if (reset.to != "earliest" && reset.to != "latest") {
      to = std::clamp(Offset(std::stoll(reset.to)), first.offset, end.offset);
    }
    targets.push_back({topic, partition, to});
  }
  return targets;
}

int reset_offsets(const Values& values) {
  const auto reset = reset_of(values);
  if (!reset) return complain("group", reset.error().text, kExitWrong);
  return run_with_cluster("group", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto targets = targets_of(self, cluster, *reset);
    if (!targets) return failed(targets.error());
    if (targets->empty()) return complain("group", "there is no such partition to reset", kExitFailed);
    if (!value_of<bool>(values, "dry-run")) {
      const auto done = client::GroupAdmin(cluster).set_offsets(self, reset->group, *targets);
      if (!done) return failed(done.error());
    }
    std::vector<std::vector<std::string>> rows = {{"TOPIC", "PARTITION", "OFFSET"}};
    for (const client::CommittedOffset& one : *targets) {
      rows.push_back({one.topic, std::to_string(one.partition.value()), std::to_string(one.offset.value())});
      if (!value_of<bool>(values, "json")) continue;
      std::cout << Json{{"topic", one.topic}, {"partition", one.partition.value()}, {"offset", one.offset.value()}}
                << "\n";
    }
    if (!value_of<bool>(values, "json")) print_table(rows);
    return kExitGood;
  });
}

}  // namespace

int run_group(Arguments arguments) {
  Syntax syntax = group_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("group", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto& verb = value_of<std::string>(*values, "verb");
  if (verb == "list") return list(*values);
  if (verb != "describe" && verb != "delete" && verb != "reset-offsets") {
    return complain("group", "'" + verb + "' is none of list, describe, delete, reset-offsets", kExitWrong);
  }
  if (!values->contains("group")) return complain("group", verb + " wants the name of a group", kExitWrong);
  return verb == "describe" ? describe(*values) : verb == "delete" ? remove(*values) : reset_offsets(*values);
}

}  // namespace gregor::program
