// A key that says it is honoured is read by code outside the tables, one that says it has no effect is not; nothing
// pretends.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>

#include "config/table.h"
#include "tests/house/support/finding.h"

namespace gregor::house {
namespace {

/// Keys whose member is not called as they are.
const std::map<std::string, std::string>& members_of_other_names() {
  static const std::map<std::string, std::string> table = {
      {"cleanup.policy", "cleanup_policy_(compact|delete)"},
      {"segment.bytes", "segment_bytes_in_force|segment_bytes"},
      {"internal.segment.bytes", "segment_bytes_in_force|internal_segment_bytes"},
      {"broker.id", "node_id"},
      {"log.dir", "log_dirs"},
      {"metadata.log.dir", "metadata_directory|metadata_log_dir"},
      {"replica.selector.class", "selects_by_rack|replica_selector_class"},
      {"controller.listener.names", "is_controller_listener|controller_listener_names"},
  };
  return table;
}

/// Checked where they are read, and nothing else hangs on them while a quorum is of one.
const std::vector<std::string>& keys_that_only_the_checks_read() {
  static const std::vector<std::string> keys = {"process.roles", "controller.quorum.voters",
                                                "inter.broker.listener.name", "listener.security.protocol.map"};
  return keys;
}

std::string member_of(const config::Key& key) {
  const auto other = members_of_other_names().find(std::string(key.name));
  if (other != members_of_other_names().end()) return other->second;
  std::string member(key.name);
  std::replace(member.begin(), member.end(), '.', '_');
  return member;
}

bool is_read_outside_config(const std::string& member) {
  const std::regex use("\\b(" + member + ")\\b");
  return std::any_of(all_sources().begin(), all_sources().end(), [&](const SourceFile& file) {
    const bool counts = (file.is_below("core/") || file.is_below("runtime/")) && !file.is_below("core/config/");
    return counts && std::regex_search(file.code, use);
  });
}

void expect_truth(const config::Key& key, const std::string& member) {
  const auto& checked = keys_that_only_the_checks_read();
  if (std::find(checked.begin(), checked.end(), key.name) != checked.end()) return;
  if (key.support == config::Support::accepted) {
    EXPECT_FALSE(is_read_outside_config(member))
        << key.name << " is told to have no effect, and code reads " << member << ": mark it honoured in core/config";
  }
  if (key.support != config::Support::honoured) return;
  EXPECT_TRUE(is_read_outside_config(member)) << key.name << " is marked honoured, but no code reads " << member
                                              << ": honour it, or mark it accepted or refused in core/config";
}

TEST(Settings, HonouredKeysAreReadByCodeAndOthersAreNot) {
  for (const config::Key* key : config::all_broker_keys()) {
    if (key->synonyms.empty() && !key->name.starts_with("log.retention.") && !key->name.starts_with("log.roll."))
      expect_truth(*key, member_of(*key));
  }
  for (const config::Key& key : config::topic_keys()) expect_truth(key, member_of(key));
  for (const config::Key& key : config::gregor_keys()) expect_truth(key, member_of(key));
}

}  // namespace
}  // namespace gregor::house
