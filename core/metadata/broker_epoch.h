// The fence against a broker's former lives: requests of brokers name the epoch of their registration (KIP-380). Pure.
#pragma once

#include "base/result.h"
#include "metadata/image.h"

namespace gregor::metadata {

/// Errors: not_found (broker), stale (epoch). Both are STALE_BROKER_EPOCH on the wire.
Result<const BrokerRegistration*> registered_broker(const Image& image, NodeId broker, BrokerEpoch epoch);

}  // namespace gregor::metadata
