#include "runtime/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

namespace gregor::runtime {
namespace {

SocketAddress ipv4_inside(const sockaddr_in6& mapped) {
  SocketAddress inner;
  auto& address = reinterpret_cast<sockaddr_in&>(inner.storage);
  address.sin_family = AF_INET;
  address.sin_port = mapped.sin6_port;
  std::memcpy(&address.sin_addr, mapped.sin6_addr.s6_addr + 12, sizeof address.sin_addr);
  inner.length = sizeof address;
  return inner;
}

}  // namespace

Result<SocketAddress> address_of(const env::Endpoint& endpoint) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(endpoint.port);
  if (endpoint.address.empty() || ::getaddrinfo(endpoint.address.c_str(), port.c_str(), &wanted, &found) != 0) {
    return fail(Errc::invalid, "'" + endpoint.address + "' is not a numeric address");
  }
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.length = found->ai_addrlen;
  ::freeaddrinfo(found);
  return address;
}

env::Endpoint endpoint_of(const SocketAddress& address) {
  if (address.family() == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr)) return endpoint_of(ipv4_inside(ipv6));
  }
  char host[NI_MAXHOST] = {};
  if (::getnameinfo(address.as_sockaddr(), address.length, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0)
    return {};
  const std::uint16_t port = address.family() == AF_INET
                                 ? reinterpret_cast<const sockaddr_in&>(address.storage).sin_port
                                 : reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_port;
  return {host, ntohs(port)};
}

env::Endpoint local_endpoint(int descriptor) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) return {};
  return endpoint_of(address);
}

env::Endpoint peer_endpoint(int descriptor) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) return {};
  return endpoint_of(address);
}

}  // namespace gregor::runtime
