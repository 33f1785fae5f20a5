#include "broker/replica_ties.h"

#include <algorithm>

#include "broker/broker_shard.h"
#include "broker/directory_assignments.h"

namespace gregor::broker {
namespace {

/// To the node's IsrSender on shard 0, and the answer back to this shard. Without a sender nobody answers.
void submit(BrokerShard& shard, IsrProposal proposal) {
  const ShardId home = shard.id();
  shard.post(ShardId{0}, [home, proposal = std::move(proposal)](BrokerShard& first) mutable {
    if (!first.core.isr_sender) return;
    auto answered = std::move(proposal.answered);
    proposal.answered = [&first, home,
                         answered = std::move(answered)](const replica::AlterPartitionAnswer& answer) mutable {
      first.shard.mailbox.post(home, [answered = std::move(answered), answer]() mutable { answered(answer); });
    };
    first.core.isr_sender->take(std::move(proposal));
  });
}

}  // namespace

std::optional<BrokerPlace> ImageDirectory::place_of(NodeId broker) const {
  const metadata::BrokerRegistration* registered = feed_.image()->find_broker(broker);
  if (registered == nullptr) return std::nullopt;
  const auto& listeners = registered->listeners;
  const auto found = std::find_if(listeners.begin(), listeners.end(),
                                  [&](const metadata::Endpoint& listener) { return listener.name == listener_; });
  if (found == listeners.end()) return std::nullopt;
  return BrokerPlace{found->host, found->port};
}

ReplicaTies::ReplicaTies(BrokerShard& shard, const controller::ImageFeed& feed, env::Shard& own,
                         const config::BrokerConfig& settings)
    : directory_(feed, settings.inter_broker_listener()),
      isr_(feed, settings.node_id, [&shard](IsrProposal proposal) { submit(shard, std::move(proposal)); }),
      fetchers_(FetcherSeat{
          .shard = own,
          .settings = settings,
          .log = shard.core.log,
          .dial = network_dialer(own, directory_, "broker-" + std::to_string(settings.node_id.value()) + "-fetcher",
                                 Milliseconds(settings.replica_socket_timeout_ms)),
          .broker_epoch = [&core = shard.core] { return core.broker_epoch.load(); },
          .epoch_of =
              [&feed](NodeId broker) {
                const metadata::BrokerRegistration* registered = feed.image()->find_broker(broker);
                return registered == nullptr ? kNoBrokerEpoch : registered->epoch;
              }}),
      places_(shard) {}

void ShardPlaces::on_place_changed() {
  shard_.post(ShardId{0}, [](BrokerShard& first) {
    if (first.core.assignments != nullptr) first.core.assignments->look_again();
  });
}

}  // namespace gregor::broker
