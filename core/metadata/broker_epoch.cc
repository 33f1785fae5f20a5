#include "metadata/broker_epoch.h"

#include "base/mutant.h"

namespace gregor::metadata {

Result<const BrokerRegistration*> registered_broker(const Image& image, NodeId broker, BrokerEpoch epoch) {
  const BrokerRegistration* registration = image.find_broker(broker);
  if (registration == nullptr) {
    return fail(Errc::not_found, "broker " + std::to_string(broker.value()) + " is not registered");
  }
  if (registration->epoch != epoch && !MUTANT(broker_epoch_is_ignored)) {
    return fail(Errc::stale, "broker " + std::to_string(broker.value()) + " is at epoch " +
                                 std::to_string(registration->epoch.value()) + ", not " +
                                 std::to_string(epoch.value()));
  }
  return registration;
}

}  // namespace gregor::metadata
