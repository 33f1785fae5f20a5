#include "runtime/tcp_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "runtime/os_error.h"
#include "runtime/socket_address.h"
#include "runtime/tcp_socket.h"

namespace gregor::runtime {
namespace {

constexpr int kBacklog = 4096;  // the system lowers it to net.core.somaxconn

/// Errors of one connection that was gone before we took it; the next one may be well.
bool is_of_the_connection(int os_error) {
  switch (os_error) {
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EINTR:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<std::unique_ptr<TcpListener>> TcpListener::make(Loop& loop, observe::Log& log, const env::Endpoint& at,
                                                       bool shares_port, env::Acceptor& acceptor) {
  TRY_ASSIGN(const SocketAddress address, address_of(at));
  Descriptor descriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.is_open()) return os_failure("socket for " + env::to_text(at), errno);
  const int yes = 1;
  const int no = 0;
  ::setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (shares_port) ::setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  if (address.family() == AF_INET6) ::setsockopt(descriptor.number(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  if (::bind(descriptor.number(), address.as_sockaddr(), address.length) != 0 ||
      ::listen(descriptor.number(), kBacklog) != 0) {
    return os_failure("listening on " + env::to_text(at), errno);
  }
  std::unique_ptr<TcpListener> listener(new TcpListener(loop, log, std::move(descriptor), acceptor));
  TRY_ASSIGN(listener->watch_, loop.watch(listener->descriptor_.number(), EPOLLIN, *listener));
  return listener;
}

TcpListener::TcpListener(Loop& loop, observe::Log& log, Descriptor descriptor, env::Acceptor& acceptor)
    : loop_(loop),
      log_(log),
      descriptor_(std::move(descriptor)),
      acceptor_(acceptor),
      local_(local_endpoint(descriptor_.number())) {}

TcpListener::~TcpListener() {
  loop_.disarm(back_off_timer_);
  loop_.give_up(watch_);
}

void TcpListener::on_events(std::uint32_t) {
  const Watch* watch = watch_;  // outlives this object, should the acceptor destroy it
  for (int taken = 0; taken < kAcceptsPerRound; ++taken) {
    Descriptor connection(::accept4(descriptor_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!connection.is_open()) {
      if (errno == EAGAIN) return;
      if (is_of_the_connection(errno)) continue;
      back_off(errno);
      return;
    }
    told_of_shortage_ = false;
    Result<std::unique_ptr<TcpSocket>> socket = TcpSocket::make(loop_, std::move(connection));
    if (!socket) {
      back_off(socket.error().os_error);
      return;
    }
    acceptor_.on_accept(std::move(*socket));
    if (watch->handler() == nullptr) return;
  }
}

void TcpListener::back_off(int os_error) {
  if (!told_of_shortage_) {
    log_.warn("network.accept_paused", {{"listener", env::to_text(local_)},
                                        {"reason", os_failure("accept", os_error).value().text},
                                        {"retry_ms", kBackOff.count()}});
  }
  told_of_shortage_ = true;
  loop_.change(*watch_, 0);
  back_off_timer_ = loop_.arm(loop_.now() + kBackOff, [this] { loop_.change(*watch_, EPOLLIN); });
}

}  // namespace gregor::runtime
