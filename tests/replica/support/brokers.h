// Brokers: a BrokerView for tests. All are in service and in the registration they fetch with, but those it is told of.
#pragma once

#include <set>

#include "replica/partition_state.h"

namespace gregor::replica {

class Brokers final : public BrokerView {
 public:
  [[nodiscard]] bool may_join_isr(NodeId replica, BrokerEpoch /*fetched_with*/) const override {
    return !fenced.contains(replica);
  }
  [[nodiscard]] BrokerEpoch own_epoch() const override { return BrokerEpoch{100}; }
  std::set<NodeId> fenced;
};

}  // namespace gregor::replica
