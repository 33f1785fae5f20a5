// One simulated TCP connection: two pipes of bytes and the two ends that sockets hold.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "base/bytes.h"
#include "env/network.h"
#include "sim/engine.h"

namespace gregor::sim {

class SimNetwork;
class Connection;

/// One end, as the system keeps it. The socket object and the connection share it.
struct ConnectionEnd {
  std::shared_ptr<Connection> connection;  ///< null once neither side can need it
  unsigned side = 0;                       ///< 0 dialled, 1 accepted
  std::uint32_t node = 0;
  Lane* lane = nullptr;  ///< null while not accepted, and once closed
  env::SocketWatcher* watcher = nullptr;
  env::Endpoint local;
  env::Endpoint peer;
  bool open = true;       ///< somebody may still read and write here
  bool vanished = false;  ///< lost with its machine
  bool reset = false;     ///< reads and writes fail
  bool write_ended = false;
  bool wants_writable = false;
  bool readable_posted = false;
  bool writable_posted = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(SimNetwork& network, std::uint64_t id, std::size_t send_bytes_max, std::size_t receive_bytes_max);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const std::shared_ptr<ConnectionEnd>& end(unsigned side) const { return ends_[side]; }
  [[nodiscard]] bool is_whole() const;

  // What sockets ask.
  Result<std::size_t> read(unsigned side, MutableBytes into);
  Result<std::size_t> write(unsigned side, std::span<const Bytes> pieces);
  void shutdown_write(unsigned side);
  void watch(unsigned side, env::SocketWatcher* watcher);
  /// The owner lets go: end of stream for the peer, or a reset when bytes were left unread.
  void close(unsigned side);

  // What happens to it.
  void vanish(unsigned side);
  void reset_both();
  void pump(unsigned from_side);  ///< the link from this side may carry again
  void link_opened();             ///< a link between the two changed

 private:
  struct Piece {
    ByteBuffer bytes;
    SimTime arrives;
    bool is_end = false;
    bool is_reset = false;
  };
  /// From one side to the other.
  struct Pipe {
    std::deque<Piece> in_flight;
    std::size_t unsent = 0;          ///< bytes in flight or delivered but not acknowledged
    std::size_t unacknowledged = 0;  ///< delivered over a link whose way back is blocked
    std::deque<ByteBuffer> received;
    std::size_t received_bytes = 0;
    std::size_t front_offset = 0;
    bool end_arrived = false;
    bool pump_due = false;
    EventId give_up = 0;
    SimTime last_arrival{};
  };
  void send(unsigned from_side, Piece piece);
  void schedule_pump(unsigned from_side);
  void hold_back(unsigned from_side);
  void deliver(unsigned from_side);
  void acknowledge(unsigned from_side);
  void arrive_at_nobody(unsigned from_side);
  void reset_end(unsigned side);
  void send_reset(unsigned from_side);
  void post_readable(unsigned side);
  void post_writable(unsigned side);
  void let_go_if_over();

  SimNetwork& network_;
  std::uint64_t id_;
  std::size_t send_bytes_max_;
  std::size_t receive_bytes_max_;
  std::shared_ptr<ConnectionEnd> ends_[2];
  Pipe pipes_[2];  ///< [s]: from side s to the other
};

}  // namespace gregor::sim
