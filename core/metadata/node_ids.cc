#include "metadata/node_ids.h"

#include <algorithm>

#include <range/v3/range/conversion.hpp>
#include <range/v3/view/transform.hpp>

namespace gregor::metadata {

std::vector<std::int32_t> ids_of(const std::vector<NodeId>& nodes) {
  return nodes | ranges::views::transform(&NodeId::value) | ranges::to<std::vector>();
}

std::vector<NodeId> nodes_of(const std::vector<std::int32_t>& ids) {
  return ids | ranges::views::transform([](std::int32_t id) { return NodeId{id}; }) | ranges::to<std::vector>();
}

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool holds_all(const std::vector<NodeId>& nodes, const std::vector<NodeId>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](NodeId node) { return holds(nodes, node); });
}

std::vector<NodeId> without(std::vector<NodeId> nodes, NodeId node) {
  std::erase(nodes, node);
  return nodes;
}

std::vector<NodeId> without(std::vector<NodeId> nodes, const std::vector<NodeId>& unwanted) {
  std::erase_if(nodes, [&](NodeId node) { return holds(unwanted, node); });
  return nodes;
}

std::vector<NodeId> sorted_difference(const std::vector<NodeId>& nodes, const std::vector<NodeId>& others) {
  std::vector<NodeId> left = without(nodes, others);
  std::sort(left.begin(), left.end());
  return left;
}

}  // namespace gregor::metadata
