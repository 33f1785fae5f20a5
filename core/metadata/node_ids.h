// Lists of broker ids: as the records of the metadata log carry them, and what is asked of them. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gregor::metadata {

std::vector<std::int32_t> ids_of(const std::vector<NodeId>& nodes);
std::vector<NodeId> nodes_of(const std::vector<std::int32_t>& ids);

bool holds(const std::vector<NodeId>& nodes, NodeId node);
bool holds_all(const std::vector<NodeId>& nodes, const std::vector<NodeId>& wanted);
/// The order of what stays is kept.
std::vector<NodeId> without(std::vector<NodeId> nodes, NodeId node);
std::vector<NodeId> without(std::vector<NodeId> nodes, const std::vector<NodeId>& unwanted);
/// Those of `nodes` that are not in `others`, sorted.
std::vector<NodeId> sorted_difference(const std::vector<NodeId>& nodes, const std::vector<NodeId>& others);

}  // namespace gregor::metadata
