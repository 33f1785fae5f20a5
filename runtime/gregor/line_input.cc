#include "runtime/gregor/line_input.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gregor::program {
namespace {

constexpr Nanoseconds kLookEvery = std::chrono::milliseconds(5);
constexpr std::size_t kReadBytes = 64 * 1024;

}  // namespace

bool LineInput::read_some() {
  pollfd ready{descriptor_, POLLIN, 0};
  if (::poll(&ready, 1, 0) <= 0) return false;
  if (begin_ > 0) {
    held_.erase(0, begin_);
    begin_ = 0;
  }
  const std::size_t before = held_.size();
  held_.resize(before + kReadBytes);
  const ssize_t count = ::read(descriptor_, held_.data() + before, kReadBytes);
  const int os_error = errno;
  held_.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
  if (count < 0 && (os_error == EINTR || os_error == EAGAIN)) return false;
  if (count < 0) error_ = std::string("standard input: ") + std::strerror(os_error);
  if (held_.size() > kLineBytesMax && find_line() == std::string::npos)
    error_ = "a line of standard input is longer than 64 MiB";
  ended_ = count <= 0 || !error_.empty();
  return true;
}

void LineInput::wait(env::Fiber& self, env::Clock& clock) {
  while (!has_line()) {
    if (!read_some()) env::sleep_for(self, clock, kLookEvery);
  }
}

std::optional<std::string> LineInput::next() {
  const std::size_t end = find_line();
  if (end == std::string::npos && (begin_ == held_.size() || !error_.empty())) return std::nullopt;
  std::string line = held_.substr(begin_, end == std::string::npos ? end : end - begin_);
  begin_ = end == std::string::npos ? held_.size() : end + 1;
  return line;
}

}  // namespace gregor::program
