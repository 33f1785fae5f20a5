// Connection: one link to one broker. Frames go out in the order of start(), answers come back in that order; several
// requests may be under way at once. A link that failed or was late is dead: whoever waits is told, and the owner makes
// a new one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "client/outcome.h"
#include "env/shard.h"
#include "wire/frame.h"

namespace gregor::client {

struct LinkSettings {
  std::string client_id = "gregor";
  Milliseconds connect_timeout{10'000};
  Milliseconds request_timeout{30'000};
  std::size_t in_flight_max = 5;                ///< start() suspends beyond it
  std::size_t response_bytes_max = 128u << 20;  ///< a longer answer kills the link
};

/// A request on its way. Shared by the link and by whoever waits for the answer.
class Call {
 public:
  [[nodiscard]] bool is_done() const { return done_; }
  /// Suspends until done: the frame behind its size, header included. Call once. Throws Cancelled.
  Outcome<ByteBuffer> await(env::Fiber& self);

 private:
  friend class Connection;
  void finish(Outcome<ByteBuffer> outcome);

  bool done_ = false;
  std::int32_t correlation_id_ = 0;
  env::TimerId timer_ = 0;
  Outcome<ByteBuffer> outcome_ = ByteBuffer{};
  env::WaitQueue waiting_;
  std::function<void()> when_done_;
};

/// An answer and the frame that it borrows from.
template <class Response>
struct Reply {
  ByteBuffer frame;
  Response body;
};

class Connection {
 public:
  /// Connects and asks for the broker's API versions. Suspends. A failure has fate `failed`. Throws Cancelled.
  static Outcome<std::shared_ptr<Connection>> open(env::Fiber& self, env::Shard& shard, const env::Endpoint& to,
                                                   const LinkSettings& settings);
  /// Closes; calls under way end with fate unknown. Does not suspend.
  ~Connection();

  /// Sends a request and waits for its answer. Suspends. Throws Cancelled.
  template <class Request, class Response>
  Outcome<Reply<Response>> ask(env::Fiber& self, const Request& request) {
    CLIENT_TRY_ASSIGN(const std::int16_t version,
                      version_of(Request::kApiKey, Request::kVersionMin, Request::kVersionMax));
    CLIENT_TRY_ASSIGN(const std::shared_ptr<Call> call, start(self, request, version));
    CLIENT_TRY_ASSIGN(ByteBuffer frame, call->await(self));
    return decode_reply<Response>(std::move(frame), version);
  }

  /// Sends a request; returns once it is written. `when_done` is called (not on the caller's fiber; it must not
  /// suspend) when the answer or the link's end came. `expects_answer` is false for acks=0: the call is done at once,
  /// with an empty frame. A failure has fate `failed` when no byte was written, else unknown.
  template <class Request>
  Outcome<std::shared_ptr<Call>> start(env::Fiber& self, const Request& request, std::int16_t version,
                                       std::function<void()> when_done = {}, bool expects_answer = true) {
    const std::int32_t correlation_id = next_correlation_id();
    wire::RequestHeader header;
    header.request_api_version = version;
    header.correlation_id = correlation_id;
    header.client_id = client_id();
    auto frame = wire::encode_request_frame(header, request);
    if (!frame) return failed(std::move(frame.error()), Fate::failed);
    return send(self, std::move(*frame), correlation_id, std::move(when_done), expects_answer);
  }

  /// Takes an answer apart. A malformed one is a failure of unknown fate.
  template <class Response>
  static Outcome<Reply<Response>> decode_reply(ByteBuffer frame, std::int16_t version) {
    Reply<Response> reply{std::move(frame), {}};
    wire::Reader from{Bytes(reply.frame)};
    auto header = wire::decode_response_header(from, Response::kApiKey, version);
    if (!header) return failed(std::move(header.error()), Fate::unknown);
    if (auto decoded = decode(from, reply.body, version); !decoded)
      return failed(std::move(decoded.error()), Fate::unknown);
    if (auto finished = from.finish(); !finished) return failed(std::move(finished.error()), Fate::unknown);
    return reply;
  }

  /// The highest version that both sides know. Failure: unsupported.
  [[nodiscard]] Outcome<std::int16_t> version_of(wire::ApiKey key, std::int16_t ours_min, std::int16_t ours_max) const;
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] const env::Endpoint& peer() const;
  /// Ends the link now; whoever waits is told.
  void close();

 private:
  struct State;
  explicit Connection(std::shared_ptr<State> state);
  static void read_answers(env::Fiber& self, const std::shared_ptr<State>& state);
  [[nodiscard]] std::int32_t next_correlation_id();
  [[nodiscard]] std::string_view client_id() const;
  Outcome<std::shared_ptr<Call>> send(env::Fiber& self, ByteBuffer frame, std::int32_t correlation_id,
                                      std::function<void()> when_done, bool expects_answer);
  Outcome<void> learn_versions(env::Fiber& self);

  std::shared_ptr<State> state_;
};

}  // namespace gregor::client
