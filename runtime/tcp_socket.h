// One TCP connection on a shard's loop.
#pragma once

#include "env/network.h"
#include "runtime/descriptor.h"
#include "runtime/loop.h"

namespace gregor::runtime {

class TcpSocket final : public env::Socket, private EventHandler {
 public:
  /// Takes a connected, non-blocking descriptor. Errors: those of Loop::watch.
  static Result<std::unique_ptr<TcpSocket>> make(Loop& loop, Descriptor descriptor);
  ~TcpSocket() override;

  Result<std::size_t> read(MutableBytes into) override;
  Result<std::size_t> write(std::span<const Bytes> pieces) override;
  void shutdown_write() override;
  void watch(env::SocketWatcher* watcher) override;
  [[nodiscard]] const env::Endpoint& local() const override { return local_; }
  [[nodiscard]] const env::Endpoint& peer() const override { return peer_; }

 private:
  TcpSocket(Loop& loop, Descriptor descriptor);
  void on_events(std::uint32_t epoll_events) override;

  Loop& loop_;
  Descriptor descriptor_;
  Watch* watch_ = nullptr;
  env::SocketWatcher* watcher_ = nullptr;
  bool wants_room_ = false;  ///< a write found no room, or a new watcher was not yet told that there is some
  env::Endpoint local_;
  env::Endpoint peer_;
};

}  // namespace gregor::runtime
