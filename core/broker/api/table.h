// The APIs that this broker serves, and the way of a request to its handler.
#pragma once

#include <cstdint>
#include <span>

#include "broker/api/request.h"
#include "wire/api_keys.h"

namespace gregor::broker::api {

struct ApiHandler {
  wire::ApiKey key;
  std::int16_t version_min;  ///< served; what is advertised may begin lower (wire::ApiRow)
  std::int16_t version_max;
  Handler handle;
  bool advertised = true;  ///< to clients; some are answered and not told of, as in Kafka
};

/// In the order of keys. What is not in it is not advertised, and ends a connection that asks for it.
std::span<const ApiHandler> served_apis();
/// Null where the key is not served.
const ApiHandler* find_api_handler(std::int16_t key);

/// Reads the header. True for a Produce. Errors: malformed, unsupported (key or version, ApiVersions excepted).
Result<bool> admit(Bytes frame);
/// Suspends. An error ends the connection.
Result<Reply> serve(env::Fiber& self, BrokerShard& shard, const ClientPlace& client, InFlight& in_flight);

}  // namespace gregor::broker::api
