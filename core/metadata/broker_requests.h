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
};

/// Producer ids [first, first + count) belong to the broker that asked, and were given to nobody before.
struct ProducerIdBlock {
  std::int64_t first = 0;
  std::int32_t count = 0;
};
inline constexpr std::int32_t kProducerIdBlockSize = 1000;

}  // namespace gregor::metadata
