#include "broker/metrics.h"

#include <gtest/gtest.h>

namespace gregor::broker {
namespace {

partition::PartitionFigures figures_of(const std::string& topic, int partition, std::uint64_t records) {
  partition::PartitionFigures figures;
  figures.id.topic = topic;
  figures.id.partition = PartitionIndex{partition};
  figures.is_leader = true;
  figures.log_end = Offset{static_cast<std::int64_t>(records)};
  figures.traffic.records_in = records;
  return figures;
}

TEST(Metrics, TrafficIsOfATopicAndOffsetsAreOfAPartition) {
  NodeFigures node;
  node.of_shards.partitions = {figures_of("a", 0, 3), figures_of("b", 0, 5)};
  ShardFigures second;
  second.partitions = {figures_of("a", 1, 4)};
  second.partitions[0].is_offline = true;
  second.connections[{"PLAINTEXT", "librdkafka", "2.0.2"}] = 2;
  second.requests.served(1, 4, Milliseconds(3), true);
  node.of_shards.add(std::move(second));
  const std::string text = exposition_of(node);
  for (const char* line :
       {"kafka_server_brokertopicmetrics_messagesin_total{topic=\"a\"} 7\n",
        "kafka_server_brokertopicmetrics_messagesin_total{topic=\"b\"} 5\n",
        "kafka_log_log_logendoffset{topic=\"a\",partition=\"1\"} 4\n", "kafka_server_replicamanager_partitioncount 3\n",
        "kafka_server_replicamanager_offlinereplicacount 1\n",
        "kafka_server_socket_server_metrics_connection_count{listener=\"PLAINTEXT\"} 2\n",
        "kafka_network_requestmetrics_requests_total{request=\"Fetch\",version=\"4\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(Metrics, NoFamilyIsToldTwice) {
  const std::string text = exposition_of({});
  std::map<std::string, int> families;
  for (std::size_t at = 0; (at = text.find("# TYPE ", at)) != std::string::npos; ++at)
    EXPECT_EQ(families[text.substr(at + 7, text.find(' ', at + 7) - at - 7)]++, 0);
  EXPECT_GT(families.size(), 20U);
}

}  // namespace
}  // namespace gregor::broker
