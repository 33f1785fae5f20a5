// The simulated network: TCP connections between nodes as pairs of byte streams over links that may be slow, clogged or
// cut. Within a connection nothing is lost, doubled or reordered: a cut link holds bytes back until it heals or the
// sender gives up.
//
// This is the system's side, which outlives processes: sim/socket.h is what a shard holds. Faults are the methods here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/network.h"
#include "sim/connection.h"
#include "sim/engine.h"
#include "sim/network_law.h"

namespace gregor::sim {

class ListenerEntry;

/// A machine on the network.
struct NetworkHost {
  std::string name;
  std::string address_v4;
  std::string address_v6;
  bool up = true;                   ///< false: no power, nothing answers
  std::uint16_t next_port = 32768;  ///< ephemeral
};

class SimNetwork {
 public:
  SimNetwork(Engine& engine, NetworkLaw law);

  [[nodiscard]] NetworkLaw& law() { return law_; }
  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] const NetworkHost& host(std::uint32_t node) const { return hosts_.at(node); }

  // Faults. Each works on the directed link from one node to another unless it says otherwise; cuts add up: as many
  // heals undo them.
  void cut_one_way(std::uint32_t from, std::uint32_t to);
  void heal_one_way(std::uint32_t from, std::uint32_t to);
  void cut(std::uint32_t a, std::uint32_t b);   ///< both ways
  void heal(std::uint32_t a, std::uint32_t b);  ///< both ways
  void heal_all();                              ///< every cut, clog and slowness
  void clog(std::uint32_t from, std::uint32_t to, Nanoseconds wait);
  void slow_down(std::uint32_t from, std::uint32_t to, Latency added);
  /// Resets both ends. False when it is gone.
  bool reset(std::uint64_t connection);
  /// Ids of connections with an end at this node and both ends alive, in order of their making.
  [[nodiscard]] std::vector<std::uint64_t> connections_of(std::uint32_t node) const;

  // For the world.
  std::uint32_t add_host(std::string name);
  /// The process died or ended: its sockets close, as the system does it.
  void close_all_of(Lane& lane);
  /// The machine lost power: its ends vanish without a word.
  void vanish_all_of(Lane& lane);
  void set_up(std::uint32_t node, bool up);

  // For the shards' env::Network.
  Result<env::Endpoint> add_listener(Lane& lane, const env::Endpoint& at, env::Acceptor& acceptor, std::uint64_t* id);
  void remove_listener(std::uint64_t id);
  struct Dial;
  /// Starts a connect; `dial->done` is set and `dial->wake` called when it is decided.
  void dial(const std::shared_ptr<Dial>& dial);
  [[nodiscard]] Result<std::vector<std::string>> resolve(std::uint32_t node, const std::string& host) const;

  // For connections.
  [[nodiscard]] bool is_blocked(std::uint32_t from, std::uint32_t to) const;
  [[nodiscard]] Nanoseconds draw_latency(std::uint32_t from, std::uint32_t to);
  RandomStream& noise() { return noise_; }
  void forget(std::uint64_t connection);

 private:
  struct Link {
    std::uint32_t cuts = 0;
    SimTime clogged_until{};
    Latency added{};
    RandomStream stream;
  };
  struct ListeningShard {
    std::uint64_t id;
    Lane* lane;
    env::Endpoint at;
    env::Acceptor* acceptor;
  };
  Link& link(std::uint32_t from, std::uint32_t to);
  void link_changed(std::uint32_t from, std::uint32_t to);
  [[nodiscard]] std::uint32_t node_of_address(std::uint32_t asking, const std::string& address) const;
  [[nodiscard]] std::vector<const ListeningShard*> listening_at(std::uint32_t node, const env::Endpoint& to) const;
  void syn_arrives(const std::shared_ptr<Dial>& dial);
  void retry_syn(const std::shared_ptr<Dial>& dial);
  void refuse(const std::shared_ptr<Dial>& dial);
  void establish(const std::shared_ptr<Dial>& dial);
  void offer(const std::shared_ptr<Connection>& connection, const env::Endpoint& to);
  std::uint16_t take_port(std::uint32_t node);

  Engine& engine_;
  NetworkLaw law_;
  std::vector<NetworkHost> hosts_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Link> links_;
  std::map<std::uint64_t, ListeningShard> listeners_;
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  RandomStream noise_;
  std::uint64_t last_id_ = 0;
};

}  // namespace gregor::sim
