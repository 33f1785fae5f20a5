#include "tests/client/support/fake_broker.h"

#include "env/clock.h"
#include "env/stream.h"
#include "wire/api_versions.h"
#include "wire/create_topics.h"
#include "wire/delete_topics.h"
#include "wire/describe_cluster.h"
#include "wire/fetch.h"
#include "wire/init_producer_id.h"
#include "wire/list_offsets.h"
#include "wire/metadata.h"

namespace gregor::client::test {

namespace {

template <class Message>
Message decoded(wire::Reader& from, std::int16_t version) {
  Message message;
  if (auto done = decode(from, message, version); !done) throw std::runtime_error(done.error().text);
  return message;
}

template <class Response>
std::optional<ByteBuffer> frame_of(const wire::RequestHeader& to, const Response& response) {
  const auto frame = wire::encode_response_frame(to.correlation_id, response, to.request_api_version);
  if (!frame) throw std::runtime_error(frame.error().text);
  return frame->flatten();
}

/// The next answer to give instead of doing anything; none when there is no such order.
wire::ErrorCode take(std::deque<wire::ErrorCode>& refusals) {
  if (refusals.empty()) return wire::ErrorCode::none;
  const wire::ErrorCode code = refusals.front();
  refusals.pop_front();
  return code;
}

class Door final : public env::Acceptor {
 public:
  explicit Door(UniqueFunction<void(std::unique_ptr<env::Socket>)> take) : take_(std::move(take)) {}
  void on_accept(std::unique_ptr<env::Socket> socket) override { take_(std::move(socket)); }

 private:
  UniqueFunction<void(std::unique_ptr<env::Socket>)> take_;
};

}  // namespace

void FakeBroker::add_topic(const std::string& name, std::int32_t partition_count) {
  Topic topic{Uuid{7, next_topic_id_++}, {}};
  topic.logs.resize(static_cast<std::size_t>(partition_count));
  topics_.insert_or_assign(name, std::move(topic));
}

std::vector<std::string> FakeBroker::values(const std::string& topic, std::int32_t partition) {
  std::vector<std::string> all;
  record::CodecScratch scratch;
  for (const Stored& stored : log(topic, partition).batches) {
    const auto batch = record::BatchView::parse(stored.bytes);
    const auto plain = record::PlainRecords::of(*batch, scratch);
    record::RecordIterator records(*batch, plain->bytes());
    for (auto record = records.next(); record && *record; record = records.next()) {
      all.emplace_back(text_of((*record)->value.value_or(Bytes{})));
    }
  }
  return all;
}

void FakeBroker::run(env::Fiber& self, env::Shard& shard) {
  Door door([this, &shard](std::unique_ptr<env::Socket> socket) {
    ++accepted;
    shard.fibers.spawn("fake.connection", [this, &shard, held = std::move(socket)](env::Fiber& fiber) mutable {
      serve(fiber, shard, std::move(held));
    });
  });
  const auto listener = shard.network.listen({"0.0.0.0", kPort}, door);
  while (listener) self.park();
}

void FakeBroker::serve(env::Fiber& self, env::Shard& shard, std::unique_ptr<env::Socket> socket) {
  env::Stream stream(std::move(socket));
  while (true) {
    std::array<std::byte, 4> size;
    if (!stream.read_exactly(self, shard.clock, size, kForever)) return;
    ByteBuffer frame(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data())));
    if (!stream.read_exactly(self, shard.clock, frame, kForever)) return;
    Request request{{}, wire::Reader(frame)};
    request.header = wire::decode_request_header(request.body).value();
    const auto reply = answer(self, shard, request);
    if (!reply) return;
    if (!reply->empty() && !stream.write_all(self, shard.clock, *reply, kForever)) return;
  }
}

std::optional<ByteBuffer> FakeBroker::answer(env::Fiber& self, env::Shard& shard, Request& request) {
  const wire::RequestHeader& header = request.header;
  switch (static_cast<wire::ApiKey>(header.request_api_key)) {
    case wire::ApiKey::api_versions:
      return api_versions(request);
    case wire::ApiKey::metadata:
      return metadata(request);
    case wire::ApiKey::produce:
      return produce(self, shard, request);
    case wire::ApiKey::fetch:
      return fetch(self, shard, request);
    case wire::ApiKey::list_offsets:
      return list_offsets(request);
    case wire::ApiKey::create_topics:
      return create_topics(self, shard, request);
    case wire::ApiKey::delete_topics:
      return delete_topics(request);
    case wire::ApiKey::init_producer_id: {
      wire::InitProducerIdResponse response;
      response.error_code = wire_code(take(init_refusals));
      response.producer_id = response.error_code == 0 ? next_producer_id_++ : -1;
      return frame_of(header, response);
    }
    case wire::ApiKey::describe_cluster: {
      wire::DescribeClusterResponse response;
      response.cluster_id = "fake";
      response.controller_id = 1;
      response.brokers.push_back({.broker_id = 1, .host = "broker", .port = kPort});
      return frame_of(header, response);
    }
    default:
      return std::nullopt;
  }
}

std::optional<ByteBuffer> FakeBroker::api_versions(Request& request) {
  wire::ApiVersionsResponse response;
  const auto row = [&](wire::ApiKey key, std::int16_t least, std::int16_t most) {
    response.api_keys.push_back({.api_key = static_cast<std::int16_t>(key), .min_version = least, .max_version = most});
  };
  row(wire::ApiKey::produce, 0, wire::ProduceRequest::kVersionMax);
  row(wire::ApiKey::fetch, 4, fetch_version_max);
  row(wire::ApiKey::list_offsets, 1, 10);
  row(wire::ApiKey::metadata, 0, 13);
  row(wire::ApiKey::api_versions, 0, 4);
  row(wire::ApiKey::create_topics, 2, 7);
  row(wire::ApiKey::delete_topics, 1, 6);
  row(wire::ApiKey::init_producer_id, 0, 5);
  row(wire::ApiKey::describe_cluster, 0, 2);
  return frame_of(request.header, response);
}

std::optional<ByteBuffer> FakeBroker::metadata(Request& request) {
  ++metadata_asked;
  const auto asked = decoded<wire::MetadataRequest>(request.body, request.header.request_api_version);
  std::vector<std::string> names;
  if (asked.topics) {
    for (const auto& topic : *asked.topics) names.emplace_back(topic.name.value_or(""));
  } else {
    for (const auto& [name, topic] : topics_) names.push_back(name);
  }
  const bool is_leaderless = leaderless_answers > 0 && leaderless_answers-- > 0;
  wire::MetadataResponse response;
  response.brokers.push_back({.node_id = 1, .host = "broker", .port = kPort});
  response.cluster_id = "fake";
  response.controller_id = 1;
  for (const std::string& name : names) {
    auto found = topics_.find(name);
    auto& answer = response.topics.emplace_back();
    answer.name = name;
    if (found == topics_.end()) {
      answer.error_code = wire_code(wire::ErrorCode::unknown_topic_or_partition);
      if (creates_topics && asked.allow_auto_topic_creation) add_topic(name, 3);
      continue;
    }
    answer.topic_id = found->second.id;
    for (std::size_t i = 0; i < found->second.logs.size(); ++i) {
      auto& partition = answer.partitions.emplace_back();
      partition.partition_index = static_cast<std::int32_t>(i);
      partition.leader_id = is_leaderless ? -1 : 1;
      partition.leader_epoch = 0;
      partition.replica_nodes = {1};
      partition.isr_nodes = {1};
    }
  }
  return frame_of(request.header, response);
}

FakeBroker::Topic* FakeBroker::topic_by(std::string_view name, TopicId id) {
  for (auto& [known, topic] : topics_) {
    if (known == name || (!id.is_zero() && topic.id == id)) return &topic;
  }
  return nullptr;
}

wire::ErrorCode FakeBroker::append(Log& log, Bytes records, Offset& base) {
  const auto batch = record::BatchView::parse(records);
  if (!batch || !batch->crc_is_right()) return wire::ErrorCode::corrupt_message;
  base = log.end;
  if (batch->has_producer_id()) {
    const auto [window, is_new] = log.producers.try_emplace(batch->producer_id());
    auto& known = window->second.batches;
    for (const auto& [first, last, offset] : known) {
      if (first == batch->base_sequence() && last == batch->last_sequence()) {
        base = offset;
        return wire::ErrorCode::none;
      }
    }
    if (!known.empty() && record::advance_sequence(std::get<1>(known.back()), 1) != batch->base_sequence()) {
      return wire::ErrorCode::out_of_order_sequence_number;
    }
    known.emplace_back(batch->base_sequence(), batch->last_sequence(), log.end);
    if (known.size() > 5) known.pop_front();
  }
  ByteBuffer bytes(records.begin(), records.end());
  store_big_endian(bytes.data() + record::kBaseOffsetAt, log.end.value());
  log.end = base + batch->record_count();
  log.batches.push_back({base, log.end, std::move(bytes)});
  return wire::ErrorCode::none;
}

void FakeBroker::note(const wire::ProduceRequest& asked, MonotonicTime when) {
  for (const auto& topic : asked.topic_data) {
    for (const auto& partition : topic.partition_data) {
      const auto batch = record::BatchView::parse(partition.records.value_or(Bytes{}));
      if (!batch) continue;
      arrived.push_back({batch->producer_id(), batch->base_sequence(), batch->record_count(), asked.acks, when});
    }
  }
}

std::optional<ByteBuffer> FakeBroker::produce(env::Fiber& self, env::Shard& shard, Request& request) {
  ++produce_asked;
  const auto asked = decoded<wire::ProduceRequest>(request.body, request.header.request_api_version);
  note(asked, shard.clock.now());
  const ProduceFault fault = next_fault();
  if (fault.kind == ProduceFault::vanish_before) return std::nullopt;
  if (fault.kind == ProduceFault::swallow) {
    env::sleep_for(self, shard.clock, std::chrono::hours(1));
    return std::nullopt;
  }
  wire::ProduceResponse response;
  for (const auto& topic : asked.topic_data) {
    auto& answered_topic = response.responses.emplace_back();
    answered_topic.name = topic.name;
    answered_topic.topic_id = topic.topic_id;
    for (const auto& partition : topic.partition_data) {
      auto& answer = answered_topic.partition_responses.emplace_back();
      answer.index = partition.index;
      Topic* known = topic_by(topic.name, topic.topic_id);
      Offset base = kNoOffset;
      const wire::ErrorCode code = fault.kind == ProduceFault::refuse ? fault.code
                                   : known == nullptr
                                       ? wire::ErrorCode::unknown_topic_or_partition
                                       : append(known->logs.at(static_cast<std::size_t>(partition.index)),
                                                partition.records.value_or(Bytes{}), base);
      answer.error_code = wire_code(code);
      answer.base_offset = base.value();
    }
  }
  if (fault.kind == ProduceFault::vanish_after) return std::nullopt;
  if (asked.acks == 0) return ByteBuffer{};
  return frame_of(request.header, response);
}

std::optional<ByteBuffer> FakeBroker::fetch(env::Fiber& self, env::Shard& shard, Request& request) {
  const auto asked = decoded<wire::FetchRequest>(request.body, request.header.request_api_version);
  std::deque<ByteBuffer> owned;
  wire::FetchResponse response;
  bool has_records = false;
  for (const auto& topic : asked.topics) {
    auto& answered_topic = response.responses.emplace_back();
    answered_topic.topic = topic.topic;
    answered_topic.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      auto& answer = answered_topic.partitions.emplace_back();
      answer.partition_index = partition.partition;
      Topic* known = topic_by(topic.topic, topic.topic_id);
      if (const auto code = take(fetch_refusals); code != wire::ErrorCode::none) {
        answer.error_code = wire_code(code);
        has_records = true;
        continue;
      }
      if (known == nullptr) {
        answer.error_code = wire_code(wire::ErrorCode::unknown_topic_id);
        continue;
      }
      const Log& log = known->logs.at(static_cast<std::size_t>(partition.partition));
      answer.high_watermark = log.end.value();
      if (partition.fetch_offset > log.end.value() || partition.fetch_offset < log.start.value()) {
        answer.error_code = wire_code(wire::ErrorCode::offset_out_of_range);
        has_records = true;
        continue;
      }
      ByteBuffer bytes;
      for (const Stored& stored : log.batches) {
        if (stored.next.value() <= partition.fetch_offset) continue;
        if (!bytes.empty() &&
            bytes.size() + stored.bytes.size() > static_cast<std::size_t>(partition.partition_max_bytes))
          break;
        append_bytes(bytes, stored.bytes);
      }
      has_records = has_records || !bytes.empty();
      answer.records = Bytes(owned.emplace_back(std::move(bytes)));
    }
  }
  if (!has_records) env::sleep_for(self, shard.clock, Milliseconds(asked.max_wait_ms));
  return frame_of(request.header, response);
}

std::optional<ByteBuffer> FakeBroker::list_offsets(Request& request) {
  const auto asked = decoded<wire::ListOffsetsRequest>(request.body, request.header.request_api_version);
  wire::ListOffsetsResponse response;
  for (const auto& topic : asked.topics) {
    auto& answered_topic = response.topics.emplace_back();
    answered_topic.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = answered_topic.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (const auto code = take(list_offsets_refusals); code != wire::ErrorCode::none) {
        answer.error_code = wire_code(code);
        continue;
      }
      const Log& log = this->log(std::string(topic.name), partition.partition_index);
      answer.offset = partition.timestamp == -1 ? log.end.value() : log.start.value();
      answer.leader_epoch = 0;
    }
  }
  return frame_of(request.header, response);
}

std::optional<ByteBuffer> FakeBroker::create_topics(env::Fiber& self, env::Shard& shard, Request& request) {
  const auto asked = decoded<wire::CreateTopicsRequest>(request.body, request.header.request_api_version);
  if (swallows_creates) env::sleep_for(self, shard.clock, std::chrono::hours(1));
  wire::CreateTopicsResponse response;
  for (const auto& topic : asked.topics) {
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    if (const auto code = take(create_refusals); code != wire::ErrorCode::none) {
      answer.error_code = wire_code(code);
    } else if (topics_.contains(topic.name)) {
      answer.error_code = wire_code(wire::ErrorCode::topic_already_exists);
    } else {
      add_topic(std::string(topic.name), topic.num_partitions < 0 ? 1 : topic.num_partitions);
      answer.topic_id = topics_.find(topic.name)->second.id;
    }
  }
  if (std::exchange(loses_create_answer, false)) return std::nullopt;
  return frame_of(request.header, response);
}

std::optional<ByteBuffer> FakeBroker::delete_topics(Request& request) {
  const auto asked = decoded<wire::DeleteTopicsRequest>(request.body, request.header.request_api_version);
  wire::DeleteTopicsResponse response;
  for (const auto& topic : asked.topics) {
    auto& answer = response.responses.emplace_back();
    answer.name = topic.name;
    const auto found = topics_.find(topic.name.value_or(""));
    if (found == topics_.end()) {
      answer.error_code = wire_code(wire::ErrorCode::unknown_topic_or_partition);
    } else {
      topics_.erase(found);
    }
  }
  if (std::exchange(loses_delete_answer, false)) return std::nullopt;
  return frame_of(request.header, response);
}

}  // namespace gregor::client::test
