// The administrative commands against a broker that runs: settings, partitions, the cluster. And the sample file that
// users of Kafka begin with. Method: the built program as child processes, on loopback.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/gregor/support/running_broker.h"
#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST(AdminCommands, SettingsOfATopicAreShownAndChanged) {
  const Scratch scratch("topic");
  RunningBroker broker(scratch / "data");
  ASSERT_TRUE(broker.is_ready());
  ASSERT_EQ(broker.run({"topic", "create", "t", "--set", "retention.ms=5000"}).exit, 0);
  const Ended shown = broker.run({"config", "describe", "topic", "t"});
  EXPECT_NE(shown.output.find("retention.ms"), std::string::npos) << shown.output << shown.errors;
  EXPECT_EQ(shown.output.find("segment.ms"), std::string::npos) << "defaults are shown with --all";
  EXPECT_EQ(broker.json({"config", "describe", "topic", "t", "--all"}).size(), 33U);

  EXPECT_EQ(
      broker.run({"config", "alter", "topic", "t", "--set", "cleanup.policy+=compact", "--delete", "retention.ms"})
          .exit,
      0);
  const auto rows = broker.json({"config", "describe", "topic", "t"});
  std::map<std::string, std::string> values;
  for (const Json& row : rows) values[row["name"]] = row["value"];
  EXPECT_EQ(values.at("cleanup.policy"), "delete,compact");
  EXPECT_EQ(values.count("retention.ms"), 0U);

  const Ended refused = broker.run({"config", "alter", "topic", "t", "--set", "retention.ms=many"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_NE(refused.errors.find("INVALID_CONFIG"), std::string::npos) << refused.errors;
  EXPECT_EQ(broker.run({"config", "alter", "topic", "t", "--set", "retention.ms=many", "--validate-only"}).exit, 1);
}

TEST(AdminCommands, BrokersClustersAndGroupsHaveSettingsToo) {
  const Scratch scratch("broker");
  RunningBroker broker(scratch / "data");
  ASSERT_TRUE(broker.is_ready());
  EXPECT_EQ(broker.run({"config", "alter", "cluster", "--set", "log.retention.ms=7000"}).exit, 0);
  EXPECT_EQ(broker.run({"config", "alter", "broker", "1", "--set", "log.retention.ms=8000"}).exit, 0);
  EXPECT_EQ(broker.run({"config", "alter", "group", "g", "--set", "consumer.session.timeout.ms=50000"}).exit, 0);
  EXPECT_EQ(broker.run({"config", "alter", "client-metrics", "m", "--set", "interval.ms=60000"}).exit, 0);
  for (const Json& row : broker.json({"config", "describe", "broker", "1"})) {
    if (row["name"] != "log.retention.ms") continue;
    EXPECT_EQ(row["value"], "8000");
    EXPECT_EQ(row["source"], "DYNAMIC_BROKER");
    EXPECT_EQ(row["synonyms"].size(), 3U) << row;
  }
  EXPECT_EQ(broker.json({"config", "describe", "group", "g"}).size(), 1U);
  const Ended fixed = broker.run({"config", "alter", "broker", "1", "--set", "node.id=9"});
  EXPECT_EQ(fixed.exit, 1);
  EXPECT_NE(fixed.errors.find("dynamically"), std::string::npos) << fixed.errors;
}

TEST(AdminCommands, ATopicGrowsAndIsDescribed) {
  const Scratch scratch("grow");
  RunningBroker broker(scratch / "data");
  ASSERT_TRUE(broker.is_ready());
  ASSERT_EQ(broker.run({"topic", "create", "t"}).exit, 0);
  EXPECT_EQ(broker.run({"topic", "alter", "t", "--partitions", "3", "--set", "retention.ms=9000"}).exit, 0);
  const auto described = broker.json({"topic", "describe", "t"});
  ASSERT_EQ(described.size(), 1U);
  EXPECT_EQ(described[0]["partitions"].size(), 3U);
  EXPECT_EQ(described[0]["configs"]["retention.ms"], "9000");
  const Ended table = broker.run({"topic", "describe", "t"});
  EXPECT_NE(table.output.find("PARTITION"), std::string::npos) << table.output;
  const Ended fewer = broker.run({"topic", "alter", "t", "--partitions", "2"});
  EXPECT_EQ(fewer.exit, 1);
  EXPECT_NE(fewer.errors.find("INVALID_PARTITIONS"), std::string::npos) << fewer.errors;
}

TEST(AdminCommands, TheClusterTellsOfItself) {
  const Scratch scratch("cluster");
  RunningBroker broker(scratch / "data");
  ASSERT_TRUE(broker.is_ready());
  const auto cluster = broker.json({"cluster", "describe"});
  EXPECT_EQ(cluster.at(0)["brokers"].size(), 1U);
  const auto quorum = broker.json({"cluster", "quorum"});
  EXPECT_EQ(quorum.at(0)["leader"], 1);
  EXPECT_EQ(quorum.at(0)["replicas"].at(0)["role"], "leader");
  const auto features = broker.json({"cluster", "features"});
  EXPECT_EQ(features.at(0).at(1)["name"], "kraft.version");
  EXPECT_EQ(features.at(0).at(1)["finalized"], 0);
  EXPECT_EQ(features.at(0).at(2)["name"], "metadata.version");
  EXPECT_EQ(features.at(0).at(2)["finalized"], 30);
  EXPECT_NE(broker.run({"cluster", "features"}).output.find("FINALIZED"), std::string::npos);
}

TEST(AdminCommands, WrongLinesAreToldBeforeAnybodyIsAsked) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"config", "describe", "planet", "x"},
                                                {"config", "alter", "topic", "t"},
                                                {"config", "describe", "topic"},
                                                {"config", "alter", "topic", "t", "--set", "x"},
                                                {"cluster", "explode"},
                                                {"topic", "alter", "t"}}) {
    const Ended ended = run_program(words);
    EXPECT_EQ(ended.exit, 2) << words[1] << ": " << ended.errors;
  }
}

// The keys of the combined-mode sample that Kafka ships, with its values; the ports and the directory are the test's.
constexpr const char* kSample = R"(
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
num.partitions=1
num.recovery.threads.per.data.dir=2
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
#log.flush.interval.messages=10000
#log.flush.interval.ms=1000
log.retention.hours=168
#log.retention.bytes=1073741824
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
)";

TEST(AdminCommands, TheSampleFileOfKafkaStartsABroker) {
  const Scratch scratch("sample");
  const std::string file = scratch / "server.properties";
  std::ofstream(file) << kSample << "log.dirs=" << scratch / "kraft-combined-logs"
                      << "\n";
  RunningBroker broker(std::vector<std::string>{"broker", "--config", file});
  ASSERT_TRUE(broker.is_ready());
  EXPECT_EQ(broker.run({"topic", "create", "t"}).exit, 0);
  for (const Json& row : broker.json({"config", "describe", "broker", "1"})) {
    if (row["name"] == "num.io.threads") {
      EXPECT_EQ(row["source"], "STATIC_BROKER");
    }
  }
  broker.program().signal(SIGTERM);
  EXPECT_EQ(broker.program().wait(), 0);
}

}  // namespace
}  // namespace gregor::program
