// HttpDoor: a small HTTP/1.1 server on a shard's network, for figures and probes: GET and HEAD of a path, answered by a
// function. Parsing is Boost.Beast's.
//
// Promises: at most kHttpConnectionsMax connections, kHttpHeaderBytesMax of a request's header and kHttpPatience for a
// peer to send or take; what goes beyond or cannot be read is answered with an error where that is possible, and
// closed. A body is never read. Never serves Kafka's protocol, never answers before its handler does.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "env/network.h"
#include "env/shard.h"
#include "env/stream.h"
#include "env/wait.h"

namespace gregor::runtime {

inline constexpr std::size_t kHttpConnectionsMax = 64;
inline constexpr std::size_t kHttpHeaderBytesMax = 8 * 1024;
inline constexpr Milliseconds kHttpPatience{10'000};

struct HttpAnswer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// Called on a fiber of the connection, without the query behind '?'. May suspend.
using HttpHandler = std::function<HttpAnswer(env::Fiber& self, std::string_view path)>;

class HttpDoor final : env::Acceptor {
 public:
  HttpDoor(env::Shard& shard, HttpHandler handler) : shard_(shard), handler_(std::move(handler)) {}
  /// Requires that close() returned, or that the shard's fibers are gone.
  ~HttpDoor() override = default;

  /// Listens on every address behind `host` (empty: all of this machine). Port 0: the system chooses. Returns the first
  /// endpoint. Errors: exists (in use), not_found, invalid. Suspends.
  Result<env::Endpoint> open(env::Fiber& self, const std::string& host, std::uint16_t port);
  /// No new connections; ends those there are. Suspends until they are gone.
  void close(env::Fiber& self);

 private:
  /// A connection, in the keeping of the fiber that serves it; a fiber may end before it ever ran.
  struct Visit {
    Visit(HttpDoor& at, std::unique_ptr<env::Socket> socket) : door(at), stream(std::move(socket)) {}
    ~Visit();
    HttpDoor& door;
    env::Stream stream;
    env::Fiber* fiber = nullptr;
    std::string unread;  ///< what came behind the request before
  };
  void on_accept(std::unique_ptr<env::Socket> socket) override;
  bool serve_one(env::Fiber& self, Visit& visit);

  env::Shard& shard_;
  HttpHandler handler_;
  std::vector<std::unique_ptr<env::Listener>> listeners_;
  std::set<Visit*> visits_;
  env::WaitQueue ended_;
};

}  // namespace gregor::runtime
