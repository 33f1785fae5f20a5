// ControllerLink: how the code of one shard speaks to the active controller, whichever node that is: through the same
// handlers, in place where this node's controller decides, over a connection where another's does.
//
// Promises: what comes back is the answer of a controller that held itself to be active; NOT_CONTROLLER, and links that
// fail before their request was written, are tried anew (at the new controller as soon as it is known) until the
// deadline. A request whose link broke under way is sent again too: controllers decide the same of it twice, or say
// that it was done. One connection for each shard, made when it is needed. Never decides anything itself.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "broker/lifecycle.h"
#include "client/connection.h"
#include "controller/image_feed.h"
#include "env/fiber.h"
#include "env/wait.h"
#include "wire/error_code.h"
#include "wire/frame.h"

namespace gregor::broker {

class BrokerShard;

/// Where a node's controller listener is: a name or a numeric address.
struct ControllerAddress {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const ControllerAddress&) const = default;
};

/// Who serves under which address. Asked on any shard; never suspends.
class ControllerDirectory {
 public:
  ControllerDirectory() = default;
  ControllerDirectory(const ControllerDirectory&) = delete;
  ControllerDirectory& operator=(const ControllerDirectory&) = delete;
  virtual ~ControllerDirectory() = default;
  /// Of the controller `node`, none where it is unknown. `shard` is the asker's.
  [[nodiscard]] virtual std::optional<ControllerAddress> address_of(const BrokerShard& shard, NodeId node) const = 0;
};

/// controller.quorum.voters, else what controllers have registered in the image (KIP-919).
class ConfiguredControllers final : public ControllerDirectory {
 public:
  [[nodiscard]] std::optional<ControllerAddress> address_of(const BrokerShard& shard, NodeId node) const override;
};

class ControllerLink {
 public:
  explicit ControllerLink(BrokerShard& shard) : shard_(shard) {}
  ControllerLink(const ControllerLink&) = delete;
  ControllerLink& operator=(const ControllerLink&) = delete;

  /// True where this node's controller decides, as this shard knows.
  [[nodiscard]] bool is_here() const;

  /// `request` at the highest version that both sides know. Suspends. Errors: timed_out (nobody decided until
  /// `deadline`; the last failure is in the text), closed (this node stops), malformed. Throws Cancelled.
  template <class Response, class Request>
  Result<client::Reply<Response>> call(env::Fiber& self, const Request& request, MonotonicTime deadline) {
    Tries tries(deadline);
    for (;;) {
      auto reply = try_once<Response>(self, request, tries);
      if (reply && !is_not_controller(*reply)) return std::move(*reply);
      TRY(wait_for_better(self, tries, reply ? kDeposed : reply.error().text));
    }
  }

  /// Hands a whole request, header and body behind the size, to the active controller in an Envelope (KIP-590) and
  /// returns its whole answer behind the size, under the correlation id that the header has. Suspends. Errors: as
  /// call(), unsupported (the controller does not take it).
  Result<ByteBuffer> forward(env::Fiber& self, Bytes request, const std::string& client_address,
                             MonotonicTime deadline);

  /// Closes the connection; calls fail from now on. For a node that stops.
  void close();

 private:
  static constexpr const char* kDeposed = "the controller that was asked is not active";
  struct Tries {
    explicit Tries(MonotonicTime last) : deadline(last) {}
    MonotonicTime deadline;
    controller::QuorumLeader asked;  ///< whom the last try went to
  };

  template <class Body>
  static bool is_not_controller(const client::Reply<Body>& reply) {
    return wire::error_code_of(code_in(reply.body)) == wire::ErrorCode::not_controller;
  }
  /// Of a response without a code for the whole, that of its first topic.
  template <class Body>
  static std::int16_t code_in(const Body& body) {
    if constexpr (requires { body.error_code; }) {
      return body.error_code;
    } else {
      return body.topics.empty() ? std::int16_t{0} : body.topics.front().error_code;
    }
  }

  template <class Response, class Request>
  Result<client::Reply<Response>> try_once(env::Fiber& self, const Request& request, Tries& tries) {
    tries.asked = leader();
    if (tries.asked.is_here) {
      wire::RequestHeader header;
      header.request_api_version = Request::kVersionMax;
      TRY_ASSIGN(const ByteBuffer frame, wire::encode_request_frame(header, request));
      TRY_ASSIGN(ByteBuffer answer, serve_here(self, Bytes(frame)));
      return settled(client::Connection::decode_reply<Response>(std::move(answer), Request::kVersionMax));
    }
    TRY_ASSIGN(const auto connection, connect(self, tries.deadline));
    return settled(connection->template ask<Request, Response>(self, request));
  }
  template <class T>
  static Result<T> settled(client::Outcome<T> outcome) {
    if (outcome) return std::move(*outcome);
    return fail(outcome.error().error.code, outcome.error().to_text());
  }

  [[nodiscard]] const controller::QuorumLeader& leader() const;
  /// `frame` with its size in front. The answer is without one.
  Result<ByteBuffer> serve_here(env::Fiber& self, Bytes frame);
  Result<std::shared_ptr<client::Connection>> connect(env::Fiber& self, MonotonicTime deadline);
  /// Until another leader is known, or for a while. Errors: timed_out at the deadline, closed.
  Result<void> wait_for_better(env::Fiber& self, const Tries& tries, const std::string& why);

  BrokerShard& shard_;
  std::shared_ptr<client::Connection> connection_;
  NodeId connected_to_{-1};
  env::FiberMutex connecting_;
  bool closed_ = false;
};

/// A broker's life speaks through a link.
class LinkedController final : public ControllerCalls {
 public:
  explicit LinkedController(ControllerLink& link) : link_(link) {}
  Result<wire::BrokerRegistrationResponse> register_broker(env::Fiber& self,
                                                           const wire::BrokerRegistrationRequest& request,
                                                           MonotonicTime deadline) override;
  Result<wire::BrokerHeartbeatResponse> heartbeat(env::Fiber& self, const wire::BrokerHeartbeatRequest& request,
                                                  MonotonicTime deadline) override;

 private:
  ControllerLink& link_;
};

}  // namespace gregor::broker
