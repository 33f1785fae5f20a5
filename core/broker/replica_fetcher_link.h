// LeaderLink: what a fetcher needs of another broker: answers to Fetch and ListOffsets. BrokerDirectory: where the
// others are. Both are seams: a test answers out of its own hand.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "env/shard.h"
#include "wire/fetch.h"
#include "wire/list_offsets.h"

namespace gregor::broker {

/// An answer, and what it borrows from.
template <class Response>
struct LeaderReply {
  std::shared_ptr<const void> owner = {};
  Response body = {};
};

/// One connection to one broker. A link that failed is of no use any more.
class LeaderLink {
 public:
  LeaderLink() = default;
  LeaderLink(const LeaderLink&) = delete;
  LeaderLink& operator=(const LeaderLink&) = delete;
  virtual ~LeaderLink() = default;
  /// Suspend. Throw Cancelled. Errors: of the network; timed_out; malformed; unsupported; closed.
  virtual Result<LeaderReply<wire::FetchResponse>> fetch(env::Fiber& self, const wire::FetchRequest& request) = 0;
  virtual Result<LeaderReply<wire::ListOffsetsResponse>> list_offsets(env::Fiber& self,
                                                                      const wire::ListOffsetsRequest& request) = 0;
  /// Who waits for an answer is told so. Does not suspend.
  virtual void close() = 0;
};

/// Opens a link to a broker. Suspends. Throws Cancelled. Errors: not_found (nobody knows where it is), of the network.
using LeaderDialer = UniqueFunction<Result<std::shared_ptr<LeaderLink>>(env::Fiber& self, NodeId leader)>;

struct BrokerPlace {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const BrokerPlace&) const = default;
};

/// Where brokers take the connections of other brokers, by the newest metadata of this shard.
class BrokerDirectory {
 public:
  BrokerDirectory() = default;
  BrokerDirectory(const BrokerDirectory&) = delete;
  BrokerDirectory& operator=(const BrokerDirectory&) = delete;
  virtual ~BrokerDirectory() = default;
  /// None where it is not registered, or has no listener of that name (inter.broker.listener.name).
  [[nodiscard]] virtual std::optional<BrokerPlace> place_of(NodeId broker) const = 0;
};

/// Dials by the directory over the shard's network. An answer that takes longer than `timeout`
/// (replica.socket.timeout.ms) ends the link. `shard` and `directory` outlive it and its links.
LeaderDialer network_dialer(env::Shard& shard, const BrokerDirectory& directory, std::string client_id,
                            Milliseconds timeout);

}  // namespace gregor::broker
