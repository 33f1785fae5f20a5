// Numeric endpoints to the kernel's socket addresses and back.
#pragma once

#include <sys/socket.h>

#include <string>

#include "base/result.h"
#include "env/network.h"

namespace gregor::runtime {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* as_sockaddr() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

/// Errors: invalid when it is not a numeric IPv4 or IPv6 address. A scope ("fe80::1%eth0") is allowed.
Result<SocketAddress> address_of(const env::Endpoint& endpoint);
/// An IPv4 address that came through an IPv6 socket is told as IPv4.
env::Endpoint endpoint_of(const SocketAddress& address);
/// The endpoint at our end of a socket, or at the peer's; empty when the socket has none any more.
env::Endpoint local_endpoint(int descriptor);
env::Endpoint peer_endpoint(int descriptor);

}  // namespace gregor::runtime
