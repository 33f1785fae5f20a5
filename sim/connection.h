// One simulated TCP connection: two pipes of bytes and two ends. The system keeps it; sockets (sim/network_port.h) use
// it.
//
// Invariants: bytes leave a pipe in the order they entered it; a sender never has more than its buffer unacknowledged;
// nothing is delivered over a blocked link; after close() or vanish() no watcher of that end is called.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "env/network.h"
#include "sim/engine.h"

namespace gregor::sim {

class SimNetwork;

/// Which end: the one that connected, or the one that was accepted.
enum class Side : unsigned char { dialled = 0, accepted = 1 };
inline Side other(Side side) {
  return side == Side::dialled ? Side::accepted : Side::dialled;
}

/// One end, as the system keeps it.
struct ConnectionEnd {
  std::uint32_t node = 0;
  Lane* lane = nullptr;  ///< whose socket it is; null when nobody's
  env::SocketWatcher* watcher = nullptr;
  env::Endpoint local;
  env::Endpoint peer;
  bool open = true;       ///< somebody reads and writes here, or will once it is accepted
  bool taken = false;     ///< a socket was made for it
  bool vanished = false;  ///< lost with its machine
  bool reset = false;     ///< reads (once empty) and writes fail
  bool write_ended = false;
  bool wants_writable = false;
  bool readable_posted = false;
  bool writable_posted = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Buffers {
    std::size_t send_bytes_max;
    std::size_t receive_bytes_max;
  };
  Connection(SimNetwork& network, std::uint64_t id, Buffers buffers, ConnectionEnd dialled, ConnectionEnd accepted);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const ConnectionEnd& end(Side side) const { return ends_[index(side)]; }
  void give_to(Side side, Lane& lane) { mutable_end(side).lane = &lane; }
  void take(Side side) { mutable_end(side).taken = true; }
  /// Both ends are there and no reset is known to either.
  [[nodiscard]] bool is_whole() const;

  // What sockets ask. Results as env::Socket.
  Result<std::size_t> read(Side side, MutableBytes into);
  Result<std::size_t> write(Side side, std::span<const Bytes> pieces);
  void shutdown_write(Side side);
  void watch(Side side, env::SocketWatcher* watcher);
  /// The owner lets go: the peer finds the end of the stream, or a reset when bytes were left unread or `abruptly`.
  void close(Side side, bool abruptly = false);

  // What happens to it.
  void vanish(Side side);
  void reset_both();
  /// A link between the two may carry again, or a machine has come up.
  void carry_on();

 private:
  struct Piece {
    enum class Kind : unsigned char { bytes, end, reset } kind = Kind::bytes;
    ByteBuffer bytes;
    SimTime arrives{};
  };
  /// From one side to the other.
  struct Pipe {
    std::deque<Piece> in_flight;
    SimTime last_arrival{};
    std::size_t unsent_bytes = 0;          ///< in the sender's buffer, until acknowledged
    std::size_t unacknowledged_bytes = 0;  ///< part of them: delivered, but the way back is blocked
    std::deque<ByteBuffer> received;
    std::size_t received_bytes = 0;
    std::size_t front_offset = 0;  ///< how much of received.front() was read
    bool end_arrived = false;
    bool carry_due = false;  ///< a carry() is scheduled
    bool held = false;       ///< the head waits for a link or a machine
    EventId give_up = 0;
  };

  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  ConnectionEnd& mutable_end(Side side) { return ends_[index(side)]; }
  Pipe& pipe_from(Side side) { return pipes_[index(side)]; }

  void send(Side from, Piece piece);
  void send_reset(Side from);
  void schedule(Side from);
  void carry(Side from);
  void hold(Side from);
  void hold_for_acknowledgement(Side from);
  void release(Side from);
  void give_up(Side from);
  void deliver(Side from, Piece piece);
  void deliver_bytes(Side from, ByteBuffer bytes);
  void acknowledge(Side from, std::size_t count);
  void fail_end(Side side);
  void post_readable(Side side);
  void post_writable(Side side);
  void forget_if_over();
  void record(Side at, EventKind kind, std::uint64_t payload);

  SimNetwork& network_;
  std::uint64_t id_;
  Buffers buffers_;
  std::array<ConnectionEnd, 2> ends_;
  std::array<Pipe, 2> pipes_;  ///< by sending side
};

}  // namespace gregor::sim
