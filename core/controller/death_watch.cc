#include "controller/death_watch.h"

#include <algorithm>
#include <array>

#include "env/stream.h"
#include "quorum/death_signs.h"

namespace gregor::controller {

namespace {

using quorum::DeathSigns;

constexpr Milliseconds kDialTimeout{1000};
/// Between dials that decide nothing: from here, doubled up to there.
constexpr Milliseconds kPauseMin{50};
constexpr Milliseconds kPauseMax{2000};

}  // namespace

struct DeathWatch::Tether {
  const NodeId broker;
  const BrokerEpoch epoch;
  const metadata::Endpoint at;
  DeathSigns signs;
  env::Fiber* fiber = nullptr;  ///< while it runs
  bool is_over = false;
  int in_vain = 0;  ///< dials since the last connection that lasted

  struct Dialled {
    std::unique_ptr<env::Socket> socket;
    bool is_refused = false;
  };
  /// `is_refused`: by every address of the host.
  Dialled dial(env::Fiber& self, env::Shard& shard) const {
    const auto addresses = shard.network.resolve(self, at.host);
    if (!addresses) return {};
    bool is_refused = !addresses->empty();
    for (const std::string& address : *addresses) {
      auto socket = shard.network.connect(self, {address, at.port}, kDialTimeout);
      if (socket) return {std::move(*socket), false};
      is_refused = is_refused && quorum::is_refusal(socket.error());
    }
    return {nullptr, is_refused};
  }
  /// Until the connection ends.
  void hold(env::Fiber& self, env::Shard& shard, std::unique_ptr<env::Socket> socket) {
    env::Stream stream(std::move(socket));
    std::array<std::byte, 64> ignored;
    const MonotonicTime begun = shard.clock.now();
    for (;;) {
      const auto taken = stream.read_some(self, shard.clock, ignored, kForever);
      if (!taken || *taken == 0) break;
    }
    // Who takes connections only to end them is not dialled as fast as it can do that.
    in_vain = shard.clock.now() - begun >= kPauseMax ? 0 : in_vain + 1;
  }
  [[nodiscard]] Nanoseconds pause() const {
    if (signs.wants_dial()) return signs.pause();
    const int doublings = std::clamp(in_vain - 1, 0, 10);
    return std::min(Nanoseconds(kPauseMin) * (1 << doublings), Nanoseconds(kPauseMax));
  }
  void end() {
    is_over = true;
    if (fiber != nullptr) fiber->cancel();
  }
};

DeathWatch::DeathWatch(env::Shard& shard, const config::BrokerConfig& config, Gone gone)
    : shard_(shard),
      config_(config),
      listener_(config.inter_broker_listener()),
      probe_(config.gregor_failover_probe_ms),
      gone_(std::move(gone)) {}

DeathWatch::~DeathWatch() = default;

const metadata::Endpoint* DeathWatch::address_of(const metadata::BrokerRegistration& broker) const {
  for (const metadata::Endpoint& listener : broker.listeners) {
    if (listener.name == listener_) return &listener;
  }
  return nullptr;
}

void DeathWatch::show(const metadata::Image& image) {
  if (is_stopping_ || probe_.count() == 0 || !config_.is_controller) return;
  const auto is_watched = [&](const metadata::BrokerRegistration* broker, const Tether& tether) {
    if (broker == nullptr || broker->fenced || broker->epoch != tether.epoch) return false;
    const metadata::Endpoint* at = address_of(*broker);
    return at != nullptr && *at == tether.at;
  };
  std::erase_if(tethers_, [&](const auto& held) {
    if (is_watched(image.find_broker(held.first), *held.second)) return false;
    held.second->end();
    return true;
  });
  for (const auto& [id, broker] : image.brokers()) {
    const metadata::Endpoint* at = address_of(broker);
    if (broker.fenced || id == config_.node_id || at == nullptr || tethers_.contains(id)) continue;
    const auto tether = std::make_shared<Tether>(Tether{id, broker.epoch, *at, DeathSigns(probe_)});
    tethers_.emplace(id, tether);
    begin(tether);
  }
}

void DeathWatch::begin(const std::shared_ptr<Tether>& tether) {
  /// Goes with the fiber's entry, whether that ever runs or not.
  struct Ticket {
    Ticket(std::shared_ptr<DeathWatch> of, std::shared_ptr<Tether> held)
        : watch(std::move(of)), tether(std::move(held)) {
      ++watch->running_;
    }
    Ticket(Ticket&&) = default;
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (!tether) return;
      tether->fiber = nullptr;
      --watch->running_;
      watch->ended_.wake_all();
    }
    std::shared_ptr<DeathWatch> watch;
    std::shared_ptr<Tether> tether;
  };
  tether->fiber = &shard_.fibers.spawn("death-watch", [ticket = Ticket(shared_from_this(), tether)](env::Fiber& self) {
    ticket.watch->run(self, *ticket.tether);
  });
}

void DeathWatch::run(env::Fiber& self, Tether& tether) {
  while (!tether.is_over) {
    Tether::Dialled dialled = tether.dial(self, shard_);
    if (dialled.socket) {
      tether.signs.connected();
      tether.hold(self, shard_, std::move(dialled.socket));
      tether.signs.ended();
      if (tether.in_vain == 0) continue;
    } else if (dialled.is_refused) {
      tether.signs.refused(shard_.clock.now());
      if (tether.signs.is_gone()) gone_(tether.broker, tether.epoch);
      ++tether.in_vain;
    } else {
      tether.signs.unclear();
      ++tether.in_vain;
    }
    if (!tether.is_over) env::sleep_for(self, shard_.clock, tether.pause());
  }
}

void DeathWatch::heard(NodeId broker, BrokerEpoch epoch) {
  const auto held = tethers_.find(broker);
  if (held != tethers_.end() && held->second->epoch == epoch) held->second->signs.heard();
}

bool DeathWatch::has_ended_unheard(NodeId broker, BrokerEpoch epoch) const {
  const auto held = tethers_.find(broker);
  return held != tethers_.end() && held->second->epoch == epoch && held->second->signs.has_ended_unheard();
}

void DeathWatch::tell_again() const {
  for (const auto& [broker, tether] : tethers_) {
    if (tether->signs.is_gone()) gone_(broker, tether->epoch);
  }
}

void DeathWatch::end() {
  is_stopping_ = true;
  for (const auto& [broker, tether] : tethers_) tether->end();
  tethers_.clear();
}

void DeathWatch::stop(env::Fiber& self) {
  end();
  while (running_ > 0) ended_.wait(self);
}

}  // namespace gregor::controller
