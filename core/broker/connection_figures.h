// ConnectionFigures: what one open connection has to say of itself, for those who look for the client that does it. A
// value: counters and names, nothing the broker depends on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/time.h"

namespace gregor::broker {

/// Of a name that a client gives, as many characters are kept.
inline constexpr std::size_t kClientTextMax = 255;

struct ConnectionFigures {
  std::uint64_t number = 0;  ///< in the order of their coming, over all shards
  std::string listener;
  std::string peer;              ///< "address:port"
  std::string client_id;         ///< of the last request; empty: none was told
  std::string software_name;     ///< as ApiVersions told it (KIP-511); empty before
  std::string software_version;  ///< likewise
  std::uint64_t requests = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::size_t in_flight = 0;
  std::size_t unsent_bytes = 0;  ///< of answers that the peer has not taken yet
  Milliseconds open_for{0};
  Milliseconds idle_for{0};  ///< since bytes last went either way
};

}  // namespace gregor::broker
