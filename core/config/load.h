// Settings as text to a BrokerConfig: where unknown names, wrong values and keys that are not built are told.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/broker_config.h"

namespace gregor::config {

/// One setting and where it came from.
struct Assignment {
  std::string key;
  std::string value;
  std::string origin;  ///< "server.properties:12", "--set"
};

/// "key=value" of the command line; blanks around either are dropped. Errors: invalid.
Result<Assignment> parse_assignment(std::string_view text, std::string_view origin);
/// The text of a properties file; `name` stands in the origins. Errors: as parse_properties().
Result<std::vector<Assignment>> assignments_of(std::string_view properties, std::string_view name);

struct LoadOptions {
  bool tolerate_unknown_config = false;  ///< an unknown key is a warning instead of an error
};
struct LoadedBrokerConfig {
  BrokerConfig broker;
  std::vector<std::string> warnings;    ///< one sentence each: unknown keys, keys without effect here
  std::vector<Assignment> assignments;  ///< what was set, the last of each key, sorted by key
};

/// The last of several assignments of a key wins. Errors: invalid or unsupported, one sentence naming origin, key,
/// value and what is allowed.
Result<LoadedBrokerConfig> load_broker_config(std::span<const Assignment> assignments, LoadOptions options = {});

}  // namespace gregor::config
