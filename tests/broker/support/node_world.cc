#include "tests/broker/support/node_world.h"

#include <algorithm>
#include <stdexcept>

#include "config/load.h"
#include "record/batch_builder.h"
#include "record/batch_split.h"
#include "record/record_view.h"
#include "wire/create_topics.h"
#include "wire/fetch.h"
#include "wire/produce.h"

namespace gregor::broker::test {

using std::chrono::seconds;

Peer::Peer(env::Fiber& self, env::Shard& shard, const env::Endpoint& to) : self_(self), shard_(shard) {
  auto socket = shard.network.connect(self, to, Milliseconds(1'000));
  EXPECT_TRUE(socket) << (socket ? "" : socket.error().text);
  if (socket) stream_ = std::make_unique<env::Stream>(std::move(*socket));
}

void Peer::send(Bytes frame) {
  if (stream_) static_cast<void>(stream_->write_all(self_, shard_.clock, frame, kForever).has_value());
}

std::optional<ByteBuffer> Peer::receive() {
  if (!stream_) return std::nullopt;
  const MonotonicTime patience = shard_.clock.now() + Milliseconds(10'000);
  std::array<std::byte, 4> size;
  if (!stream_->read_exactly(self_, shard_.clock, size, patience)) return std::nullopt;
  ByteBuffer frame(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data())));
  if (!stream_->read_exactly(self_, shard_.clock, frame, patience)) return std::nullopt;
  return frame;
}

ByteBuffer batch_of(const BatchOf& wanted) {
  record::BatchSettings settings;
  if (wanted.producer_id >= 0) {
    settings.producer_id = ProducerId{wanted.producer_id};
    settings.producer_epoch = ProducerEpoch{wanted.epoch};
    settings.base_sequence = Sequence{wanted.sequence};
    settings.is_transactional = wanted.is_transactional;
  }
  record::BatchBuilder builder(settings);
  for (const std::string& value : wanted.values)
    builder.add(WallTime{wanted.timestamp_ms}, std::nullopt, bytes_of(value));
  record::CodecScratch scratch;
  return builder.encode(scratch).value();
}

std::vector<std::string> values_in(Bytes batches) {
  std::vector<std::string> values;
  record::CodecScratch scratch;
  record::BatchSplitter splitter(batches);
  for (auto frame = splitter.next(); frame && *frame; frame = splitter.next()) {
    const auto batch = record::BatchView::parse((*frame)->bytes);
    EXPECT_TRUE(batch && batch->crc_is_right());
    const auto plain = record::PlainRecords::of(*batch, scratch);
    record::RecordIterator records(*batch, plain->bytes());
    for (auto record = records.next(); record && *record; record = records.next())
      values.emplace_back(text_of((*record)->value.value_or(Bytes{})));
  }
  return values;
}

TopicId create_topic(Peer& peer, const std::string& name, std::int32_t partitions,
                     const std::vector<std::pair<std::string, std::string>>& configs) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  for (const auto& [key, value] : configs) topic.configs.push_back({.name = key, .value = value});
  const auto answer = peer.ask<wire::CreateTopicsResponse>(request, 7);
  EXPECT_EQ(answer.body.topics.size(), 1U);
  if (answer.body.topics.empty()) return {};
  EXPECT_EQ(answer.body.topics[0].error_code, 0) << answer.body.topics[0].error_message.value_or("");
  return answer.body.topics[0].topic_id;
}

Produced produce(Peer& peer, const std::string& topic, Bytes records, std::int32_t partition, std::int16_t acks) {
  wire::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 10'000;
  request.topic_data.push_back({.name = topic, .topic_id = {}, .partition_data = {}});
  request.topic_data[0].partition_data.push_back({.index = partition, .records = records});
  const auto answer = peer.ask<wire::ProduceResponse>(request, 12);
  if (answer.body.responses.empty()) throw std::runtime_error("Produce: an empty answer");
  const auto& told = answer.body.responses.at(0).partition_responses.at(0);
  return {told.error_code, told.base_offset, told.log_append_time_ms, told.log_start_offset};
}

Fetched fetch(Peer& peer, const std::string& topic, std::int64_t offset, std::int32_t partition, std::int32_t wait_ms) {
  wire::FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = 1;
  request.topics.push_back({.topic = topic, .topic_id = {}, .partitions = {}});
  auto& asked = request.topics[0].partitions.emplace_back();
  asked.partition = partition;
  asked.fetch_offset = offset;
  asked.partition_max_bytes = 1 << 20;
  const auto answer = peer.ask<wire::FetchResponse>(request, 12);
  EXPECT_EQ(answer.body.error_code, 0);
  if (answer.body.responses.empty()) throw std::runtime_error("Fetch: an empty answer");
  const auto& told = answer.body.responses.at(0).partitions.at(0);
  return {told.error_code, told.high_watermark, told.log_start_offset, values_in(told.records.value_or(Bytes{}))};
}

std::size_t RememberingLog::count(std::string_view text) const {
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

config::BrokerConfig config_of(const Settings& settings) {
  std::vector<config::Assignment> assignments = {{"node.id", "1", "test"},
                                                 {"listeners", "PLAINTEXT://:" + std::to_string(kPort), "test"},
                                                 {"log.dirs", "/broker-log", "test"}};
  for (const auto& [key, value] : settings) assignments.push_back({key, value, "test"});
  auto loaded = config::load_broker_config(assignments);
  if (!loaded) throw std::runtime_error(loaded.error().text);
  return std::move(loaded->broker);
}

/// One life of the node.
class NodeWorld::Life final : public sim::Program {
 public:
  explicit Life(NodeWorld& owner) : owner_(owner), node_(owner.config_, owner.shards_, owner.observer_, owner.log) {
    node_.when_ready([&owner](std::uint16_t at) {
      ++owner.times_ready;
      owner.port = at;
    });
  }
  void run(env::Fiber& self, env::Shard& shard) override {
    auto outcome = node_.run(self, shard);
    if (shard.mailbox.self() == ShardId{0}) owner_.ended = std::move(outcome);
  }
  void stop() override { node_.stop(); }

 private:
  NodeWorld& owner_;
  Node node_;
};

NodeWorld::NodeWorld(const Settings& settings, std::size_t shards, std::uint64_t seed)
    : world({.seed = seed}), config_(config_of(settings)), shards_(shards) {
  node = world.add_node(
      {.name = "broker", .shard_count = shards, .program = [this] { return std::make_unique<Life>(*this); }});
}

void NodeWorld::await_ready(int times) {
  const auto end = world.run_until([&] { return times_ready >= times || !world.is_alive(node); },
                                   {.deadline = world.now() + seconds(60)});
  ASSERT_EQ(end, sim::RunEnd::satisfied) << "the node never became ready";
  ASSERT_TRUE(world.is_alive(node)) << (ended ? "it ended" : ended.error().text);
}

void NodeWorld::run(std::function<void(const Client&)> body) {
  await_ready(std::max(times_ready, 1));
  if (testing::Test::HasFatalFailure()) return;
  bool done = false;
  world.add_node({.name = "client" + std::to_string(++clients_), .body = [&](env::Fiber& self, env::Shard& shard) {
                    body({self, shard});
                    done = true;
                  }});
  const auto end = world.run_until([&] { return done; }, {.deadline = world.now() + std::chrono::hours(2)});
  ASSERT_EQ(end, sim::RunEnd::satisfied) << "the client never came to its end";
  world.run_for(Milliseconds(10));  // what it left behind unwinds
}

void NodeWorld::stop() {
  world.stop(node);
  const auto end = world.run_until([&] { return !world.is_alive(node); }, {.deadline = world.now() + seconds(60)});
  ASSERT_EQ(end, sim::RunEnd::satisfied) << "the node never stopped";
}

void NodeWorld::start() {
  const int before = times_ready;
  world.restart(node);
  await_ready(before + 1);
}

void NodeWorld::restart() {
  stop();
  start();
}

void NodeWorld::crash_and_restart() {
  world.crash(node);
  start();
}

void NodeWorld::lose_power_and_restart() {
  world.lose_power(node);
  start();
}

}  // namespace gregor::broker::test
