// gregor cluster up and status: three real processes, one of them killed, all of them ended in order. Method: the built
// program as a child process, on loopback.
#include "runtime/gregor/cluster_up.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/gregor/support/program.h"
#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

using Json = nlohmann::json;

struct UpCluster {
  explicit UpCluster(const std::string& directory)
      : program({"cluster", "up", "3", "--data-dir", directory, "--port", "21400"}) {
    for (std::string line = program.read_line(); !line.empty(); line = program.read_line()) {
      const auto at = line.find("bootstrap=");
      if (at != std::string::npos) bootstrap = line.substr(at + 10);
      if (line.find("Ctrl-C") != std::string::npos) break;
    }
  }
  /// Of a cluster in which all have caught up, which takes a moment after a restart.
  [[nodiscard]] Json healthy_status() const {
    constexpr int kLooks = 100;
    Ended ended;
    for (int i = 0; i < kLooks; ++i) {
      ended = run_program({"cluster", "status", "--json", "--bootstrap-server", bootstrap, "--timeout-ms", "10000"});
      if (ended.exit == 0) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(ended.exit, 0) << ended.output << ended.errors;
    return Json::parse(ended.output, nullptr, false);
  }
  Program program;
  std::string bootstrap;
};

TEST(ClusterUp, ThreeBrokersServeAreSeenAndEndInOrder) {
  const Scratch scratch("cluster-up");
  for (int life = 1; life <= 2; ++life) {
    UpCluster cluster(scratch / "data");
    ASSERT_FALSE(cluster.bootstrap.empty()) << cluster.program.errors();
    if (life == 1) {
      EXPECT_EQ(run_program({"topic", "create", "t", "-p", "3", "-b", cluster.bootstrap}).exit, 0);
    }
    const Json status = cluster.healthy_status();
    EXPECT_EQ(status["brokers"].size(), 3U) << status;
    EXPECT_EQ(status["partitions"], 3) << "life " << life << ": " << status;
    EXPECT_EQ(status["healthy"], true) << status;
    cluster.program.signal(SIGTERM);
    EXPECT_EQ(cluster.program.wait(), 0) << cluster.program.errors();
  }
}

TEST(ClusterUp, WrongWishesEndItBeforeAnythingIsMade) {
  const Ended wrong = run_program({"cluster", "up", "0", "--data-dir", "/nowhere/at/all"});
  EXPECT_EQ(wrong.exit, 2);
  EXPECT_NE(wrong.errors.find("1 to 9"), std::string::npos) << wrong.errors;
}

}  // namespace
}  // namespace gregor::program
