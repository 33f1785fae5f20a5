// Broker ids as the records of the metadata log carry them, and back. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gregor::metadata {

std::vector<std::int32_t> ids_of(const std::vector<NodeId>& nodes);
std::vector<NodeId> nodes_of(const std::vector<std::int32_t>& ids);

}  // namespace gregor::metadata
