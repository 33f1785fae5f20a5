#include "quorum/voter_list.h"

#include <algorithm>

#include "client/cluster.h"

namespace gregor::quorum {

raft::VoterSet static_voters(const config::BrokerConfig& config) {
  raft::VoterSet voters;
  for (const config::Voter& listed : config.controller_quorum_voters) {
    voters.push_back({.key = {NodeId{listed.id}, {}}});
  }
  if (voters.empty() && config.is_alone()) voters.push_back({.key = {config.node_id, {}}});
  raft::sort_voters(voters);
  return voters;
}

std::vector<Address> bootstrap_addresses(const config::BrokerConfig& config) {
  std::vector<Address> addresses;
  for (const std::string& text : config.controller_quorum_bootstrap_servers) {
    const auto parsed = client::parse_bootstrap(text);
    if (!parsed) continue;
    for (const client::HostPort& at : *parsed) addresses.push_back({at.host, at.port});
  }
  return addresses;
}

std::optional<Address> address_in(const raft::Voter& voter, const config::BrokerConfig& config) {
  for (const std::string& name : config.controller_listener_names) {
    for (const raft::Endpoint& at : voter.endpoints) {
      if (at.listener == name) return Address{at.host, at.port};
    }
  }
  return std::nullopt;
}

std::vector<raft::Endpoint> own_endpoints(const config::BrokerConfig& config) {
  std::vector<raft::Endpoint> endpoints;
  for (const config::Listener& listener : config.listeners) {
    if (!config.is_controller_listener(listener)) continue;
    raft::Endpoint endpoint{listener.name, listener.host, listener.port};
    for (const config::Listener& told : config.advertised_listeners) {
      if (told.name == listener.name) endpoint = {told.name, told.host, told.port};
    }
    for (const config::Voter& voter : config.controller_quorum_voters) {
      if (NodeId{voter.id} == config.node_id && endpoint.host.empty()) endpoint.host = voter.host;
    }
    if (!endpoint.host.empty()) endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

std::string ids_text(const raft::VoterSet& voters) {
  std::string text;
  for (const raft::Voter& voter : voters) text += (text.empty() ? "" : ", ") + std::to_string(voter.key.id.value());
  return text;
}

raft::Timing timing_of(const config::BrokerConfig& config) {
  return {.election_timeout = Milliseconds(config.controller_quorum_election_timeout_ms),
          .fetch_timeout = Milliseconds(config.controller_quorum_fetch_timeout_ms),
          .election_backoff_max = Milliseconds(config.controller_quorum_election_backoff_max_ms),
          .request_timeout = Milliseconds(config.controller_quorum_request_timeout_ms),
          .retry_backoff = Milliseconds(config.controller_quorum_retry_backoff_ms)};
}

}  // namespace gregor::quorum
