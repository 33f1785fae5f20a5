#include "runtime/tcp_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "runtime/os_error.h"
#include "runtime/socket_address.h"

namespace gregor::runtime {
namespace {

constexpr std::size_t kPiecesPerSend = 64;
constexpr std::uint32_t kReadableEvents = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t kWritableEvents = EPOLLOUT | EPOLLHUP | EPOLLERR;

/// A connection that died of silence is as closed as one that was reset.
tl::unexpected<Error> socket_failure(const char* what, const env::Endpoint& peer, int os_error) {
  if (os_error == EAGAIN) return fail(Errc::would_block, std::string());
  Error error = os_failure(what + env::to_text(peer), os_error).value();
  if (error.code == Errc::timed_out) error.code = Errc::closed;
  return fail(std::move(error));
}

}  // namespace

TcpSocket::TcpSocket(Loop& loop, Descriptor descriptor)
    : loop_(loop),
      descriptor_(std::move(descriptor)),
      local_(local_endpoint(descriptor_.number())),
      peer_(peer_endpoint(descriptor_.number())) {}

Result<std::unique_ptr<TcpSocket>> TcpSocket::make(Loop& loop, Descriptor descriptor) {
  std::unique_ptr<TcpSocket> socket(new TcpSocket(loop, std::move(descriptor)));
  const int yes = 1;
  ::setsockopt(socket->descriptor_.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  TRY_ASSIGN(socket->watch_,
             loop.watch(socket->descriptor_.number(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *socket));
  return socket;
}

TcpSocket::~TcpSocket() {
  loop_.give_up(watch_);
}

Result<std::size_t> TcpSocket::read(MutableBytes into) {
  for (;;) {
    const ssize_t taken = ::recv(descriptor_.number(), into.data(), into.size(), 0);
    if (taken >= 0) return static_cast<std::size_t>(taken);
    if (errno != EINTR) return socket_failure("read from ", peer_, errno);
  }
}

Result<std::size_t> TcpSocket::write(std::span<const Bytes> pieces) {
  std::array<iovec, kPiecesPerSend> vectors;
  msghdr message{};
  message.msg_iov = vectors.data();
  for (const Bytes piece : pieces) {
    if (piece.empty()) continue;
    if (message.msg_iovlen == kPiecesPerSend) break;
    vectors[message.msg_iovlen++] = {const_cast<std::byte*>(piece.data()), piece.size()};  // iovec knows no const
  }
  if (message.msg_iovlen == 0) return std::size_t{0};
  for (;;) {
    const ssize_t taken = ::sendmsg(descriptor_.number(), &message, MSG_NOSIGNAL);
    if (taken >= 0) return static_cast<std::size_t>(taken);
    if (errno == EAGAIN) wants_room_ = true;
    if (errno != EINTR) return socket_failure("write to ", peer_, errno);
  }
}

void TcpSocket::shutdown_write() {
  ::shutdown(descriptor_.number(), SHUT_WR);
}

void TcpSocket::watch(env::SocketWatcher* watcher) {
  watcher_ = watcher;
  if (watcher_ == nullptr) return;
  // Edges may have passed while nobody listened: a read or write that finds nothing costs less than one that is missed.
  wants_room_ = true;
  loop_.tell_again(*watch_, EPOLLIN | EPOLLOUT);
}

void TcpSocket::on_events(std::uint32_t epoll_events) {
  if (watcher_ == nullptr) return;
  const Watch* watch = watch_;  // outlives this object, should the watcher destroy it
  if ((epoll_events & kReadableEvents) != 0) watcher_->on_readable();
  if (watch->handler() == nullptr) return;
  // Each edge carries the whole state: without this every request that comes would also be told as room to write.
  if ((epoll_events & kWritableEvents) == 0 || !wants_room_ || watcher_ == nullptr) return;
  wants_room_ = false;
  watcher_->on_writable();
}

}  // namespace gregor::runtime
