// The simulated network: TCP connections between nodes as pairs of byte streams over links that may be slow, clogged or
// cut. Within a connection nothing is lost, doubled or reordered: a cut link holds bytes back until it heals or the
// sender gives up.
//
// This is the system's side, which outlives processes; sim/network_port.h is what a shard holds. Faults are the methods
// here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "env/network.h"
#include "sim/connection.h"
#include "sim/engine.h"
#include "sim/network_law.h"

namespace gregor::sim {

/// A machine on the network.
struct NetworkHost {
  std::string name;
  std::string address_v4;
  std::string address_v6;
  bool up = true;                   ///< false: no power, nothing answers
  std::uint16_t next_port = 32768;  ///< ephemeral
};

/// A connect under way. Whoever asked waits for `decided`.
struct Dial {
  std::uint32_t node = 0;
  Lane* lane = nullptr;  ///< who asks
  env::Endpoint to;
  env::Fiber* fiber = nullptr;  ///< null: nobody waits any more
  bool decided = false;
  Error error;  ///< when there is no connection
  std::shared_ptr<Connection> connection;
  std::uint32_t target = 0;
  std::uint32_t attempts = 0;
  void decide();
};

/// Looks at bytes as a connection takes them.
class PieceDelayer {
 public:
  virtual ~PieceDelayer() = default;
  /// How much longer than otherwise they are to travel; what follows them on the connection does not overtake them.
  virtual Nanoseconds delay_of(const Connection& connection, Side from, Bytes bytes) = 0;
};

class SimNetwork {
 public:
  SimNetwork(Engine& engine, const NetworkLaw& law);

  [[nodiscard]] NetworkLaw& law() { return law_; }
  [[nodiscard]] const NetworkHost& host(std::uint32_t node) const { return hosts_.at(node); }

  // Faults. Each works on the directed link from one node to another unless it says otherwise. Cuts add up: as many
  // heals undo them.
  void cut_one_way(std::uint32_t from, std::uint32_t to);
  void heal_one_way(std::uint32_t from, std::uint32_t to);
  void cut(std::uint32_t a, std::uint32_t b);   ///< both ways
  void heal(std::uint32_t a, std::uint32_t b);  ///< both ways
  void heal_all();                              ///< every cut, clog and slowness
  void clog(std::uint32_t from, std::uint32_t to, Nanoseconds wait);
  /// Adds to what each piece takes; a Latency{} undoes it.
  void slow_down(std::uint32_t from, std::uint32_t to, const Latency& added);
  /// Asked of all bytes from now on, until it is removed. Where several delay a piece, the longest counts.
  void add_delayer(PieceDelayer& delayer) { delayers_.push_back(&delayer); }
  void remove_delayer(PieceDelayer& delayer) { std::erase(delayers_, &delayer); }
  /// Resets both ends at once. False when it is gone.
  bool reset(std::uint64_t connection);
  /// Ids of whole connections with an end at this node, in order of their making.
  [[nodiscard]] std::vector<std::uint64_t> connections_of(std::uint32_t node) const;

  // For the world.
  std::uint32_t add_host(std::string name);
  void set_up(std::uint32_t node, bool up);
  /// The process of this lane is gone: the system closes its sockets and listeners.
  void close_all_of(Lane& lane);
  /// Its machine lost power: they vanish without a word.
  void vanish_all_of(Lane& lane);

  // For the shards' env::Network.
  struct Listening {
    std::uint64_t id;
    env::Endpoint at;
  };
  Result<Listening> add_listener(Lane& lane, const env::Endpoint& at, env::Acceptor& acceptor);
  void remove_listener(std::uint64_t id);
  /// Starts a connect; fails at once when no node has that address.
  void dial(const std::shared_ptr<Dial>& dial);
  [[nodiscard]] Result<std::vector<std::string>> resolve(std::uint32_t asking, const std::string& host) const;

  // For connections.
  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] RandomStream& noise() { return noise_; }
  [[nodiscard]] bool is_blocked(std::uint32_t from, std::uint32_t to) const;
  [[nodiscard]] Nanoseconds draw_latency(std::uint32_t from, std::uint32_t to);
  [[nodiscard]] Nanoseconds delay_of(const Connection& connection, Side from, Bytes bytes) const;
  /// Something met this blocked link: its fault had an effect.
  void count_blocked(std::uint32_t from, std::uint32_t to);
  void forget(std::uint64_t connection) { connections_.erase(connection); }

 private:
  struct Link {
    std::uint32_t cuts = 0;
    SimTime clogged_until{};
    Latency added{};
    FaultKind cause = FaultKind::partition;
    bool effect_counted = false;
    RandomStream stream;
  };
  struct Listener {
    Lane* lane;
    env::Endpoint at;
    env::Acceptor* acceptor;
  };
  using NodePair = std::pair<std::uint32_t, std::uint32_t>;

  Link& link(std::uint32_t from, std::uint32_t to);
  void block(std::uint32_t from, std::uint32_t to, FaultKind cause);
  void carry_on(std::uint32_t a, std::uint32_t b);
  template <class Wanted>
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> select(Wanted wanted) const;

  /// Which node has this address, as seen from `asking`; -1 when none.
  [[nodiscard]] std::int64_t node_of(std::uint32_t asking, const std::string& address) const;
  [[nodiscard]] std::vector<std::uint64_t> listeners_at(std::uint32_t node, const env::Endpoint& to) const;
  [[nodiscard]] bool is_local(std::uint32_t node, const std::string& address) const;
  std::uint16_t take_port(std::uint32_t node);

  void send_syn(const std::shared_ptr<Dial>& dial, Nanoseconds wait);
  void syn_arrives(const std::shared_ptr<Dial>& dial);
  void send_syn_again(const std::shared_ptr<Dial>& dial);
  void refuse(const std::shared_ptr<Dial>& dial);
  void establish(const std::shared_ptr<Dial>& dial);
  void offer(const std::shared_ptr<Connection>& connection);

  Engine& engine_;
  NetworkLaw law_;
  RandomStream noise_;
  std::vector<NetworkHost> hosts_;
  std::map<NodePair, Link> links_;
  std::map<std::uint64_t, Listener> listeners_;
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  std::vector<PieceDelayer*> delayers_;
  std::uint64_t last_id_ = 0;
};

}  // namespace gregor::sim
