// One client's connection: bytes to requests, replies to bytes. Lives on the shard that accepted it, on its loop;
// fibers are taken per request, so an idle connection is a socket and this object.
//
// Promises:
//   C1  replies leave in the order of their requests;
//   C2  a request begins when those before it have ended; only a Produce behind Produces begins earlier, once the ones
//       before it are in their partitions' queues, so that what one client sends to a partition stands there in that
//       order;
//   C3  at most kPipelinedMax requests are in flight, and none begins while more than kQueuedReplyBytesMax wait to be
//       read by the peer; nothing more is read from a peer that is behind;
//   C4  a frame that cannot be read, or an API that is not served, ends the connection with one log line.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/time.h"
#include "base/unique_function.h"
#include "broker/connection_figures.h"
#include "broker/frame_reader.h"
#include "broker/reply.h"
#include "env/clock.h"
#include "env/network.h"
#include "observe/log.h"

namespace gregor::env {
struct Shard;
}

namespace gregor::broker {

inline constexpr std::size_t kPipelinedMax = 16;
inline constexpr std::size_t kQueuedReplyBytesMax = 4 << 20;

/// Whom a listener is for: clients and brokers, or those who speak to controllers (controller.listener.names).
enum class Side : std::uint8_t { clients, controllers };

/// What is known of a client by its connection.
struct ClientPlace {
  std::string listener;  ///< name of the listener that it came by
  Side side = Side::clients;
  std::string local_host;
  std::uint16_t local_port = 0;
  env::Endpoint peer;
};

struct ConnectionSettings {
  std::size_t request_bytes_max = 0;
  Milliseconds idle_max{0};
};

class Connection;

/// A request in flight: one fiber works on it. Handlers see it through their Request.
class InFlight {
 public:
  FramePtr frame;
  /// For Produce: its batches are queued, the next Produce may begin. From the fiber of this request.
  void let_next_begin();
  /// The connection is gone: nobody will read the answer, so a wait for its sake may end.
  [[nodiscard]] bool is_abandoned() const { return is_abandoned_; }
  /// `told` is called once, on the loop, when that happens. In place of the one before; may be empty.
  void when_abandoned(UniqueFunction<void()> told) { abandoned_ = std::move(told); }
  /// What the client calls itself, for the connection's figures; nothing where the connection is gone.
  void note_client_id(std::string_view client_id);
  void note_software(std::string_view name, std::string_view version);

 private:
  friend class Connection;
  void abandon();
  std::weak_ptr<Connection> connection_;
  bool is_produce_ = false;
  bool is_queued_ = false;
  bool is_done_ = false;
  bool is_abandoned_ = false;
  UniqueFunction<void()> abandoned_;
  Reply reply_;
};

/// Works on requests: finds the API, runs the handler. One for each shard.
class RequestServer {
 public:
  virtual ~RequestServer() = default;
  /// Looks at the header alone. Errors: malformed, unsupported; then the connection ends. True: a Produce.
  virtual Result<bool> admit(const ClientPlace& client, const Frame& frame) = 0;
  /// Suspends. An error ends the connection.
  virtual Result<Reply> serve(env::Fiber& self, const ClientPlace& client, InFlight& request) = 0;
};

/// Told on the loop when a connection ended; then it is forgotten.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void on_closed(Connection& connection) = 0;
  /// Room that all connections of a shard read into.
  virtual MutableBytes scratch() = 0;
  /// Whether another request may be begun to be read (queued.max.request.bytes). Where not, hold_back() is told who
  /// waits; it is to be told to read_again().
  [[nodiscard]] virtual bool has_room_for_requests() const { return true; }
  virtual void hold_back(Connection&) {}
  /// Bytes of requests that came, or that are answered or given up.
  virtual void on_request_bytes(std::ptrdiff_t) {}
};

class Connection final : public env::SocketWatcher, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::uint64_t id, std::unique_ptr<env::Socket> socket, ClientPlace client, ConnectionSettings settings,
             env::Shard& shard, RequestServer& server, ConnectionOwner& owner, observe::Log& log);
  ~Connection() override;

  /// Begins to read. Call once, after it is owned by a shared_ptr.
  void start();
  /// Takes no further request and closes as soon as those in flight are answered.
  void finish();
  /// At once. `reason` goes to the log unless empty. May drop the last reference but the caller's.
  void close(observe::Level level, std::string_view reason);

  /// Goes on where hold_back() stopped it, behind whatever else is due on the loop.
  void read_again();

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const ClientPlace& client() const { return client_; }
  [[nodiscard]] bool is_open() const { return socket_ != nullptr; }
  [[nodiscard]] ConnectionFigures figures() const;

 private:
  friend class InFlight;
  struct Outgoing {
    Bytes bytes;
    std::shared_ptr<const Reply> owner;
  };
  void on_readable() override;
  void on_writable() override;
  void pump();
  bool begin_requests();
  bool may_begin(bool is_produce) const;
  bool may_read() const;
  bool read_once();
  void note_request_bytes(std::ptrdiff_t change);
  void begin(FramePtr frame, bool is_produce);
  void end(InFlight& request, Result<Reply> reply);
  void queue_replies();
  void write_queued();
  void advance_outgoing(std::size_t written);
  void arm_idle(MonotonicTime when);
  void on_idle_timer();

  const std::uint64_t id_;
  std::unique_ptr<env::Socket> socket_;
  const ClientPlace client_;
  const ConnectionSettings settings_;
  env::Shard& shard_;
  RequestServer& server_;
  ConnectionOwner& owner_;
  observe::Log& log_;

  FrameReader reader_;
  FramePtr next_;  ///< admitted, waiting to begin
  bool next_is_produce_ = false;
  bool readable_ = false;
  bool writable_ = true;
  bool finishing_ = false;
  bool close_when_sent_ = false;
  bool pumping_ = false;
  std::deque<std::shared_ptr<InFlight>> in_flight_;
  std::deque<Outgoing> outgoing_;
  std::size_t outgoing_bytes_ = 0;
  std::size_t request_bytes_ = 0;  ///< that came and are not answered
  env::TimerId idle_timer_ = 0;
  MonotonicTime last_active_{};
  MonotonicTime opened_;
  std::string client_id_;
  std::string software_name_;
  std::string software_version_;
  std::uint64_t requests_ = 0;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
};

}  // namespace gregor::broker
