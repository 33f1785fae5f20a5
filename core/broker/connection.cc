#include "broker/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "env/shard.h"

namespace gregor::broker {
namespace {

/// Pieces handed to one write.
constexpr std::size_t kPiecesMax = 64;
/// Reads of one edge before others on the loop get their turn; the rest follows by a fresh edge.
constexpr int kReadsMax = 64;
/// What stands before a frame.
constexpr std::size_t kFrameSizeBytes = 4;

}  // namespace

void InFlight::let_next_begin() {
  if (is_queued_) return;
  is_queued_ = true;
  if (const auto connection = connection_.lock()) connection->pump();
}

void InFlight::note_client_id(std::string_view client_id) {
  const auto connection = connection_.lock();
  client_id = client_id.substr(0, kClientTextMax);
  if (connection && connection->client_id_ != client_id) connection->client_id_ = client_id;
}

void InFlight::note_software(std::string_view name, std::string_view version) {
  const auto connection = connection_.lock();
  if (!connection) return;
  connection->software_name_ = name.substr(0, kClientTextMax);
  connection->software_version_ = version.substr(0, kClientTextMax);
}

void InFlight::abandon() {
  is_abandoned_ = true;
  if (abandoned_) std::exchange(abandoned_, {})();
}

Connection::Connection(std::uint64_t id, std::unique_ptr<env::Socket> socket, ClientPlace client,
                       ConnectionSettings settings, env::Shard& shard, RequestServer& server, ConnectionOwner& owner,
                       observe::Log& log)
    : id_(id),
      socket_(std::move(socket)),
      client_(std::move(client)),
      settings_(settings),
      shard_(shard),
      server_(server),
      owner_(owner),
      log_(log),
      reader_(settings.request_bytes_max),
      opened_(shard.clock.now()) {}

Connection::~Connection() {
  if (idle_timer_ != 0) shard_.clock.disarm(idle_timer_);
  if (socket_) socket_->watch(nullptr);
}

void Connection::start() {
  last_active_ = shard_.clock.now();
  arm_idle(last_active_ + settings_.idle_max);
  socket_->watch(this);
}

ConnectionFigures Connection::figures() const {
  const MonotonicTime now = shard_.clock.now();
  const MonotonicTime active = std::max(last_active_, opened_);
  return {.number = id_,
          .listener = client_.listener,
          .peer = env::to_text(client_.peer),
          .client_id = client_id_,
          .software_name = software_name_,
          .software_version = software_version_,
          .requests = requests_,
          .bytes_in = bytes_in_,
          .bytes_out = bytes_out_,
          .in_flight = in_flight_.size(),
          .unsent_bytes = outgoing_bytes_,
          .open_for = std::chrono::duration_cast<Milliseconds>(now - opened_),
          .idle_for = std::chrono::duration_cast<Milliseconds>(now - active)};
}

void Connection::finish() {
  finishing_ = true;
  next_.reset();
  if (in_flight_.empty() && outgoing_.empty()) return close(observe::Level::debug, "");
  close_when_sent_ = in_flight_.empty();
}

void Connection::close(observe::Level level, std::string_view reason) {
  if (!is_open()) return;
  const auto keep = shared_from_this();
  if (!reason.empty()) {
    log_.line(level, "connection.closed", {{"peer", env::to_text(client_.peer)}, {"reason", reason}});
  }
  socket_->watch(nullptr);
  socket_.reset();
  if (idle_timer_ != 0) shard_.clock.disarm(idle_timer_);
  idle_timer_ = 0;
  next_.reset();
  outgoing_.clear();
  outgoing_bytes_ = 0;
  for (const auto& request : std::exchange(in_flight_, {})) request->abandon();
  note_request_bytes(-static_cast<std::ptrdiff_t>(request_bytes_));
  owner_.on_closed(*this);
}

void Connection::on_readable() {
  readable_ = true;
  pump();
}

void Connection::on_writable() {
  const auto keep = shared_from_this();
  writable_ = true;
  write_queued();
  pump();
}

void Connection::pump() {
  if (pumping_) return;
  const auto keep = shared_from_this();
  pumping_ = true;
  for (int reads = 0; begin_requests() && may_read() && read_once();) {
    if (++reads < kReadsMax) continue;
    // The socket is asked again behind whatever else is due: a watch() repeats the edge.
    if (is_open()) socket_->watch(this);
    break;
  }
  pumping_ = false;
}

bool Connection::begin_requests() {
  while (is_open() && !finishing_) {
    if (!next_) {
      if (!reader_.has_frame()) return true;
      FramePtr frame = reader_.take();
      const auto admitted = server_.admit(client_, *frame);
      if (!admitted) {
        close(observe::Level::warn, admitted.error().text);
        return false;
      }
      next_ = std::move(frame);
      next_is_produce_ = *admitted;
    }
    if (!may_begin(next_is_produce_)) return true;
    begin(std::move(next_), next_is_produce_);
  }
  return is_open();
}

bool Connection::may_begin(bool is_produce) const {
  if (outgoing_bytes_ > kQueuedReplyBytesMax) return false;
  if (in_flight_.empty()) return true;
  if (!is_produce || in_flight_.size() >= kPipelinedMax) return false;
  const auto out_of_the_way = [](const std::shared_ptr<InFlight>& request) {
    return request->is_done_ || (request->is_produce_ && request->is_queued_);
  };
  return std::all_of(in_flight_.begin(), in_flight_.end(), out_of_the_way);
}

bool Connection::may_read() const {
  return readable_ && !finishing_ && !close_when_sent_ && !next_ && !reader_.has_frame();
}

void Connection::note_request_bytes(std::ptrdiff_t change) {
  request_bytes_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(request_bytes_) + change);
  owner_.on_request_bytes(change);
}

void Connection::read_again() {
  if (is_open()) socket_->watch(this);
}

bool Connection::read_once() {
  // A request that was begun comes to its end: none may wait for the room that halves of others take.
  if (reader_.at_boundary() && !owner_.has_room_for_requests()) {
    owner_.hold_back(*this);
    return false;
  }
  const auto read = socket_->read(reader_.room(owner_.scratch()));
  if (!read) {
    if (read.error().code == Errc::would_block) {
      readable_ = false;
    } else {
      close(observe::Level::debug, "");
    }
    return false;
  }
  if (*read == 0) {
    close(observe::Level::debug, "");
    return false;
  }
  last_active_ = shard_.clock.now();
  bytes_in_ += *read;
  note_request_bytes(static_cast<std::ptrdiff_t>(*read));
  if (const auto took = reader_.took(*read); !took) {
    close(observe::Level::warn, took.error().text);
    return false;
  }
  return true;
}

void Connection::begin(FramePtr frame, bool is_produce) {
  ++requests_;
  auto request = std::make_shared<InFlight>();
  request->frame = std::move(frame);
  request->connection_ = weak_from_this();
  request->is_produce_ = is_produce;
  in_flight_.push_back(request);
  shard_.fibers.spawn("request", [self_ptr = shared_from_this(), request](env::Fiber& self) {
    auto reply = self_ptr->server_.serve(self, self_ptr->client_, *request);
    self_ptr->end(*request, std::move(reply));
  });
}

void Connection::end(InFlight& request, Result<Reply> reply) {
  request.is_done_ = true;
  const std::size_t answered = request.frame->size() + kFrameSizeBytes;
  request.frame.reset();
  if (!is_open()) return;
  note_request_bytes(-static_cast<std::ptrdiff_t>(answered));
  if (!reply) return close(observe::Level::warn, reply.error().text);
  request.reply_ = std::move(*reply);
  queue_replies();
  write_queued();
  pump();
}

void Connection::queue_replies() {
  while (!in_flight_.empty() && in_flight_.front()->is_done_) {
    auto owner = std::make_shared<Reply>(std::move(in_flight_.front()->reply_));
    in_flight_.pop_front();
    if (owner->ends_connection) close_when_sent_ = true;
    if (owner->is_silent) continue;
    for (const Bytes span : owner->frame.spans()) {
      outgoing_.push_back({span, owner});
      outgoing_bytes_ += span.size();
    }
    if (close_when_sent_) break;
  }
  if (finishing_ && in_flight_.empty()) close_when_sent_ = true;
}

void Connection::write_queued() {
  while (is_open() && writable_ && !outgoing_.empty()) {
    std::array<Bytes, kPiecesMax> pieces;
    const std::size_t count = std::min(kPiecesMax, outgoing_.size());
    for (std::size_t i = 0; i < count; ++i) pieces[i] = outgoing_[i].bytes;
    const auto written = socket_->write(std::span(pieces.data(), count));
    if (!written) {
      if (written.error().code != Errc::would_block) return close(observe::Level::debug, "");
      writable_ = false;
      break;
    }
    last_active_ = shard_.clock.now();
    bytes_out_ += *written;
    advance_outgoing(*written);
  }
  if (is_open() && close_when_sent_ && outgoing_.empty()) close(observe::Level::debug, "");
}

void Connection::advance_outgoing(std::size_t written) {
  outgoing_bytes_ -= written;
  while (written > 0) {
    Bytes& front = outgoing_.front().bytes;
    const std::size_t part = std::min(written, front.size());
    front = front.subspan(part);
    written -= part;
    if (front.empty()) outgoing_.pop_front();
  }
}

void Connection::arm_idle(MonotonicTime when) {
  if (settings_.idle_max.count() <= 0) return;
  idle_timer_ = shard_.clock.arm(when, [this] { on_idle_timer(); });
}

void Connection::on_idle_timer() {
  idle_timer_ = 0;
  const MonotonicTime now = shard_.clock.now();
  if (!in_flight_.empty()) last_active_ = now;
  const MonotonicTime due = last_active_ + settings_.idle_max;
  if (due > now) return arm_idle(due);
  close(observe::Level::info, "idle for longer than connections.max.idle.ms");
}

}  // namespace gregor::broker
