// One shard's listening socket.
#pragma once

#include "env/network.h"
#include "observe/log.h"
#include "runtime/descriptor.h"
#include "runtime/loop.h"

namespace gregor::runtime {

/// Takes at most kAcceptsPerRound connections a round, so that a storm of them does not starve those at work. When the
/// process has no descriptor left it stops taking for kBackOff, with one line in the log, and never spins.
class TcpListener final : public env::Listener, private EventHandler {
 public:
  /// Errors: exists, invalid, limit, io. `shares_port`: other shards of this node listen there too.
  static Result<std::unique_ptr<TcpListener>> make(Loop& loop, observe::Log& log, const env::Endpoint& at,
                                                   bool shares_port, env::Acceptor& acceptor);
  ~TcpListener() override;
  [[nodiscard]] const env::Endpoint& local() const override { return local_; }

 private:
  static constexpr int kAcceptsPerRound = 64;
  static constexpr Milliseconds kBackOff{100};

  TcpListener(Loop& loop, observe::Log& log, Descriptor descriptor, env::Acceptor& acceptor);
  void on_events(std::uint32_t epoll_events) override;
  void back_off(int os_error);

  Loop& loop_;
  observe::Log& log_;
  Descriptor descriptor_;
  env::Acceptor& acceptor_;
  env::Endpoint local_;
  Watch* watch_ = nullptr;
  env::TimerId back_off_timer_ = 0;
  bool told_of_shortage_ = false;
};

}  // namespace gregor::runtime
