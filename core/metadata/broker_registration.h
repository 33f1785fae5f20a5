// Who is registered with the controller: brokers and controllers, with their addresses, features and directories.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace gregor::metadata {

/// A listener as others reach it.
struct Endpoint {
  std::string name = {};  ///< of the listener: "PLAINTEXT"
  std::string host = {};
  std::uint16_t port = 0;
  std::int16_t security_protocol = 0;  ///< 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL
  auto operator<=>(const Endpoint&) const = default;
};

struct VersionRange {
  std::int16_t lowest = 0;
  std::int16_t highest = 0;
  auto operator<=>(const VersionRange&) const = default;
};
using SupportedFeatures = std::map<std::string, VersionRange>;

struct BrokerRegistration {
  NodeId id = {};
  BrokerEpoch epoch{-1};  ///< offset of the record that registered this incarnation
  Uuid incarnation_id = {};
  std::vector<Endpoint> listeners = {};
  SupportedFeatures features = {};
  std::optional<std::string> rack = {};
  bool fenced = true;  ///< a fenced broker leads nothing and is not shown to clients
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs = {};  ///< directory ids, sorted
  std::vector<Uuid> cordoned_log_dirs = {};
  bool operator==(const BrokerRegistration&) const = default;
};

struct ControllerRegistration {
  NodeId id = {};
  Uuid incarnation_id = {};
  std::vector<Endpoint> listeners = {};
  SupportedFeatures features = {};
  bool operator==(const ControllerRegistration&) const = default;
};

}  // namespace gregor::metadata
