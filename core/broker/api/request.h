// One request as its handler sees it, and the tools that all handlers share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker_shard.h"
#include "broker/connection.h"
#include "broker/reply.h"
#include "wire/error_code.h"
#include "wire/frame.h"

namespace gregor::broker::api {

/// decode() by the overload of the message's own namespace.
template <class Message>
Result<void> decode_message(wire::Reader& from, Message& into, std::int16_t version) {
  return decode(from, into, version);
}

struct Request {
  wire::RequestHeader header;  ///< borrows from the frame
  Bytes body;
  InFlight& in_flight;
  const ClientPlace& client;
  BrokerShard& shard;
  bool is_forwarded = false;       ///< it came in an Envelope: a broker has checked what brokers check
  bool met_no_controller = false;  ///< refusal_of() said so

  [[nodiscard]] std::int16_t version() const { return header.request_api_version; }

  /// Bytes behind the last field are ignored, as Kafka does. Errors: malformed, naming field and position.
  template <class Message>
  Result<Message> decode() const {
    wire::Reader from(body);
    Message message;
    TRY(decode_message(from, message, version()));
    return message;
  }
  template <class Response>
  Result<Reply> answer(const Response& response, std::vector<std::shared_ptr<const void>> keeps = {}) const {
    return make_reply(header.correlation_id, response, version(), std::move(keeps));
  }
};

/// What is answered where the controller decided nothing: NOT_CONTROLLER where it is not the active one,
/// REQUEST_TIMED_OUT while the node stops and else.
wire::ErrorCode refusal_of(Request& request, const Error& failure);
/// As refusal_of(), STALE_BROKER_EPOCH for a broker's request whose epoch is not the registered one, and
/// KAFKA_STORAGE_ERROR where the controller's disk is full.
wire::ErrorCode refusal_of_broker(Request& request, const Error& failure);

/// Suspends where it must. An error ends the connection.
using Handler = Result<Reply> (*)(env::Fiber& self, Request& request);

inline constexpr std::int16_t code(wire::ErrorCode error) {
  return wire::wire_code(error);
}

/// Partitions that one request may name: each costs some hundred bytes of work, whatever it cost in the frame. Beyond
/// it the connection ends.
inline constexpr std::size_t kPartitionsPerRequestMax = 200'000;
/// Errors: limit.
Result<void> check_partition_count(std::size_t count);

/// A broker as one client is told of it: this node by the address the client came by (or the advertised one of that
/// listener), others by what they registered.
struct BrokerAddress {
  NodeId id;
  std::string host;
  std::uint16_t port = 0;
  std::optional<std::string> rack;
  bool is_fenced = false;
};
/// In order of ids.
std::vector<BrokerAddress> brokers_for(const Request& request, const metadata::Image& image, bool with_fenced);
/// None where it is unknown or fenced.
std::optional<BrokerAddress> broker_for(const Request& request, const metadata::Image& image, NodeId id);

/// Bit sets of operations that a client may do where no authorizer is at work.
inline constexpr std::int32_t kAllTopicOperations = 3576;
inline constexpr std::int32_t kAllClusterOperations = 8096;

}  // namespace gregor::broker::api
