#include "tests/gregor/support/raw_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace gregor::program {

using Clock = std::chrono::steady_clock;

namespace {
constexpr std::int32_t kFrameBytesMax = 200 << 20;
constexpr timeval kSendPatience{.tv_sec = 10, .tv_usec = 0};
}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kSendPatience, sizeof kSendPatience);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  ::close(socket_);
  socket_ = -1;
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      correlation_id_(other.correlation_id_),
      last_(std::move(other.last_)) {}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t taken = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(taken));
  }
  return true;
}

bool RawClient::wait_readable(Clock::time_point deadline) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  pollfd waited{socket_, POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) > 0;
}

bool RawClient::read_exactly(MutableBytes into, Clock::time_point deadline) {
  while (!into.empty()) {
    if (!wait_readable(deadline)) return false;
    const ssize_t got = ::recv(socket_, into.data(), into.size(), 0);
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

std::optional<ByteBuffer> RawClient::receive(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::array<std::byte, 4> size_bytes;
  if (!read_exactly(size_bytes, deadline)) return std::nullopt;
  const auto size = load_big_endian<std::int32_t>(size_bytes.data());
  if (size < 0 || size > kFrameBytesMax) return std::nullopt;
  ByteBuffer frame(static_cast<std::size_t>(size));
  if (!read_exactly(frame, deadline)) return std::nullopt;
  return frame;
}

bool RawClient::is_ended(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::array<std::byte, 65536> thrown_away;
  while (wait_readable(deadline)) {
    if (::recv(socket_, thrown_away.data(), thrown_away.size(), 0) <= 0) return true;
  }
  return false;
}

std::string RawClient::read_to_end(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::array<char, 65536> part;
  std::string text;
  while (wait_readable(deadline)) {
    const ssize_t got = ::recv(socket_, part.data(), part.size(), 0);
    if (got <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::uint16_t free_port() {
  const int chosen = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(chosen, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::getsockname(chosen, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(chosen);
  return ntohs(address.sin_port);
}

void RawClient::finish() {
  ::shutdown(socket_, SHUT_WR);
}

ByteBuffer framed(std::int32_t claimed_size, Bytes content) {
  ByteBuffer bytes(sizeof claimed_size + content.size());
  store_big_endian(bytes.data(), claimed_size);
  std::copy(content.begin(), content.end(), bytes.begin() + sizeof claimed_size);
  return bytes;
}

}  // namespace gregor::program
