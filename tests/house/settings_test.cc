// A key that says it is honoured is read by code outside the tables, one that says it has no effect is not; nothing
// pretends.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <sstream>

#include "config/table.h"
#include "tests/house/support/finding.h"

namespace gregor::house {
namespace {

/// Keys whose member is not called as they are.
const std::map<std::string, std::string>& members_of_other_names() {
  static const std::map<std::string, std::string> table = {
      {"cleanup.policy", "cleanup_policy_compact|cleanup_policy_delete"},
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

/// Every word of the code of core and runtime, but for core/config.
const std::set<std::string, std::less<>>& words_outside_config() {
  static const auto all = [] {
    std::set<std::string, std::less<>> words;
    const auto is_of_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (const SourceFile& file : all_sources()) {
      if ((!file.is_below("core/") && !file.is_below("runtime/")) || file.is_below("core/config/")) continue;
      for (auto at = file.code.begin(); at != file.code.end();) {
        const auto begin = std::find_if(at, file.code.end(), is_of_word);
        at = std::find_if_not(begin, file.code.end(), is_of_word);
        if (begin != at) words.emplace(begin, at);
      }
    }
    return words;
  }();
  return all;
}

/// `member`: names between bars, one of which suffices.
bool is_read_outside_config(const std::string& member) {
  std::istringstream names(member);
  for (std::string name; std::getline(names, name, '|');) {
    if (words_outside_config().contains(name)) return true;
  }
  return false;
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
