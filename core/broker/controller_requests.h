// What the code of a shard asks of the controller on the broker's own account: decided in place where this node's
// controller is active, over the wire where another's is.
#pragma once

#include <vector>

#include "broker/broker_shard.h"

namespace gregor::broker {

/// Suspends. Errors: as controller::Controller::create_topics(), timed_out (no controller answered).
Result<std::vector<metadata::CreatedTopic>> create_topics(env::Fiber& self, BrokerShard& shard,
                                                          metadata::CreateTopics request);
/// For this broker. Suspends. Errors: as controller::Controller::allocate_producer_ids(), timed_out.
Result<metadata::ProducerIdBlock> allocate_producer_ids(env::Fiber& self, BrokerShard& shard);

}  // namespace gregor::broker
