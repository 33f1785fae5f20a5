// What the network does to a connection: pieces travel, wait for blocked links, arrive, or find nobody.
#include <algorithm>

#include "sim/connection.h"
#include "sim/network.h"

namespace gregor::sim {

void Connection::record(Side at, EventKind kind, std::uint64_t payload) {
  network_.engine().record(end(at).node, 0, kind, (id_ << 40) ^ payload);
}

void Connection::send(Side from, Piece piece) {
  Pipe& pipe = pipe_from(from);
  Nanoseconds wait = network_.draw_latency(end(from).node, end(other(from)).node);
  if (piece.kind == Piece::Kind::bytes) wait += network_.delay_of(*this, from, piece.bytes);
  piece.arrives = std::max(network_.engine().now() + wait, pipe.last_arrival);
  pipe.last_arrival = piece.arrives;
  pipe.in_flight.push_back(std::move(piece));
  schedule(from);
}

/// A reset overtakes what this side had not got through.
void Connection::send_reset(Side from) {
  pipe_from(from).in_flight.clear();
  mutable_end(from).reset = true;
  release(from);
  send(from, {.kind = Piece::Kind::reset, .bytes = {}});
}

void Connection::schedule(Side from) {
  Pipe& pipe = pipe_from(from);
  if (pipe.carry_due || pipe.held || pipe.in_flight.empty()) return;
  pipe.carry_due = true;
  network_.engine().at(pipe.in_flight.front().arrives, [self = shared_from_this(), from] {
    self->pipe_from(from).carry_due = false;
    self->carry(from);
  });
}

void Connection::carry(Side from) {
  Pipe& pipe = pipe_from(from);
  if (pipe.held || pipe.in_flight.empty()) return;
  const ConnectionEnd& there = end(other(from));
  if (network_.is_blocked(end(from).node, there.node) || !network_.host(there.node).up) {
    hold(from);
    return;
  }
  const bool is_bytes = pipe.in_flight.front().kind == Piece::Kind::bytes;
  const bool answers = there.open && !there.vanished;
  if (is_bytes && answers && pipe.received_bytes >= buffers_.receive_bytes_max) return;  // read() carries on
  Piece piece = std::move(pipe.in_flight.front());
  pipe.in_flight.pop_front();
  if (answers || piece.kind == Piece::Kind::reset) {
    deliver(from, std::move(piece));
  } else if (is_bytes || there.vanished) {
    send_reset(other(from));  // nobody holds that end any more
  } else {
    record(other(from), EventKind::end_of_stream_arrived, 0);
  }
  schedule(from);
  forget_if_over();
}

void Connection::hold(Side from) {
  Pipe& pipe = pipe_from(from);
  pipe.held = true;
  network_.count_blocked(end(from).node, end(other(from)).node);
  if (pipe.give_up != 0) return;
  pipe.give_up = network_.engine().after(network_.law().give_up_after, [self = shared_from_this(), from] {
    self->pipe_from(from).give_up = 0;
    self->give_up(from);
  });
}

void Connection::release(Side from) {
  Pipe& pipe = pipe_from(from);
  pipe.held = false;
  if (pipe.give_up != 0) network_.engine().cancel(pipe.give_up);
  pipe.give_up = 0;
}

/// The sender's system has sent these bytes again for long enough; the other side learns nothing.
void Connection::give_up(Side from) {
  release(from);
  pipe_from(from).in_flight.clear();
  record(from, EventKind::sender_gave_up, 0);
  fail_end(from);
  forget_if_over();
}

void Connection::carry_on() {
  const auto self = shared_from_this();
  for (const Side from : {Side::dialled, Side::accepted}) {
    Pipe& pipe = pipe_from(from);
    const std::uint32_t here = end(from).node;
    const std::uint32_t there = end(other(from)).node;
    if (pipe.unacknowledged_bytes > 0 && !network_.is_blocked(there, here)) {
      if (!pipe.held) release(from);
      acknowledge(from, std::exchange(pipe.unacknowledged_bytes, 0));
    }
    if (!pipe.held || network_.is_blocked(here, there) || !network_.host(there).up) continue;
    release(from);
    if (pipe.in_flight.empty()) continue;
    // What waited is sent again, not earlier than a packet takes.
    const SimTime soonest = network_.engine().now() + network_.draw_latency(here, there);
    for (Piece& piece : pipe.in_flight) piece.arrives = std::max(piece.arrives, soonest);
    pipe.last_arrival = std::max(pipe.last_arrival, soonest);
    schedule(from);
  }
}

void Connection::deliver(Side from, Piece piece) {
  const Side to = other(from);
  switch (piece.kind) {
    case Piece::Kind::bytes:
      deliver_bytes(from, std::move(piece.bytes));
      break;
    case Piece::Kind::end:
      record(to, EventKind::end_of_stream_arrived, 0);
      pipe_from(from).end_arrived = true;
      post_readable(to);
      break;
    case Piece::Kind::reset:
      record(to, EventKind::reset_arrived, 0);
      fail_end(to);
      break;
  }
}

void Connection::deliver_bytes(Side from, ByteBuffer bytes) {
  const Side to = other(from);
  if (network_.law().reset.draw(network_.noise())) {
    network_.engine().faults().fired_with_effect(FaultKind::reset);
    reset_both();
    return;
  }
  record(to, EventKind::bytes_arrived, checksum_of(bytes));
  Pipe& pipe = pipe_from(from);
  const std::size_t count = bytes.size();
  pipe.received.push_back(std::move(bytes));
  pipe.received_bytes += count;
  if (network_.is_blocked(end(to).node, end(from).node)) {
    pipe.unacknowledged_bytes += count;
    if (pipe.give_up == 0) hold_for_acknowledgement(from);
  } else {
    acknowledge(from, count);
  }
  post_readable(to);
}

/// The bytes got through but the sender cannot know: it sends them again and gives up in the end.
void Connection::hold_for_acknowledgement(Side from) {
  network_.count_blocked(end(other(from)).node, end(from).node);
  pipe_from(from).give_up = network_.engine().after(network_.law().give_up_after, [self = shared_from_this(), from] {
    self->pipe_from(from).give_up = 0;
    self->give_up(from);
  });
}

void Connection::acknowledge(Side from, std::size_t count) {
  Pipe& pipe = pipe_from(from);
  pipe.unsent_bytes -= count;
  if (mutable_end(from).wants_writable) post_writable(from);
}

void Connection::fail_end(Side side) {
  ConnectionEnd& here = mutable_end(side);
  if (here.reset) return;
  here.reset = true;
  release(side);
  pipe_from(side).in_flight.clear();
  Pipe& incoming = pipe_from(other(side));
  // Some systems let the reader have what came before the reset, some do not.
  if (network_.noise().chance(1, 2)) {
    incoming.received.clear();
    incoming.received_bytes = 0;
    incoming.front_offset = 0;
  }
  post_readable(side);
  post_writable(side);
}

void Connection::reset_both() {
  for (const Side side : {Side::dialled, Side::accepted}) {
    release(side);
    pipe_from(side).in_flight.clear();
    record(side, EventKind::reset_arrived, 1);
    fail_end(side);
  }
  forget_if_over();
}

void Connection::vanish(Side side) {
  ConnectionEnd& here = mutable_end(side);
  if (here.vanished) return;
  here.vanished = true;
  here.open = false;
  here.watcher = nullptr;
  here.lane = nullptr;
  release(side);
  // What had left the machine may still arrive.
  if (network_.noise().chance(1, 2)) pipe_from(side).in_flight.clear();
  if (end(other(side)).open) network_.engine().faults().fired(FaultKind::half_open);
  forget_if_over();
}

void Connection::forget_if_over() {
  const auto is_gone = [](const ConnectionEnd& e) { return !e.open; };
  const bool is_quiet = pipes_[0].in_flight.empty() && pipes_[1].in_flight.empty();
  if (is_quiet && std::all_of(ends_.begin(), ends_.end(), is_gone)) network_.forget(id_);
}

}  // namespace gregor::sim
