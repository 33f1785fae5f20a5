// DeathWatch: notices at once that a broker's process is gone. It holds a connection to every broker that is open to
// clients, on which nothing is ever said; when one ends it dials again, and when the port refuses for long enough it
// says so. The decision is quorum/death_signs.h, and so is the argument for it; this gives it a clock and a network.
//
// Promises:
//   W1  a broker is told to be gone only under the epoch that its signs belong to: another life begins with none;
//   W2  a broker that was heard of (heard()) after its connection ended is not gone before a whole probe has passed
//       since;
//   W3  at most one connection a broker, one dial at a time; dials that are not answered come slower and slower;
//   W4  every controller watches, active or not, so that one that becomes active knows what it saw before.
// Never fences: who is told decides what follows. Never writes a byte, and drops what it
// reads. On shard 0.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "config/broker_config.h"
#include "env/shard.h"
#include "env/wait.h"
#include "metadata/image.h"

namespace gregor::controller {

class DeathWatch : public std::enable_shared_from_this<DeathWatch> {
 public:
  using Gone = std::function<void(NodeId broker, BrokerEpoch epoch)>;
  /// `gone` is called on the shard's fibers, again and again while the port refuses; it must not suspend. References
  /// outlive the shard's fibers.
  DeathWatch(env::Shard& shard, const config::BrokerConfig& config, Gone gone);
  ~DeathWatch();
  DeathWatch(const DeathWatch&) = delete;
  DeathWatch& operator=(const DeathWatch&) = delete;

  /// Watches those who are open to clients there, at the listener that brokers reach each other on, and nobody else.
  void show(const metadata::Image& image);
  /// The broker spoke to this controller.
  void heard(NodeId broker, BrokerEpoch epoch);
  /// The connection to this life of the broker ended and nothing was heard of it since: a process that says to be the
  /// same broker at the same addresses holds a port that the former can no longer hold.
  [[nodiscard]] bool has_ended_unheard(NodeId broker, BrokerEpoch epoch) const;
  /// Tells again of those whose signs say so: whoever was told before may not have been in a position to act.
  void tell_again() const;
  /// Nobody is watched any more. Does not suspend.
  void end();
  /// As end(), and suspends until the last connection is closed. Throws Cancelled.
  void stop(env::Fiber& self);

 private:
  struct Tether;
  void begin(const std::shared_ptr<Tether>& tether);
  void run(env::Fiber& self, Tether& tether);
  [[nodiscard]] const metadata::Endpoint* address_of(const metadata::BrokerRegistration& broker) const;

  env::Shard& shard_;
  const config::BrokerConfig& config_;
  const std::string listener_;
  const Milliseconds probe_;
  const Gone gone_;
  std::map<NodeId, std::shared_ptr<Tether>> tethers_;
  bool is_stopping_ = false;
  std::size_t running_ = 0;
  env::WaitQueue ended_;
};

}  // namespace gregor::controller
