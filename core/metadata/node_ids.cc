#include "metadata/node_ids.h"

#include <range/v3/range/conversion.hpp>
#include <range/v3/view/transform.hpp>

namespace gregor::metadata {

std::vector<std::int32_t> ids_of(const std::vector<NodeId>& nodes) {
  return nodes | ranges::views::transform(&NodeId::value) | ranges::to<std::vector>();
}

std::vector<NodeId> nodes_of(const std::vector<std::int32_t>& ids) {
  return ids | ranges::views::transform([](std::int32_t id) { return NodeId{id}; }) | ranges::to<std::vector>();
}

}  // namespace gregor::metadata
