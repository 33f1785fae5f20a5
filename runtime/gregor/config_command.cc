// gregor config describe|alter topic|broker|cluster|group|client-metrics [NAME]: settings through the admin client.
// A table, or JSON with --json. `describe` shows what was set; --all shows defaults too.
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
using client::ConfigRow;
using client::ConfigTarget;

constexpr std::int8_t kDefaultSource = 5;

Syntax config_syntax() {
  Syntax syntax{"gregor config describe|alter topic|broker|cluster|group|client-metrics [NAME] [options]"};
  syntax.options.add_options()                                                                         //
      ("verb", po::value<std::string>()->required(), "describe or alter")                              //
      ("kind", po::value<std::string>()->required(), "topic, broker, cluster, group, client-metrics")  //
      ("name", po::value<std::string>(), "of the topic, broker, ...; cluster has none")                //
      ("all,a", po::bool_switch(), "describe: defaults too")                                           //
      ("validate-only", po::bool_switch(), "alter: check, and change nothing")                         //
      ("json", po::bool_switch(), "print JSON");
  add_edit_options(syntax);
  add_connection_options(syntax);
  syntax.words.add("verb", 1).add("kind", 1).add("name", 1);
  return syntax;
}

Result<ConfigTarget> read_target(const Values& values) {
  using TargetKind = ConfigTarget::Kind;
  static const std::map<std::string, TargetKind> kKinds = {{"topic", TargetKind::topic},
                                                           {"broker", TargetKind::broker},
                                                           {"cluster", TargetKind::broker},
                                                           {"group", TargetKind::group},
                                                           {"client-metrics", TargetKind::client_metrics}};
  const auto& word = value_of<std::string>(values, "kind");
  const auto kind = kKinds.find(word);
  if (kind == kKinds.end()) {
    return fail(Errc::invalid, "'" + word + "' is none of topic, broker, cluster, group, client-metrics");
  }
  const bool has_name = values.contains("name");
  if (word == "cluster" && has_name) return fail(Errc::invalid, "a cluster has no name here");
  if (word != "cluster" && !has_name) return fail(Errc::invalid, word + " wants a name");
  return ConfigTarget{.kind = kind->second, .name = has_name ? value_of<std::string>(values, "name") : ""};
}

std::string shown(const ConfigRow& row) {
  return row.is_sensitive ? "(hidden)" : row.value.value_or("(none)");
}

Json json_of(const ConfigRow& row) {
  Json synonyms = Json::array();
  for (const auto& synonym : row.synonyms) {
    synonyms.push_back({{"name", synonym.name},
                        {"value", synonym.value ? Json(*synonym.value) : Json()},
                        {"source", client::name_of_config_source(synonym.source)}});
  }
  return {{"name", row.name},
          {"value", row.value ? Json(*row.value) : Json()},
          {"source", client::name_of_config_source(row.source)},
          {"read_only", row.read_only},
          {"sensitive", row.is_sensitive},
          {"synonyms", synonyms}};
}

void print(const std::vector<ConfigRow>& rows, bool all, bool as_json) {
  TextTable table({"KEY", "VALUE", "SOURCE", "CHANGES"});
  for (const ConfigRow& row : rows) {
    if (!all && row.source == kDefaultSource) continue;
    if (as_json) {
      std::cout << json_of(row) << "\n";
    } else {
      table.add({row.name, shown(row), std::string(client::name_of_config_source(row.source)),
                 row.read_only ? "at start" : "live"});
    }
  }
  if (as_json) return;
  if (table.empty()) {
    std::cout << "nothing is set; --all shows the defaults\n";
  } else {
    table.print(std::cout);
  }
}

int describe(const Values& values, const ConfigTarget& target) {
  return run_with_cluster("config", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto rows = client::Admin(cluster).describe_configs(self, target);
    if (!rows) return complain("config", rows.error().to_text(), kExitFailed);
    print(*rows, value_of<bool>(values, "all"), value_of<bool>(values, "json"));
    return kExitGood;
  });
}

int alter(const Values& values, const ConfigTarget& target) {
  const auto edits = read_edits(values);
  if (!edits) return complain("config", edits.error().text, kExitWrong);
  if (edits->empty()) return complain("config", "alter wants --set or --delete", kExitWrong);
  const bool validate_only = value_of<bool>(values, "validate-only");
  return run_with_cluster("config", values, [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto altered = client::Admin(cluster).alter_configs(self, target, *edits, validate_only);
    if (!altered) return complain("config", altered.error().to_text(), kExitFailed);
    const char* done = validate_only ? "valid" : "altered";
    if (value_of<bool>(values, "json")) {
      std::cout << Json{{done, edits->size()}} << "\n";
    } else {
      std::cout << done << " settings=" << edits->size() << "\n";
    }
    return kExitGood;
  });
}

}  // namespace

int run_config(Arguments arguments) {
  Syntax syntax = config_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("config", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto& verb = value_of<std::string>(*values, "verb");
  if (verb != "describe" && verb != "alter") {
    return complain("config", "'" + verb + "' is none of describe, alter", kExitWrong);
  }
  const auto target = read_target(*values);
  if (!target) return complain("config", target.error().text, kExitWrong);
  return verb == "describe" ? describe(*values, *target) : alter(*values, *target);
}

}  // namespace gregor::program
