// Broker ids between records and images: nothing is lost, the order is kept.
#include "metadata/node_ids.h"

#include <gtest/gtest.h>

namespace gregor::metadata {
namespace {

TEST(NodeIds, GoToRecordsAndBackInTheirOrder) {
  const std::vector<NodeId> nodes{NodeId{3}, NodeId{-1}, NodeId{2147483647}, NodeId{3}};
  EXPECT_EQ(ids_of(nodes), (std::vector<std::int32_t>{3, -1, 2147483647, 3}));
  EXPECT_EQ(nodes_of(ids_of(nodes)), nodes);
  EXPECT_TRUE(ids_of({}).empty());
  EXPECT_TRUE(nodes_of({}).empty());
}

}  // namespace
}  // namespace gregor::metadata
