// TCP, at the level of non-blocking system calls and edges of readiness. Framing, limits and retries are core's.
//
// Sockets belong to the shard that accepted or connected them. An idle connection costs no stack: the watcher is called
// on the loop, and a fiber is taken only when there is a whole request. For straight-line clients see env/stream.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "env/fiber.h"

namespace gregor::env {

/// A numeric address: "127.0.0.1", "::1", "0.0.0.0", "::"; names go through resolve() first.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};
/// "127.0.0.1:9092", "[::1]:9092".
std::string to_text(const Endpoint& endpoint);

/// Called on the shard's loop, not on a fiber; must not block, may destroy the socket. Edge-triggered: after an edge,
/// read or write until Errc::would_block. Errors and end of stream are an on_readable() whose read tells what happened.
class SocketWatcher {
 public:
  virtual ~SocketWatcher() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

class Socket {
 public:
  /// Closes. Unsent bytes are still delivered where the system can; no call on the watcher follows.
  virtual ~Socket() = default;
  /// Bytes read, 0 at end of stream. Errors: would_block, closed (reset), io.
  virtual Result<std::size_t> read(MutableBytes into) = 0;
  /// Gathers; returns how much was taken, which may be less than offered. Errors: would_block, closed, io.
  virtual Result<std::size_t> write(std::span<const Bytes> pieces) = 0;
  /// Ends our direction; the peer reads to the end.
  virtual void shutdown_write() = 0;
  /// One watcher, or null for none. Edges that came before are delivered again after this call.
  virtual void watch(SocketWatcher* watcher) = 0;
  [[nodiscard]] virtual const Endpoint& local() const = 0;
  [[nodiscard]] virtual const Endpoint& peer() const = 0;
};

/// Called on the loop for each connection that came. The acceptor takes it or drops it (which closes it).
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  virtual void on_accept(std::unique_ptr<Socket> socket) = 0;
};

class Listener {
 public:
  /// Stops accepting. Connections already accepted live on.
  virtual ~Listener() = default;
  /// The address in force; the port is the chosen one where 0 was asked.
  [[nodiscard]] virtual const Endpoint& local() const = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  /// Every shard of a node may listen on the same endpoint; the system spreads connections over them.
  /// Errors: exists (address in use), invalid (no such local address), io. `acceptor` outlives the listener.
  virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Acceptor& acceptor) = 0;
  /// Suspends. Errors: closed (refused), timed_out, io. Throws Cancelled.
  virtual Result<std::unique_ptr<Socket>> connect(Fiber& self, const Endpoint& to, Nanoseconds timeout) = 0;
  /// Suspends. A host name or numeric address to numeric addresses, in the system's order of preference. Errors:
  /// not_found.
  virtual Result<std::vector<std::string>> resolve(Fiber& self, const std::string& host) = 0;
};

}  // namespace gregor::env
