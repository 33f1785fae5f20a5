// gregor cluster status of a broker that is alone, and of one that does not answer. Clusters: cluster_up_test.cc; what
// is found: cluster_findings_test.cc.
#include "runtime/gregor/cluster_status.h"

#include <gtest/gtest.h>

#include "tests/gregor/support/running_broker.h"
#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

TEST(ClusterStatus, ABrokerThatIsAloneIsWell) {
  const Scratch scratch("status");
  RunningBroker broker(scratch / "data");
  ASSERT_TRUE(broker.is_ready());
  ASSERT_EQ(broker.run({"topic", "create", "t", "-p", "2"}).exit, 0);
  const Ended shown = broker.run({"cluster", "status"});
  EXPECT_EQ(shown.exit, 0) << shown.output << shown.errors;
  EXPECT_NE(shown.output.find("partitions=2"), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("all is well"), std::string::npos) << shown.output;
  EXPECT_EQ(broker.json({"cluster", "status"}).at(0)["healthy"], true);
}

TEST(ClusterStatus, WhoDoesNotAnswerIsAFailure) {
  const Ended ended = run_program({"cluster", "status", "-b", "127.0.0.1:1", "--timeout-ms", "300"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_FALSE(ended.errors.empty());
}

}  // namespace
}  // namespace gregor::program
