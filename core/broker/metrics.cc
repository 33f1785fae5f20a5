#include "broker/metrics.h"

#include <algorithm>

#include "broker/broker_shard.h"
#include "observe/exposition.h"
#include "wire/api_keys.h"

namespace gregor::broker {
namespace {

using observe::Exposition;
using observe::MetricType;
using partition::PartitionFigures;
using partition::Traffic;

std::int64_t signed_of(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

std::map<std::string, Traffic> by_topic(const std::vector<PartitionFigures>& partitions) {
  std::map<std::string, Traffic> topics;
  for (const PartitionFigures& partition : partitions) {
    Traffic& topic = topics[partition.id.topic];
    topic.records_in += partition.traffic.records_in;
    topic.bytes_in += partition.traffic.bytes_in;
    topic.batches_in += partition.traffic.batches_in;
    topic.batches_refused += partition.traffic.batches_refused;
    topic.fetches += partition.traffic.fetches;
    topic.bytes_out += partition.traffic.bytes_out;
  }
  return topics;
}

void write_traffic(Exposition& text, const std::map<std::string, Traffic>& topics) {
  struct Row {
    const char* name;
    const char* help;
    std::uint64_t Traffic::*count;
  };
  static constexpr Row kRows[] = {
      {"kafka_server_brokertopicmetrics_messagesin_total", "Records appended, by topic.", &Traffic::records_in},
      {"kafka_server_brokertopicmetrics_bytesin_total", "Bytes appended as stored, by topic.", &Traffic::bytes_in},
      {"kafka_server_brokertopicmetrics_bytesout_total", "Bytes of batches put into answers.", &Traffic::bytes_out},
      {"kafka_server_brokertopicmetrics_totalproducerequests_total", "Batches appended, by topic.",
       &Traffic::batches_in},
      {"kafka_server_brokertopicmetrics_failedproducerequests_total", "Batches refused, by topic.",
       &Traffic::batches_refused},
      {"kafka_server_brokertopicmetrics_totalfetchrequests_total", "Reads that found batches, by topic.",
       &Traffic::fetches},
  };
  for (const Row& row : kRows) {
    text.family(row.name, MetricType::counter, row.help);
    for (const auto& [topic, traffic] : topics) text.sample({{"topic", topic}}, signed_of(traffic.*row.count));
  }
}

void write_requests(Exposition& text, const RequestFigures& requests) {
  const auto name_of = [](std::int16_t key) { return wire::find_api(key)->name; };
  text.family("kafka_network_requestmetrics_requests_total", MetricType::counter, "Requests answered.");
  for (const auto& [key, api] : requests.by_api()) {
    for (const auto& [version, count] : api.by_version)
      text.sample({{"request", name_of(key)}, {"version", std::to_string(version)}}, signed_of(count));
  }
  text.family("kafka_network_requestmetrics_brokenoff_total", MetricType::counter,
              "Requests whose connection was closed in place of an answer.");
  for (const auto& [key, api] : requests.by_api()) text.sample({{"request", name_of(key)}}, signed_of(api.broken_off));
  text.family("kafka_network_requestmetrics_totaltimems", MetricType::histogram,
              "Milliseconds from a whole request to its answer, waits included.");
  for (const auto& [key, api] : requests.by_api()) text.sample({{"request", name_of(key)}}, api.took);
}

void write_logs(Exposition& text, const std::vector<PartitionFigures>& partitions) {
  struct Row {
    const char* name;
    const char* help;
    std::int64_t (*value)(const PartitionFigures&);
  };
  static constexpr Row kRows[] = {
      {"kafka_log_log_size", "Bytes of the partition's segments.",
       [](const PartitionFigures& partition) { return signed_of(partition.size_bytes); }},
      {"kafka_log_log_numlogsegments", "Segments of the partition.",
       [](const PartitionFigures& partition) { return static_cast<std::int64_t>(partition.segments); }},
      {"kafka_log_log_logstartoffset", "Log start offset.",
       [](const PartitionFigures& partition) { return partition.log_start.value(); }},
      {"kafka_log_log_logendoffset", "Log end offset.",
       [](const PartitionFigures& partition) { return partition.log_end.value(); }},
      {"kafka_cluster_partition_highwatermark", "High watermark.",
       [](const PartitionFigures& partition) { return partition.high_watermark.value(); }},
  };
  for (const Row& row : kRows) {
    text.family(row.name, MetricType::gauge, row.help);
    for (const PartitionFigures& partition : partitions) {
      const std::string index = std::to_string(partition.id.partition.value());
      text.sample({{"topic", partition.id.topic}, {"partition", index}}, row.value(partition));
    }
  }
}

void write_gauge(Exposition& text, const char* name, const char* help, std::int64_t value) {
  text.family(name, MetricType::gauge, help);
  text.sample({}, value);
}

void write_node(Exposition& text, const NodeFigures& node) {
  std::int64_t leaders = 0;
  std::int64_t offline = 0;
  std::int64_t producers = 0;
  for (const PartitionFigures& partition : node.of_shards.partitions) {
    leaders += partition.is_leader ? 1 : 0;
    offline += partition.is_offline ? 1 : 0;
    producers += static_cast<std::int64_t>(partition.producers);
  }
  const auto count = [](std::size_t size) { return static_cast<std::int64_t>(size); };
  write_gauge(text, "kafka_server_replicamanager_partitioncount", "Partitions of this node.",
              count(node.of_shards.partitions.size()));
  write_gauge(text, "kafka_server_replicamanager_leadercount", "Partitions that this node leads.", leaders);
  write_gauge(text, "kafka_server_replicamanager_offlinereplicacount", "Partitions whose directory failed.", offline);
  write_gauge(text, "kafka_server_replicamanager_produceridcount", "Producers that partitions remember.", producers);
  write_gauge(text, "kafka_log_logmanager_offlinelogdirectorycount", "Log directories that failed.",
              count(node.directories_offline));
  write_gauge(text, "kafka_controller_kafkacontroller_activebrokercount", "Registered brokers.", count(node.brokers));
  write_gauge(text, "kafka_controller_kafkacontroller_globaltopiccount", "Topics.", count(node.topics));
  write_gauge(text, "kafka_controller_kafkacontroller_globalpartitioncount", "Partitions of all topics.",
              count(node.partitions));
  write_gauge(text, "kafka_server_broker_metadata_metrics_last_applied_record_offset",
              "Offset of the metadata log that this broker acts on.", node.metadata_offset);
  write_gauge(text, "kafka_server_fetchsessioncache_numincrementalfetchsessions", "Fetch sessions kept.",
              signed_of(node.of_shards.fetch_sessions));
}

void write_connections(Exposition& text, const ShardFigures& shards) {
  std::map<std::string, std::uint64_t> by_listener;
  for (const auto& [kind, count] : shards.connections) by_listener[kind.listener] += count;
  text.family("kafka_server_socket_server_metrics_connection_count", MetricType::gauge, "Connections open now.");
  for (const auto& [listener, count] : by_listener) text.sample({{"listener", listener}}, signed_of(count));
  text.family("kafka_server_socket_server_metrics_connections_software", MetricType::gauge,
              "Connections open now, by what the client said it is.");
  for (const auto& [kind, count] : shards.connections) {
    text.sample({{"clientSoftwareName", kind.software_name},
                 {"clientSoftwareVersion", kind.software_version},
                 {"listener", kind.listener}},
                signed_of(count));
  }
  text.family("kafka_server_socket_server_metrics_connection_creation_total", MetricType::counter,
              "Connections accepted.");
  text.sample({}, signed_of(shards.connections_accepted));
  text.family("kafka_server_socket_server_metrics_connection_refused_total", MetricType::counter,
              "Connections closed at once for a limit's sake.");
  text.sample({}, signed_of(shards.connections_refused));
}

}  // namespace

void ShardFigures::add(ShardFigures other) {
  requests.add(other.requests);
  partitions.insert(partitions.end(), std::make_move_iterator(other.partitions.begin()),
                    std::make_move_iterator(other.partitions.end()));
  for (const auto& [kind, count] : other.connections) connections[kind] += count;
  connections_accepted += other.connections_accepted;
  connections_refused += other.connections_refused;
  fetch_sessions += other.fetch_sessions;
}

std::string exposition_of(const NodeFigures& figures) {
  Exposition text;
  write_node(text, figures);
  write_connections(text, figures.of_shards);
  write_requests(text, figures.of_shards.requests);
  write_traffic(text, by_topic(figures.of_shards.partitions));
  write_logs(text, figures.of_shards.partitions);
  return text.take();
}

Result<std::string> scrape(env::Fiber& self, BrokerShard& shard) {
  const BrokerShard::Working working(shard);
  NodeFigures figures;
  for (std::size_t i = 0; i < shard.core.shard_count; ++i) {
    auto of_shard = shard.ask(self, ShardId{static_cast<std::uint32_t>(i)},
                              [](env::Fiber&, BrokerShard& other) { return other.figures(); });
    figures.of_shards.add(std::move(of_shard));
  }
  const auto image = shard.image();
  figures.brokers = image->brokers().size();
  figures.topics = image->topics().size();
  figures.partitions = image->partition_count();
  figures.metadata_offset = image->offset().value();
  figures.directories_offline = shard.core.directories.offline_count();
  return exposition_of(figures);
}

std::vector<ConnectionFigures> connections_of(env::Fiber& self, BrokerShard& shard) {
  const BrokerShard::Working working(shard);
  std::vector<ConnectionFigures> all;
  for (std::size_t i = 0; i < shard.core.shard_count; ++i) {
    auto of_shard = shard.ask(self, ShardId{static_cast<std::uint32_t>(i)},
                              [](env::Fiber&, BrokerShard& other) { return other.connection_figures(); });
    all.insert(all.end(), std::make_move_iterator(of_shard.begin()), std::make_move_iterator(of_shard.end()));
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return all;
}

}  // namespace gregor::broker
