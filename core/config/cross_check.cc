#include "config/cross_check.h"

#include <algorithm>
#include <map>
#include <string>

#include "config/value.h"

namespace gregor::config {
namespace {

using ProtocolMap = std::map<std::string, std::string, std::less<>>;

/// "NAME:PROTOCOL,..." over Kafka's default, where every protocol is a listener name too.
Result<ProtocolMap> parse_protocol_map(std::string_view text) {
  ProtocolMap protocols;
  const std::string_view usual = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT";
  for (const std::string& element : parse_list(text.empty() ? usual : text)) {
    const auto colon = element.find(':');
    if (colon == std::string::npos) {
      return fail(Errc::invalid, "listener.security.protocol.map: '" + element + "' wants NAME:PROTOCOL");
    }
    protocols[upper_case(trimmed(element.substr(0, colon)))] = upper_case(trimmed(element.substr(colon + 1)));
  }
  return protocols;
}

Result<void> check_protocol_of(const Listener& listener, const BrokerConfig& broker, const ProtocolMap& protocols,
                               bool map_was_set) {
  const auto found = protocols.find(listener.name);
  if (found == protocols.end()) {
    if (!map_was_set && broker.is_controller_listener(listener))
      return {};  // as in Kafka: PLAINTEXT goes without saying
    return fail(Errc::invalid,
                "listener.security.protocol.map does not say what listener " + listener.name + " speaks");
  }
  if (found->second == "PLAINTEXT") return {};
  return fail(Errc::unsupported, "listener " + listener.name + " speaks " + found->second +
                                     ", which is not built: PLAINTEXT is (listeners, listener.security.protocol.map)");
}

Result<void> check_listeners(const BrokerConfig& broker, std::string_view protocol_map) {
  TRY_ASSIGN(const ProtocolMap protocols, parse_protocol_map(protocol_map));
  for (const Listener& listener : broker.listeners) {
    TRY(check_protocol_of(listener, broker, protocols, !protocol_map.empty()));
  }
  const auto controllers = std::count_if(broker.listeners.begin(), broker.listeners.end(),
                                         [&](const Listener& l) { return broker.is_controller_listener(l); });
  const auto all = static_cast<std::ptrdiff_t>(broker.listeners.size());
  if (broker.is_broker && controllers == all) {
    return fail(Errc::invalid, "listeners holds none for clients: each one is named by controller.listener.names");
  }
  const auto tells_host = [&](const Listener& l) { return broker.is_controller_listener(l) && !l.host.empty(); };
  const bool is_reachable =
      std::any_of(broker.listeners.begin(), broker.listeners.end(), tells_host) ||
      std::any_of(broker.advertised_listeners.begin(), broker.advertised_listeners.end(), tells_host);
  if (broker.gregor_initial_standalone && !is_reachable) {
    return fail(Errc::invalid,
                "gregor.initial.standalone: listeners or advertised.listeners must say at which host others reach one "
                "of controller.listener.names");
  }
  if (!broker.is_broker && controllers < all) {
    return fail(Errc::invalid,
                "listeners: with process.roles=controller each one must be of controller.listener.names");
  }
  if (!broker.is_controller && controllers > 0) {
    return fail(Errc::invalid, "listeners: with process.roles=broker none may be one of controller.listener.names");
  }
  if (broker.is_controller && !broker.is_alone() && controllers == 0) {
    return fail(
        Errc::invalid,
        "listeners: one must be of controller.listener.names, for the other voters of controller.quorum.voters");
  }
  return {};
}

bool has_listener(const BrokerConfig& broker, std::string_view name) {
  return std::any_of(broker.listeners.begin(), broker.listeners.end(),
                     [&](const Listener& l) { return l.name == name; });
}

Result<void> check_advertised(const BrokerConfig& broker) {
  for (const Listener& listener : broker.advertised_listeners) {
    if (!has_listener(broker, listener.name) && !broker.is_controller_listener(listener)) {
      return fail(Errc::invalid, "advertised.listeners names " + listener.name + ", which is none of listeners");
    }
    if (listener.host.empty() || listener.host == "0.0.0.0" || listener.host == "::") {
      return fail(Errc::invalid,
                  "advertised.listeners: " + to_text(listener) + " is no address that a client can reach");
    }
  }
  const std::string& between = broker.inter_broker_listener_name;
  if (!between.empty() && !has_listener(broker, between)) {
    return fail(Errc::invalid, "inter.broker.listener.name=" + between + " is none of listeners");
  }
  return {};
}

/// Kafka's rules of roles and voters.
Result<void> check_quorum(const BrokerConfig& broker) {
  const std::vector<Voter>& voters = broker.controller_quorum_voters;
  const bool is_voter =
      std::any_of(voters.begin(), voters.end(), [&](const Voter& v) { return v.id == broker.node_id.value(); });
  const std::string id = std::to_string(broker.node_id.value());
  if (broker.is_controller && !voters.empty() && !is_voter) {
    return fail(Errc::invalid, "controller.quorum.voters does not name this node, node.id=" + id);
  }
  if (broker.gregor_initial_standalone && (!broker.is_controller || !voters.empty())) {
    return fail(Errc::invalid,
                "gregor.initial.standalone is for a controller without controller.quorum.voters: the log is to name "
                "its voters");
  }
  if (broker.is_controller) return {};
  if (broker.controller_quorum_auto_join_enable) {
    return fail(Errc::invalid, "controller.quorum.auto.join.enable is for controllers, and process.roles of node.id=" +
                                   id + " lacks controller: remove the key");
  }
  if (is_voter) {
    return fail(Errc::invalid,
                "controller.quorum.voters names this node, node.id=" + id + ", whose process.roles lacks controller");
  }
  if (voters.empty() && broker.controller_quorum_bootstrap_servers.empty()) {
    return fail(Errc::invalid,
                "process.roles=broker: controller.quorum.voters or controller.quorum.bootstrap.servers must say where "
                "the controllers are");
  }
  return {};
}

Result<void> check_http_listener(const BrokerConfig& broker) {
  if (broker.gregor_http_listener.empty()) return {};
  if (auto at = parse_listener("http://" + broker.gregor_http_listener); !at)
    return fail(Errc::invalid,
                "gregor.http.listener wants host:port or :port, not '" + broker.gregor_http_listener + "'");
  return {};
}

/// Kafka loads any class.
Result<void> check_selector(const BrokerConfig& broker) {
  const std::string& selector = broker.replica_selector_class;
  if (selector.empty() || selector == kLeaderSelector || selector == kRackAwareSelector) return {};
  return fail(Errc::unsupported, "replica.selector.class=" + selector + " is no class of Gregor's: it wants " +
                                     std::string(kRackAwareSelector) + " or " + std::string(kLeaderSelector));
}

/// Or a request as large as is allowed could never be read.
Result<void> check_request_bytes(const BrokerConfig& broker) {
  const std::int64_t queued = broker.queued_max_request_bytes;
  if (queued <= 0 || queued >= broker.socket_request_max_bytes) return {};
  return fail(Errc::invalid, "queued.max.request.bytes=" + std::to_string(queued) +
                                 " must be socket.request.max.bytes=" +
                                 std::to_string(broker.socket_request_max_bytes) + " at least, or -1");
}

}  // namespace

Result<void> check_across_keys(const BrokerConfig& broker, std::string_view protocol_map) {
  TRY(check_quorum(broker));
  TRY(check_listeners(broker, protocol_map));
  TRY(check_http_listener(broker));
  TRY(check_request_bytes(broker));
  TRY(check_selector(broker));
  return check_advertised(broker);
}

}  // namespace gregor::config
