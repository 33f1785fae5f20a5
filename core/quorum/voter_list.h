// What the configuration says of the quorum: its static voters, where they and the bootstrap servers listen, and where
// this node's own controller does. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/broker_config.h"
#include "quorum/address.h"
#include "raft/fsm.h"
#include "raft/voters.h"

namespace gregor::quorum {

/// controller.quorum.voters, whose directories nobody knows. Without it a controller that is alone is the only voter;
/// else none.
raft::VoterSet static_voters(const config::BrokerConfig& config);
/// controller.quorum.bootstrap.servers; what does not parse is left out (the configuration was checked).
std::vector<Address> bootstrap_addresses(const config::BrokerConfig& config);
/// Of the voter's listeners the first that is named in our controller.listener.names.
std::optional<Address> address_in(const raft::Voter& voter, const config::BrokerConfig& config);
/// Our controller's listeners, under the addresses that we tell; those without a host are left out, unless
/// controller.quorum.voters names it.
std::vector<raft::Endpoint> own_endpoints(const config::BrokerConfig& config);
/// "1, 2, 3", for who reads a line.
std::string ids_text(const raft::VoterSet& voters);
/// controller.quorum.*.ms.
raft::Timing timing_of(const config::BrokerConfig& config);

}  // namespace gregor::quorum
