// From the text of settings to a BrokerConfig: order of precedence, and one clear sentence for each thing that is
// wrong.
#include "config/load.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace gregor::config {
namespace {

Result<LoadedBrokerConfig> load(std::string_view properties, LoadOptions options = {}) {
  TRY_ASSIGN(const auto assignments, assignments_of(properties, "server.properties"));
  return load_broker_config(assignments, options);
}

std::string error_of(std::string_view properties) {
  const auto loaded = load(properties);
  return loaded ? "" : loaded.error().text;
}

TEST(Load, NothingSetIsTheDefault) {
  EXPECT_EQ(load("")->broker, BrokerConfig{});
}

TEST(Load, UnknownKeyIsRefusedByNameWithTheNearest) {
  EXPECT_EQ(error_of("\nnum.partition=3"),
            "server.properties:2: unknown configuration key 'num.partition'; the nearest known one is 'num.partitions' "
            "(--tolerate-unknown-config makes this a warning)");
}

TEST(Load, UnknownKeyIsAWarningWhereTolerated) {
  const auto loaded = load("zebra=3", {.tolerate_unknown_config = true});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
  EXPECT_EQ(loaded->warnings, (std::vector<std::string>{"server.properties:1: unknown configuration key 'zebra'"}));
}

TEST(Load, ATopicsKeyIsToldFromABrokers) {
  EXPECT_EQ(error_of("retention.ms=1"),
            "server.properties:1: unknown configuration key 'retention.ms': it is a topic's; the broker's is "
            "'log.retention.ms' "
            "(--tolerate-unknown-config makes this a warning)");
}

TEST(Load, WrongValueNamesPlaceKeyValueAndWhatIsAllowed) {
  EXPECT_EQ(error_of("num.partitions=0"),
            "server.properties:1: Invalid value 0 for configuration num.partitions: must be at least 1");
}

TEST(Load, TheLastAssignmentOfAKeyWins) {
  auto assignments = assignments_of("num.partitions=2\nnum.partitions=3", "f").value();
  EXPECT_EQ(load_broker_config(assignments)->broker.num_partitions, 3);
  assignments.push_back(parse_assignment("num.partitions = 4", "--set").value());
  const auto loaded = load_broker_config(assignments);
  EXPECT_EQ(loaded->broker.num_partitions, 4);
  EXPECT_EQ(loaded->assignments.size(), 1u);
}

TEST(Load, OpenFamiliesAreAcceptedWithoutARow) {
  const auto loaded =
      load("listener.name.external.scram-sha-512.sasl.jaas.config=x\nrsm.config.dir=/r\nssl.keystore.custom=1");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
  EXPECT_EQ(loaded->warnings.size(), 1u) << "they are told to have no effect";
}

TEST(Load, WhatIsNotBuiltIsRefusedUnlessItIsTheDefault) {
  EXPECT_EQ(error_of("authorizer.class.name=org.example.Authorizer"),
            "server.properties:1: authorizer.class.name=org.example.Authorizer is refused: authorization is not built");
  EXPECT_EQ(error_of("authorizer.class.name="), "");
  EXPECT_EQ(error_of("remote.log.storage.system.enable=FALSE"), "");
}

TEST(Load, OfReplicaSelectorsThoseOfKafkaAreKnown) {
  const auto rack_aware = load("replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector");
  ASSERT_TRUE(rack_aware.has_value()) << rack_aware.error().text;
  EXPECT_TRUE(rack_aware->broker.selects_by_rack());
  EXPECT_TRUE(rack_aware->warnings.empty());
  const auto leaders = load("replica.selector.class=org.apache.kafka.common.replica.LeaderSelector");
  ASSERT_TRUE(leaders.has_value()) << leaders.error().text;
  EXPECT_FALSE(leaders->broker.selects_by_rack());
  EXPECT_FALSE(load("")->broker.selects_by_rack());
  EXPECT_EQ(error_of("replica.selector.class=org.example.Nearest"),
            "replica.selector.class=org.example.Nearest is no class of Gregor's: it wants "
            "org.apache.kafka.common.replica.RackAwareReplicaSelector or "
            "org.apache.kafka.common.replica.LeaderSelector");
}

TEST(Load, KeysWithoutEffectAreToldOnce) {
  const auto loaded = load("num.io.threads=16\nnum.network.threads=3\nbackground.threads=4");
  EXPECT_EQ(loaded->warnings,
            (std::vector<std::string>{"known keys without effect in this version: background.threads,num.io.threads"}))
      << "a value that is the default needs no warning";
}

TEST(Load, DynamicKeysDoNotStandInAFile) {
  EXPECT_NE(error_of("leader.replication.throttled.rate=1").find("only while a broker runs"), std::string::npos);
}

TEST(Load, RetentionSynonymsFollowKafkasOrder) {
  EXPECT_EQ(load("log.retention.hours=1")->broker.topic_defaults.retention_ms, 3'600'000);
  EXPECT_EQ(load("log.retention.hours=1\nlog.retention.minutes=1")->broker.topic_defaults.retention_ms, 60'000);
  EXPECT_EQ(load("log.retention.ms=7\nlog.retention.minutes=1")->broker.topic_defaults.retention_ms, 7);
  EXPECT_EQ(load("log.retention.hours=-1")->broker.topic_defaults.retention_ms, -1) << "no limit";
  EXPECT_EQ(load("log.retention.ms=-3")->broker.topic_defaults.retention_ms, -1) << "any negative is no limit";
  EXPECT_EQ(load("log.retention.hours=2147483647")->broker.topic_defaults.retention_ms, 2147483647LL * 3'600'000);
}

TEST(Load, OtherTopicDefaultsComeFromTheirBrokerKeys) {
  const BrokerConfig broker =
      load(
          "message.max.bytes=100\nlog.segment.bytes=1048576\nlog.roll.hours=2\nlog.flush.interval.messages=1\n"
          "log.flush.scheduler.interval.ms=9\ncompression.type=lz4\nmin.insync.replicas=2")
          ->broker;
  EXPECT_EQ(broker.topic_defaults.max_message_bytes, 100);
  EXPECT_EQ(broker.topic_defaults.segment_bytes, 1'048'576);
  EXPECT_EQ(broker.topic_defaults.segment_ms, 7'200'000);
  EXPECT_EQ(broker.topic_defaults.flush_messages, 1);
  EXPECT_EQ(broker.topic_defaults.flush_ms, 9) << "log.flush.interval.ms falls back to the scheduler's interval";
  EXPECT_EQ(broker.topic_defaults.compression_type, CompressionType::lz4);
  EXPECT_EQ(broker.topic_defaults.min_insync_replicas, 2);
}

TEST(Load, LogDirsStandsBeforeLogDir) {
  EXPECT_EQ(load("log.dir=/one")->broker.log_dirs, (std::vector<std::string>{"/one"}));
  EXPECT_EQ(load("log.dir=/one\nlog.dirs=/a, /b")->broker.log_dirs, (std::vector<std::string>{"/a", "/b"}));
}

TEST(Load, BrokerIdIsTheOldNameOfNodeId) {
  EXPECT_EQ(load("broker.id=7")->broker.node_id, NodeId(7));
  EXPECT_EQ(load("broker.id=-1")->broker.node_id, NodeId(1));
  EXPECT_EQ(load("node.id=7\nbroker.id=7")->broker.node_id, NodeId(7));
  EXPECT_EQ(error_of("node.id=7\nbroker.id=8"), "node.id=7 and broker.id=8 must be the same");
}

// The shape of the file that comes with Kafka for a combined node.
TEST(Load, ASingleCombinedNodeOfKafkaIsServed) {
  const auto loaded = load(
      "process.roles=broker,controller\nnode.id=3\ncontroller.quorum.bootstrap.servers=localhost:9093\n"
      "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ninter.broker.listener.name=PLAINTEXT\n"
      "advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://"
      "localhost:9093\ncontroller.listener.names=CONTROLLER\n"
      "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,"
      "SASL_SSL:SASL_SSL\n"
      "num.network.threads=3\nnum.io.threads=8\nsocket.send.buffer.bytes=102400\nsocket.receive.buffer.bytes=102400\n"
      "socket.request.max.bytes=104857600\nlog.dirs=/tmp/"
      "kraft-combined-logs\nnum.partitions=1\nnum.recovery.threads.per.data.dir=1\n"
      "offsets.topic.replication.factor=1\nshare.coordinator.state.topic.replication.factor=1\n"
      "share.coordinator.state.topic.min.isr=1\ntransaction.state.log.replication.factor=1\ntransaction.state.log.min."
      "isr=1\n"
      "log.retention.hours=168\nlog.segment.bytes=1073741824\nlog.retention.check.interval.ms=300000\n");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
  EXPECT_EQ(loaded->broker.node_id, NodeId(3));
  EXPECT_EQ(loaded->broker.listeners.size(), 2u);
  EXPECT_EQ(loaded->broker.advertised_listeners.front().host, "localhost");
}

TEST(Load, AStaticQuorumOfItselfIsServed) {
  const auto loaded = load(
      "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:9093\n"
      "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\ncontroller.listener.names=CONTROLLER\n");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().text;
  EXPECT_EQ(loaded->broker.controller_quorum_voters.size(), 1u);
}

TEST(Load, AssignmentsWantAKeyAndAnEqualsSign) {
  EXPECT_EQ(parse_assignment(" a = b=c ", "--set")->value, "b=c");
  EXPECT_FALSE(parse_assignment("novalue", "--set").has_value());
  EXPECT_FALSE(parse_assignment("=x", "--set").has_value());
}

RC_GTEST_PROP(LoadProperty, AnyFileIsLoadedOrNamed, (const std::string& key, const std::string& value)) {
  const std::vector<Assignment> assignments = {{key, value, "f:1"}};
  const auto strict = load_broker_config(assignments);
  if (!strict) RC_ASSERT(!strict.error().text.empty());
}

}  // namespace
}  // namespace gregor::config
