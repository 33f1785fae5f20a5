#include "env/stream.h"

namespace gregor::env {

Stream::Stream(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {
  socket_->watch(this);
}

Stream::~Stream() {
  socket_.reset();
}  // first, so that no edge meets a dead queue

void Stream::on_readable() {
  readable_.wake_all();
}
void Stream::on_writable() {
  writable_.wake_all();
}

Result<std::size_t> Stream::read_some(Fiber& self, Clock& clock, MutableBytes into, MonotonicTime deadline) {
  for (;;) {
    Result<std::size_t> taken = socket_->read(into);
    if (taken || taken.error().code != Errc::would_block) return taken;
    if (!readable_.wait_until(self, clock, deadline)) {
      return fail(Errc::timed_out, "nothing to read from " + to_text(socket_->peer()) + " in time");
    }
  }
}

Result<void> Stream::read_exactly(Fiber& self, Clock& clock, MutableBytes into, MonotonicTime deadline) {
  while (!into.empty()) {
    TRY_ASSIGN(const std::size_t taken, read_some(self, clock, into, deadline));
    if (taken == 0) return fail(Errc::closed, "the peer ended the stream");
    into = into.subspan(taken);
  }
  return {};
}

Result<void> Stream::write_all(Fiber& self, Clock& clock, Bytes bytes, MonotonicTime deadline) {
  while (!bytes.empty()) {
    const Result<std::size_t> taken = socket_->write(std::span(&bytes, 1));
    if (taken) {
      bytes = bytes.subspan(*taken);
    } else if (taken.error().code != Errc::would_block) {
      return fail(taken.error());
    } else if (!writable_.wait_until(self, clock, deadline)) {
      return fail(Errc::timed_out, "no room to write to " + to_text(socket_->peer()) + " in time");
    }
  }
  return {};
}

}  // namespace gregor::env
