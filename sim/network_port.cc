#include "sim/network_port.h"

#include <algorithm>
#include <cerrno>

namespace gregor::sim {
namespace {

/// Longer connect timeouts are cut to this: nobody's system waits longer.
constexpr Nanoseconds kConnectTimeoutMax = std::chrono::hours(24);

Error process_is_over() {
  return {Errc::closed, "the process is over", 0};
}

class ListenerPort final : public env::Listener {
 public:
  ListenerPort(SimNetwork& network, const Lane& lane, SimNetwork::Listening listening)
      : network_(network), lane_(lane), listening_(std::move(listening)) {}
  ~ListenerPort() override {
    if (!lane_.dead) network_.remove_listener(listening_.id);
  }
  [[nodiscard]] const env::Endpoint& local() const override { return listening_.at; }

 private:
  SimNetwork& network_;
  const Lane& lane_;
  SimNetwork::Listening listening_;
};

/// A timed event that is cancelled with its scope.
struct Alarm {
  Engine& engine;
  EventId event;
  ~Alarm() { engine.cancel(event); }
};

/// Whoever waited leaves: nothing may wake or serve it any more.
struct DialScope {
  std::shared_ptr<Dial> dial;
  ~DialScope() {
    dial->fiber = nullptr;
    if (dial->connection != nullptr) dial->connection->close(Side::dialled);
  }
};

}  // namespace

SocketPort::SocketPort(const Lane& lane, std::shared_ptr<Connection> connection, Side side)
    : lane_(lane), connection_(std::move(connection)), side_(side) {}

SocketPort::~SocketPort() {
  if (!lane_.dead) connection_->close(side_);
}

Result<std::size_t> SocketPort::read(MutableBytes into) {
  if (lane_.dead) return fail(process_is_over());
  return connection_->read(side_, into);
}

Result<std::size_t> SocketPort::write(std::span<const Bytes> pieces) {
  if (lane_.dead) return fail(process_is_over());
  return connection_->write(side_, pieces);
}

void SocketPort::shutdown_write() {
  if (!lane_.dead) connection_->shutdown_write(side_);
}

void SocketPort::watch(env::SocketWatcher* watcher) {
  if (!lane_.dead) connection_->watch(side_, watcher);
}

NetworkPort::NetworkPort(SimNetwork& network, Lane& lane)
    : network_(network),
      lane_(lane),
      stream_(network.engine().stream({"resolve", lane.node, lane.incarnation, lane.shard})) {}

Result<std::unique_ptr<env::Listener>> NetworkPort::listen(const env::Endpoint& at, env::Acceptor& acceptor) {
  if (lane_.dead) return fail(process_is_over());
  TRY_ASSIGN(SimNetwork::Listening listening, network_.add_listener(lane_, at, acceptor));
  return std::make_unique<ListenerPort>(network_, lane_, std::move(listening));
}

Result<std::unique_ptr<env::Socket>> NetworkPort::connect(env::Fiber& self, const env::Endpoint& to,
                                                          Nanoseconds timeout) {
  if (lane_.dead) self.cancel();
  auto dial = std::make_shared<Dial>();
  dial->node = lane_.node;
  dial->lane = &lane_;
  dial->to = to;
  dial->fiber = &self;
  DialScope scope{dial};
  Engine& engine = network_.engine();
  const Alarm alarm{engine, engine.after(std::min(timeout, kConnectTimeoutMax), [&engine, dial] {
                      if (dial->decided || dial->fiber == nullptr) return;
                      engine.record(dial->node, 0, EventKind::connect_timed_out, dial->to.port);
                      engine.faults().fired_with_effect(FaultKind::connect_timed_out);
                      dial->error = {Errc::timed_out, to_text(dial->to) + " did not answer in time", ETIMEDOUT};
                      dial->decide();
                    })};
  network_.dial(dial);
  while (!dial->decided) self.park();
  if (dial->connection == nullptr) return fail(dial->error);
  std::shared_ptr<Connection> connection = std::move(dial->connection);
  dial->connection = nullptr;
  return std::make_unique<SocketPort>(lane_, std::move(connection), Side::dialled);
}

Result<std::vector<std::string>> NetworkPort::resolve(env::Fiber& self, const std::string& host) {
  if (lane_.dead) self.cancel();
  struct Answer {
    env::Fiber* fiber;
    bool arrived = false;
  } answer{&self};
  Engine& engine = network_.engine();
  const Nanoseconds wait = network_.law().resolve.draw(stream_);
  const Alarm alarm{engine, engine.after(wait, [this, &answer] {
                      network_.engine().record(lane_.node, lane_.shard, EventKind::name_resolved, 0);
                      answer.arrived = true;
                      answer.fiber->wake();
                    })};
  while (!answer.arrived) self.park();
  if (network_.law().resolve_failed.draw(stream_)) {
    engine.faults().fired_with_effect(FaultKind::resolve_failed);
    return fail(Errc::not_found, host + " could not be resolved", 0);
  }
  return network_.resolve(lane_.node, host);
}

}  // namespace gregor::sim
