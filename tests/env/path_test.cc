#include <gtest/gtest.h>

#include "env/disk.h"
#include "env/network.h"

namespace gregor::env {
namespace {

TEST(Path, TheDirectoryOfAPathIsWhatStandsBeforeTheLastSlash) {
  EXPECT_EQ(directory_of("a/b/c"), "a/b");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), ".");
}

TEST(Path, Ipv6EndpointsStandInBrackets) {
  EXPECT_EQ(to_text(Endpoint{"127.0.0.1", 9092}), "127.0.0.1:9092");
  EXPECT_EQ(to_text(Endpoint{"::1", 9092}), "[::1]:9092");
}

}  // namespace
}  // namespace gregor::env
