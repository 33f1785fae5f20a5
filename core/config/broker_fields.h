// The members of BrokerConfig by the names of their keys; for load.cc and for tests.
#pragma once

#include <span>

#include "config/broker_config.h"
#include "config/field.h"

namespace gregor::config {

using BrokerField = Field<BrokerConfig>;

/// Keys whose value stands in one member as it is. Listeners, roles, voters and directories are read in load.cc.
std::span<const BrokerField> broker_fields();

}  // namespace gregor::config
