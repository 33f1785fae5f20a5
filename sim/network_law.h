// How a simulated network behaves when nobody breaks it, and how it breaks small things by itself. Plain values of a
// scenario.
#pragma once

#include <cstddef>

#include "sim/latency.h"

namespace gregor::sim {

struct NetworkLaw {
  Latency one_way{};   ///< between nodes; drawn anew for each piece of bytes
  Latency loopback{};  ///< within a node
  Latency resolve{};
  /// Each connection draws its send and receive buffers from these.
  std::size_t buffer_bytes_min = std::size_t{64} << 10;
  std::size_t buffer_bytes_max = std::size_t{256} << 10;
  Chance short_read{};
  Chance short_send{};
  Chance reset{};  ///< per arriving piece: the connection is reset instead
  Chance resolve_failed{};
  /// A connection whose bytes were not acknowledged for so long fails on the sender's side.
  Nanoseconds give_up_after = std::chrono::seconds(60);
  Nanoseconds syn_retry_first = std::chrono::seconds(1);  ///< doubles each time
};

/// A local network: about 100 microseconds, no faults.
NetworkLaw usual_network_law();

}  // namespace gregor::sim
