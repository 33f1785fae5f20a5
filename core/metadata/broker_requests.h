// What brokers ask of the controller, and its answers, as owned values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metadata/broker_registration.h"

namespace gregor::metadata {

/// One start of a broker. `incarnation_id` is new at each start.
struct RegisterBroker {
  NodeId id = {};
  Uuid incarnation_id = {};
  std::string cluster_id = {};
  std::vector<Endpoint> listeners = {};
  SupportedFeatures features = {};
  std::optional<std::string> rack = {};
  std::vector<Uuid> log_dirs = {};
  /// Of the life that ended here cleanly (KIP-966): another one than the registered, or -1, may have lost what it had
  /// not flushed. None: not told, taken as clean.
  std::optional<BrokerEpoch> previous_broker_epoch = {};
};

/// A sign of life, and what the broker wants.
struct BrokerHeartbeat {
  NodeId id = {};
  BrokerEpoch epoch{-1};
  Offset current_metadata_offset = kNoOffset;  ///< how far its image reaches
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs = {};
};

/// Producer ids [first, first + count) belong to the broker that asked, and were given to nobody before.
struct ProducerIdBlock {
  std::int64_t first = 0;
  std::int32_t count = 0;
};
inline constexpr std::int32_t kProducerIdBlockSize = 1000;

}  // namespace gregor::metadata
