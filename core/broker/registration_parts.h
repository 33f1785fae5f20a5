// What a broker and a controller say of themselves alike when they register.
#pragma once

#include "metadata/broker_registration.h"

namespace gregor::broker {

/// The listeners and features of `described` in a BrokerRegistration or ControllerRegistration request. Borrows.
template <class Request, class Described>
void add_listeners_and_features(Request& request, const Described& described) {
  for (const metadata::Endpoint& listener : described.listeners) {
    request.listeners.push_back({.name = listener.name,
                                 .host = listener.host,
                                 .port = listener.port,
                                 .security_protocol = listener.security_protocol});
  }
  for (const auto& [name, range] : described.features) {
    request.features.push_back(
        {.name = name, .min_supported_version = range.lowest, .max_supported_version = range.highest});
  }
}

}  // namespace gregor::broker
