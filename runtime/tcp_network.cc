#include "runtime/tcp_network.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "env/wait.h"
#include "runtime/os_error.h"
#include "runtime/socket_address.h"
#include "runtime/tcp_listener.h"
#include "runtime/tcp_socket.h"

namespace gregor::runtime {
namespace {

using Addresses = Result<std::vector<std::string>>;

/// Blocks.
Addresses look_up(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  if (failure != 0) return fail(Errc::not_found, "no address for host '" + host + "': " + ::gai_strerror(failure));
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    const std::string text = endpoint_of(address).address;
    if (!text.empty() && std::find(addresses.begin(), addresses.end(), text) == addresses.end())
      addresses.push_back(text);
  }
  ::freeaddrinfo(found);
  return addresses;
}

/// A connection that is being made; wakes its fiber at the first event.
class Connecting final : private EventHandler {
 public:
  explicit Connecting(Loop& loop) : loop_(loop) {}
  ~Connecting() override { loop_.give_up(watch_); }
  Result<void> begin(int descriptor) {
    TRY_ASSIGN(watch_, loop_.watch(descriptor, EPOLLOUT | EPOLLET, *this));
    return {};
  }
  /// False when the deadline came first. Throws Cancelled.
  bool wait(env::Fiber& self, MonotonicTime deadline) {
    while (!has_event_) {
      if (!event_.wait_until(self, loop_, deadline)) return has_event_;
    }
    return true;
  }

 private:
  void on_events(std::uint32_t) override {
    has_event_ = true;
    event_.wake_all();
  }
  Loop& loop_;
  Watch* watch_ = nullptr;
  bool has_event_ = false;
  env::WaitQueue event_;
};

int pending_error(int descriptor) {
  int error = 0;
  socklen_t length = sizeof error;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0 ? errno : error;
}

}  // namespace

Result<void> SharedPorts::claim(const env::Endpoint& at) {
  if (!are_shared() || at.port == 0) return {};
  const std::lock_guard guard(mutex_);
  std::size_t& claims = claims_[at];
  if (claims % shard_count_ == 0) {
    TRY_ASSIGN(const SocketAddress address, address_of(at));
    const Descriptor probe(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(probe.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(probe.number(), address.as_sockaddr(), address.length) != 0) {
      return os_failure("listening on " + env::to_text(at), errno);
    }
  }
  ++claims;
  return {};
}

void SharedPorts::claim_chosen(const env::Endpoint& at) {
  const std::lock_guard guard(mutex_);
  claims_[at] = 1;
}

Result<std::unique_ptr<env::Listener>> TcpNetwork::listen(const env::Endpoint& at, env::Acceptor& acceptor) {
  TRY(ports_.claim(at));
  TRY_ASSIGN(std::unique_ptr<env::Listener> listener,
             TcpListener::make(loop_, log_, at, ports_.are_shared(), acceptor));
  if (at.port == 0) ports_.claim_chosen({at.address, listener->local().port});
  return listener;
}

Result<std::unique_ptr<env::Socket>> TcpNetwork::connect(env::Fiber& self, const env::Endpoint& to,
                                                         Nanoseconds timeout) {
  TRY_ASSIGN(const SocketAddress address, address_of(to));
  Descriptor descriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.is_open()) return os_failure("socket to " + env::to_text(to), errno);
  const int failure = ::connect(descriptor.number(), address.as_sockaddr(), address.length) == 0 ? 0 : errno;
  if (failure != 0 && failure != EINPROGRESS) return os_failure("connection to " + env::to_text(to), failure);
  {
    Connecting connecting(loop_);
    TRY(connecting.begin(descriptor.number()));
    const MonotonicTime deadline = timeout < kForever - loop_.now() ? loop_.now() + timeout : kForever;
    if (!connecting.wait(self, deadline))
      return fail(Errc::timed_out, "no connection to " + env::to_text(to) + " in time");
  }
  if (const int error = pending_error(descriptor.number()); error != 0) {
    return os_failure("connection to " + env::to_text(to), error);
  }
  // A port of the range for outgoing connections on which nobody listens can be met by our own end of the call.
  if (local_endpoint(descriptor.number()) == peer_endpoint(descriptor.number())) {
    return os_failure("connection to " + env::to_text(to), ECONNREFUSED);
  }
  return TcpSocket::make(loop_, std::move(descriptor));
}

Result<std::vector<std::string>> TcpNetwork::resolve(env::Fiber& self, const std::string& host) {
  if (Result<SocketAddress> numeric = address_of({host, 0})) return std::vector{endpoint_of(*numeric).address};
  const auto answer = std::make_shared<env::Promise<Addresses>>();
  resolvers_.submit([&loop = loop_, answer, host] {
    loop.post([answer, addresses = look_up(host)]() mutable { answer->set(std::move(addresses)); });
  });
  return answer->await(self);
}

}  // namespace gregor::runtime
