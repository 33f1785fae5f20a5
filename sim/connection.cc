// What sockets do to a connection; connection_transport.cc has what the network does to it.
#include "sim/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/network.h"

namespace gregor::sim {
namespace {

Error was_reset() {
  return {Errc::closed, "the connection was reset", ECONNRESET};
}
Error not_now() {
  return {Errc::would_block, "not now", EAGAIN};
}

}  // namespace

Connection::Connection(SimNetwork& network, std::uint64_t id, Buffers buffers, ConnectionEnd dialled,
                       ConnectionEnd accepted)
    : network_(network), id_(id), buffers_(buffers), ends_{std::move(dialled), std::move(accepted)} {}

bool Connection::is_whole() const {
  return std::all_of(ends_.begin(), ends_.end(), [](const ConnectionEnd& e) { return e.open && !e.reset; });
}

Result<std::size_t> Connection::read(Side side, MutableBytes into) {
  const ConnectionEnd& here = end(side);
  Pipe& incoming = pipe_from(other(side));
  if (incoming.received_bytes == 0) {
    if (here.reset) return fail(was_reset());
    if (incoming.end_arrived) return std::size_t{0};
    return fail(not_now());
  }
  std::size_t wanted = std::min(into.size(), incoming.received_bytes);
  if (wanted > 1 && network_.law().short_read.draw(network_.noise())) {
    wanted = 1 + network_.noise().below(wanted - 1);
    network_.engine().faults().fired_with_effect(FaultKind::short_read);
  }
  for (std::size_t done = 0; done < wanted;) {
    const ByteBuffer& front = incoming.received.front();
    const std::size_t count = std::min(wanted - done, front.size() - incoming.front_offset);
    std::memcpy(into.data() + done, front.data() + incoming.front_offset, count);
    done += count;
    incoming.front_offset += count;
    if (incoming.front_offset == front.size()) {
      incoming.received.pop_front();
      incoming.front_offset = 0;
    }
  }
  incoming.received_bytes -= wanted;
  schedule(other(side));  // there may be room again
  return wanted;
}

Result<std::size_t> Connection::write(Side side, std::span<const Bytes> pieces) {
  ConnectionEnd& here = mutable_end(side);
  if (here.reset) return fail(was_reset());
  if (here.write_ended) return fail(Errc::closed, "this direction was shut down", EPIPE);
  Pipe& outgoing = pipe_from(side);
  std::size_t offered = 0;
  for (const Bytes piece : pieces) offered += piece.size();
  if (offered == 0) return std::size_t{0};
  const std::size_t room = buffers_.send_bytes_max - outgoing.unsent_bytes;
  if (room == 0) {
    here.wants_writable = true;
    return fail(not_now());
  }
  std::size_t taken = std::min(offered, room);
  if (taken > 1 && network_.law().short_send.draw(network_.noise())) {
    taken = 1 + network_.noise().below(taken - 1);
    network_.engine().faults().fired_with_effect(FaultKind::short_send);
  }
  Piece sent;
  sent.bytes.reserve(taken);
  for (const Bytes piece : pieces)
    append_bytes(sent.bytes, piece.first(std::min(piece.size(), taken - sent.bytes.size())));
  outgoing.unsent_bytes += taken;
  if (outgoing.unsent_bytes == buffers_.send_bytes_max) here.wants_writable = true;
  send(side, std::move(sent));
  return taken;
}

void Connection::shutdown_write(Side side) {
  ConnectionEnd& here = mutable_end(side);
  if (here.write_ended || here.reset) return;
  here.write_ended = true;
  send(side, {.kind = Piece::Kind::end, .bytes = {}});
}

void Connection::watch(Side side, env::SocketWatcher* watcher) {
  ConnectionEnd& here = mutable_end(side);
  here.watcher = watcher;
  if (watcher == nullptr) return;
  const Pipe& incoming = pipe_from(other(side));
  if (incoming.received_bytes > 0 || incoming.end_arrived || here.reset) post_readable(side);
  if (here.reset || pipe_from(side).unsent_bytes < buffers_.send_bytes_max) post_writable(side);
}

void Connection::close(Side side, bool abruptly) {
  ConnectionEnd& here = mutable_end(side);
  if (!here.open) return;
  here.open = false;
  here.watcher = nullptr;
  here.lane = nullptr;
  Pipe& incoming = pipe_from(other(side));
  const bool left_unread = incoming.received_bytes > 0;
  incoming.received.clear();
  incoming.received_bytes = 0;
  incoming.front_offset = 0;
  if (!here.reset) {
    if (left_unread || abruptly) {
      send_reset(side);
    } else {
      shutdown_write(side);
    }
  }
  forget_if_over();
}

void Connection::post_readable(Side side) {
  ConnectionEnd& here = mutable_end(side);
  if (here.watcher == nullptr || here.lane == nullptr || here.readable_posted) return;
  here.readable_posted = true;
  network_.engine().post(*here.lane, EventKind::socket_readable, id_, [self = shared_from_this(), side] {
    ConnectionEnd& there = self->mutable_end(side);
    there.readable_posted = false;
    if (there.watcher != nullptr) there.watcher->on_readable();
  });
}

void Connection::post_writable(Side side) {
  ConnectionEnd& here = mutable_end(side);
  here.wants_writable = false;
  if (here.watcher == nullptr || here.lane == nullptr || here.writable_posted) return;
  here.writable_posted = true;
  network_.engine().post(*here.lane, EventKind::socket_writable, id_, [self = shared_from_this(), side] {
    ConnectionEnd& there = self->mutable_end(side);
    there.writable_posted = false;
    if (there.watcher != nullptr) there.watcher->on_writable();
  });
}

}  // namespace gregor::sim
