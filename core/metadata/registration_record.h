// Registrations as the metadata log holds them. Pure.
#pragma once

#include <cstdint>

#include "metadata/broker_registration.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

/// All that `version` can say. Borrows the registration's text.
wire::RegisterBrokerRecord registration_record_of(const BrokerRegistration& broker, std::int16_t version);
wire::RegisterControllerRecord registration_record_of(const ControllerRegistration& controller);

}  // namespace gregor::metadata
