// Where a node's controller listens: a host name or numeric address, and a port.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace gregor::quorum {

struct Address {
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const Address&) const = default;
};

}  // namespace gregor::quorum
