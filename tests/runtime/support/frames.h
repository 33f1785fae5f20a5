// An echo of frames (4 bytes of length, then the frame) as a broker would serve it: a watcher cuts frames, a fiber
// answers each.
#pragma once

#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "env/shard.h"

namespace gregor::runtime {

class EchoConnection;

/// Accepts connections and keeps them until their peer ends them.
class EchoServer final : public env::Acceptor {
 public:
  EchoServer(env::Shard& shard, const env::Endpoint& at) : shard_(shard), listener_(shard.network.listen(at, *this)) {}
  void on_accept(std::unique_ptr<env::Socket> socket) override;
  [[nodiscard]] const Result<std::unique_ptr<env::Listener>>& listener() const { return listener_; }
  void stop_accepting() { listener_ = fail(Errc::closed, "stopped"); }
  [[nodiscard]] std::size_t open_count() const { return connections_.size(); }
  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  [[nodiscard]] std::size_t answered() const { return answered_; }

 private:
  friend class EchoConnection;
  static constexpr std::size_t kReadBytes = 64 * 1024;
  env::Shard& shard_;
  ByteBuffer room_ = ByteBuffer(kReadBytes);  ///< what one read may bring, whoever reads
  std::map<EchoConnection*, std::unique_ptr<EchoConnection>> connections_;
  std::size_t accepted_ = 0;
  std::size_t answered_ = 0;
  Result<std::unique_ptr<env::Listener>> listener_;
};

class EchoConnection final : env::SocketWatcher {
 public:
  EchoConnection(EchoServer& server, std::unique_ptr<env::Socket> socket)
      : server_(server), socket_(std::move(socket)) {
    socket_->watch(this);
  }
  ~EchoConnection() override { socket_.reset(); }

 private:
  void on_readable() override {
    for (;;) {
      const Result<std::size_t> taken = socket_->read(server_.room_);
      if (!taken && taken.error().code == Errc::would_block) return;
      if (!taken || *taken == 0) {
        ended_ = true;
        end_when_idle();
        return;
      }
      append_bytes(input_, Bytes(server_.room_).first(*taken));
      cut_frames();
      if (*taken < server_.room_.size()) return;
    }
  }
  void on_writable() override { send(); }

  void cut_frames() {
    std::size_t at = 0;
    while (input_.size() - at >= 4) {
      const std::size_t size = 4 + load_big_endian<std::uint32_t>(&input_[at]);
      if (input_.size() - at < size) break;
      ++answering_;
      server_.shard_.fibers.spawn(
          "echo", [this, frame = ByteBuffer(&input_[at], &input_[at] + size)](env::Fiber&) { answer(frame); });
      at += size;
    }
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  void answer(const ByteBuffer& frame) {
    append_bytes(output_, frame);
    ++server_.answered_;
    if (--answering_ == 0) send();
    end_when_idle();
  }
  void send() {
    while (!output_.empty()) {
      const Bytes piece(output_);
      const Result<std::size_t> taken = socket_->write(std::span(&piece, 1));
      if (!taken) return;
      output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(*taken));
    }
  }
  void end_when_idle() {
    if (ended_ && answering_ == 0) server_.connections_.erase(this);
  }

  EchoServer& server_;
  std::unique_ptr<env::Socket> socket_;
  ByteBuffer input_;
  ByteBuffer output_;
  std::size_t answering_ = 0;
  bool ended_ = false;
};

inline void EchoServer::on_accept(std::unique_ptr<env::Socket> socket) {
  ++accepted_;
  auto connection = std::make_unique<EchoConnection>(*this, std::move(socket));
  EchoConnection* key = connection.get();
  connections_.emplace(key, std::move(connection));
}

/// A frame of `size` payload bytes that all are `fill`.
inline ByteBuffer frame_of(std::size_t size, std::byte fill) {
  ByteBuffer frame(4 + size, fill);
  store_big_endian(frame.data(), static_cast<std::uint32_t>(size));
  return frame;
}

}  // namespace gregor::runtime
