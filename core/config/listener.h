// Listener text: "PLAINTEXT://host:port", "CONTROLLER://[::1]:9093", "PLAINTEXT://:9092". A value; no name is resolved
// here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gregor::config {

struct Listener {
  std::string name;        ///< upper case, as the protocol map names it
  std::string host;        ///< without brackets; empty: all addresses, IPv4 and IPv6
  std::uint16_t port = 0;  ///< 0: the system chooses
  auto operator<=>(const Listener&) const = default;
};
/// "NAME://host:port", brackets around an IPv6 host.
std::string to_text(const Listener& listener);

/// Requires NAME://[host]:port. Errors: invalid, naming the text and what is wrong with it.
Result<Listener> parse_listener(std::string_view text);
/// Comma separated. Names are distinct; so are ports, port 0 and two hosts of different families excepted.
Result<std::vector<Listener>> parse_listeners(std::string_view text);

/// One voter of controller.quorum.voters: "1@host:9093".
struct Voter {
  std::int32_t id = 0;
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const Voter&) const = default;
};
Result<std::vector<Voter>> parse_voters(std::string_view text);

/// What a node tells a client of listener `name`. Without advertised.listeners that is the address on which the
/// client's own connection arrived (`local_host`, `local_port`); an advertised listener of that name stands before it.
Listener advertised_to(std::span<const Listener> advertised, std::string_view name, std::string_view local_host,
                       std::uint16_t local_port);

}  // namespace gregor::config
