// Peers: the links to the other nodes of the quorum. A request goes out on a lane of its addressee, one after the
// other; what comes back is told to the PeersListener with the request's id, or that nothing will.
//
// Promises: a reply is told only for the request that it came for, from the link that this went out on (INVARIANTS
// 61), at most once, and not after close(); fetches have lanes of their own, so that no vote waits behind one; a newer
// request takes the place of one that has not gone out; a node whose process ended is dialled until that is certain
// (death_signs.h) before its request fails. Never decides what to send or when.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/connection.h"
#include "config/broker_config.h"
#include "env/shard.h"
#include "env/wait.h"
#include "observe/log.h"
#include "quorum/death_signs.h"
#include "quorum/fetched_batches.h"
#include "quorum/peer_messages.h"
#include "raft/fsm.h"

namespace gregor::quorum {

/// Of the machine that asked. Called on a fiber of the shard; must not suspend.
class PeersListener {
 public:
  virtual ~PeersListener() = default;
  virtual void on_reply(raft::ReplyReceived received, FetchedBatches fetched) = 0;
  virtual void on_failed(raft::RequestId request) = 0;
  /// The process of this node is gone, by all signs; told with every dial that says so.
  virtual void on_gone(NodeId node) = 0;
  /// In force.
  [[nodiscard]] virtual const raft::VoterSet& voters() const = 0;
};

class Peers : public std::enable_shared_from_this<Peers> {
 public:
  /// References outlive the fibers of the shard.
  struct Seat {
    env::Shard& shard;
    const config::BrokerConfig& config;
    observe::Log& log;
    NodeId self;
    std::string cluster_id;
  };
  Peers(const Seat& seat, std::weak_ptr<PeersListener> listener);
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  /// Does not suspend. Requires that close() was not called.
  void send(raft::Send send);
  /// Someone said where this node listens.
  void learn(NodeId node, Address address);
  /// By the voters in force, the configuration, or what was learnt.
  [[nodiscard]] std::optional<Address> address_of(NodeId node) const;
  [[nodiscard]] const Context& context() const { return context_; }
  /// Who fetches a snapshot needs a link too. Suspends. Errors: closed (the node cannot be reached, and why). Throws
  /// Cancelled.
  Result<std::shared_ptr<client::Connection>> open_link(env::Fiber& self, NodeId node);
  /// Ends all links; nobody is told anything any more.
  void close();

 private:
  enum class Kind : unsigned char { fetch, other };
  struct Lane {
    Lane(NodeId whose, Milliseconds probe) : node(whose), signs(probe) {}
    const NodeId node;
    std::optional<raft::Send> next = {};
    std::shared_ptr<client::Connection> link = {};
    std::optional<Address> linked_to = {};
    bool is_asking_fetch = false;
    int failures = 0;  ///< to connect, in a row
    DeathSigns signs;
    std::string refused_for = {};  ///< as the log was told
    env::WaitQueue news = {};
  };
  static void run(env::Fiber& self, const std::shared_ptr<Peers>& peers, const std::shared_ptr<Lane>& lane);
  void serve(env::Fiber& self, Lane& lane);
  void exchange(env::Fiber& self, Lane& lane, const raft::Send& send);
  template <class Response, class Request>
  void ask(env::Fiber& self, Lane& lane, raft::RequestId id, const Request& request);
  void note_unanswered(PeersListener& listener, const Lane& lane, raft::RequestId id, const client::Failure& why);
  /// Once for each reason in a row.
  void note_refused(Lane& lane, const std::string& reason);
  /// Says, once, what answers say of another process with our node id.
  void note_rival(const Lane& lane, const raft::Standing& standing);
  bool connect(env::Fiber& self, Lane& lane);
  /// What open_link() comes to. `is_refused`: by every address of the node.
  struct Dialled {
    std::shared_ptr<client::Connection> link;
    bool is_refused = false;
    std::string why_not = "nobody knows where it listens";
  };
  Dialled dial(env::Fiber& self, NodeId node);
  /// The same, again while refusals are to be counted.
  std::shared_ptr<client::Connection> dial_watched(env::Fiber& self, Lane& lane);
  void note_end(Lane& lane);
  void fail_request(raft::RequestId request);
  [[nodiscard]] NodeId any_node();
  [[nodiscard]] client::LinkSettings link_settings() const;

  Seat seat_;
  Context context_;
  std::weak_ptr<PeersListener> listener_;
  const Milliseconds probe_;
  std::vector<Address> bootstrap_;
  std::map<NodeId, Address> learnt_;
  std::map<std::pair<NodeId, Kind>, std::shared_ptr<Lane>> lanes_;
  std::size_t asked_any_ = 0;
  std::optional<MonotonicTime> named_leader_since_;  ///< others take us for the leader, who asks who leads
  bool is_rival_told_ = false;
  bool is_closed_ = false;
};

}  // namespace gregor::quorum
