#include "runtime/gregor/local_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace gregor::program {
namespace {

bool all_free(std::uint16_t) {
  return true;
}
bool nothing_there(const std::string&) {
  return false;
}
bool has(const LocalNode& node, const std::string& word) {
  return std::find(node.words.begin(), node.words.end(), word) != node.words.end();
}

LocalClusterWishes three() {
  return {.count = 3, .data_dir = "/d", .first_port = 9092, .new_cluster_id = "4L6g3nShT-eMCtK--X86sw"};
}

TEST(LocalCluster, EveryNodeHasItsOwnPortsAndDirectoryAndKnowsAllVoters) {
  const auto cluster = plan_local_cluster(three(), all_free, nothing_there);
  ASSERT_TRUE(cluster);
  std::set<std::uint16_t> ports;
  std::set<std::string> directories;
  for (const LocalNode& node : cluster->nodes) {
    ports.insert({node.client_port, node.controller_port});
    directories.insert(node.directory);
    EXPECT_TRUE(has(node, "controller.quorum.voters=1@127.0.0.1:9095,2@127.0.0.1:9096,3@127.0.0.1:9097"));
    EXPECT_TRUE(has(node, "gregor.initial.cluster=4L6g3nShT-eMCtK--X86sw"));
    EXPECT_TRUE(has(node, "min.insync.replicas=2"));
  }
  EXPECT_EQ(ports.size(), 6U);
  EXPECT_EQ(directories, (std::set<std::string>{"/d/node-1", "/d/node-2", "/d/node-3"}));
  EXPECT_EQ(cluster->bootstrap, "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094");
}

TEST(LocalCluster, PortsInUseArePassedOver) {
  const auto cluster = plan_local_cluster(
      three(), [](std::uint16_t port) { return port != 9092 && port != 9095; }, nothing_there);
  ASSERT_TRUE(cluster);
  EXPECT_EQ(cluster->bootstrap, "127.0.0.1:9093,127.0.0.1:9094,127.0.0.1:9096");
  EXPECT_EQ(plan_local_cluster(
                three(), [](std::uint16_t) { return false; }, nothing_there)
                .error()
                .code,
            Errc::limit);
}

// DESIGN promise 5: a wiped voter must not vote as if the whole quorum were new.
TEST(LocalCluster, ADirectoryThatWentMissingIsNotANewCluster) {
  const auto cluster =
      plan_local_cluster(three(), all_free, [](const std::string& directory) { return directory == "/d/node-2"; });
  ASSERT_TRUE(cluster);
  for (const LocalNode& node : cluster->nodes) {
    EXPECT_FALSE(has(node, "gregor.initial.cluster=4L6g3nShT-eMCtK--X86sw"));
  }
}

TEST(LocalCluster, SettingsOfTheUserComeLastAndCountsAreBounded) {
  LocalClusterWishes wishes = three();
  wishes.settings = {"num.partitions=6"};
  EXPECT_EQ(plan_local_cluster(wishes, all_free, nothing_there)->nodes[0].words.back(), "num.partitions=6");
  for (const int wrong : {0, -1, 10}) {
    wishes.count = wrong;
    EXPECT_EQ(plan_local_cluster(wishes, all_free, nothing_there).error().code, Errc::invalid);
  }
  wishes.count = 1;
  EXPECT_TRUE(has(plan_local_cluster(wishes, all_free, nothing_there)->nodes[0], "min.insync.replicas=1"));
}

}  // namespace
}  // namespace gregor::program
