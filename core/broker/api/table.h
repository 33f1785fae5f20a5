// The APIs that this broker serves, and the way of a request to its handler.
#pragma once

#include <cstdint>
#include <span>

#include "broker/api/request.h"
#include "wire/api_keys.h"

namespace gregor::broker::api {

/// Who decides what clients ask: the node that was asked, or the active controller, which a node that is not it
/// forwards to; in part where the asked broker checks something first and forwards the rest itself.
enum class Decided : unsigned char { here, by_controller, in_part };

struct ApiHandler {
  wire::ApiKey key;
  std::int16_t version_min;  ///< served; what is advertised may begin lower (wire::ApiRow)
  std::int16_t version_max;
  Handler handle;
  bool advertised = true;  ///< to clients; some are answered and not told of, as in Kafka
  Decided decided = Decided::here;
};

/// In the order of keys, by the listener that is asked. What is not in it is not advertised, and ends a connection that
/// asks for it.
std::span<const ApiHandler> served_apis(Side side = Side::clients);
/// Null where the key is not served.
const ApiHandler* find_api_handler(std::int16_t key, Side side = Side::clients);

/// Reads the header. True for a Produce. Errors: malformed, unsupported (key or version, ApiVersions excepted).
Result<bool> admit(Bytes frame, Side side = Side::clients);
/// The seam between deciding here and forwarding: what a client asks of the active controller goes there where another
/// node's is active. Suspends. An error ends the connection.
Result<Reply> serve(env::Fiber& self, BrokerShard& shard, const ClientPlace& client, InFlight& in_flight);

}  // namespace gregor::broker::api
