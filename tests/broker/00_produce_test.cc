// Produce: what is refused, with which error and in which order of checks; what is taken stands in the log once.
// Sources: Kafka's protocol; ../shared/vectors/bad-batches.jsonl, what a running broker answered to each of these
// bytes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/broker/support/node_world.h"
#include "wire/produce.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Values = std::vector<std::string>;

struct Part {
  std::string_view topic;  ///< outlives the request, as the records do
  std::int32_t partition = 0;
  Bytes records;
};

wire::ProduceRequest request_of(const std::vector<Part>& parts, std::int16_t acks = -1) {
  wire::ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = 10'000;
  for (const Part& part : parts) {
    request.topic_data.push_back({.name = part.topic, .topic_id = {}, .partition_data = {}});
    request.topic_data.back().partition_data.push_back({.index = part.partition, .records = part.records});
  }
  return request;
}

/// The error codes of an answer, partition by partition.
std::vector<std::int16_t> errors_in(const wire::ProduceResponse& response) {
  std::vector<std::int16_t> errors;
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partition_responses) errors.push_back(partition.error_code);
  }
  return errors;
}

TEST(Produce, IsTakenAtEveryVersionThatIsServed) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const TopicId id = create_topic(peer, "orders");
    const ByteBuffer batch = batch_of({{"a", "b"}});
    for (std::int16_t version = 3; version <= 13; ++version) {
      SCOPED_TRACE(version);
      wire::ProduceRequest request = request_of({{"orders", 0, batch}});
      if (version >= 13)
        request.topic_data[0] = {.name = {}, .topic_id = id, .partition_data = request.topic_data[0].partition_data};
      const auto answer = peer.ask<wire::ProduceResponse>(request, version);
      ASSERT_EQ(answer.body.responses.size(), 1U);
      const auto& told = answer.body.responses[0].partition_responses.at(0);
      EXPECT_EQ(told.error_code, 0);
      EXPECT_EQ(told.base_offset, 2 * (version - 3));
      EXPECT_EQ(told.log_append_time_ms, -1);
      EXPECT_EQ(answer.body.responses[0].topic_id, version >= 13 ? id : TopicId{});
    }
    EXPECT_EQ(fetch(peer, "orders", 0).values.size(), 22U);
  });
}

TEST(Produce, JudgesPartitionByPartitionAndKeepsTheOrderOfTheRequest) {
  NodeWorld w({}, 3);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 3);
    const ByteBuffer good = batch_of({{"a"}});
    ByteBuffer bad = good;
    bad.back() ^= std::byte{1};
    const auto answer = peer.ask<wire::ProduceResponse>(
        request_of(
            {{"orders", 2, good}, {"nobody", 0, good}, {"orders", 1, bad}, {"orders", 7, good}, {"orders", 0, good}}),
        12);
    EXPECT_EQ(errors_in(answer.body), (std::vector<std::int16_t>{0, code(ErrorCode::unknown_topic_or_partition),
                                                                 code(ErrorCode::corrupt_message),
                                                                 code(ErrorCode::unknown_topic_or_partition), 0}));
    for (const auto& topic : answer.body.responses) {
      const auto& told = topic.partition_responses.at(0);
      EXPECT_EQ(told.base_offset, told.error_code == 0 ? 0 : -1);
    }
  });
}

TEST(Produce, ByIdWantsAnIdThatIsKnown) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    const ByteBuffer batch = batch_of({{"a"}});
    wire::ProduceRequest request;
    request.acks = -1;
    request.topic_data.push_back({.name = {}, .topic_id = Uuid{1, 2}, .partition_data = {}});
    request.topic_data[0].partition_data.push_back({.index = 0, .records = Bytes(batch)});
    EXPECT_EQ(errors_in(peer.ask<wire::ProduceResponse>(request, 13).body),
              std::vector<std::int16_t>{code(ErrorCode::unknown_topic_id)});
  });
}

TEST(Produce, AcksOtherThanThreeKnownOnesAreRefusedBehindUnknownTopics) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    const ByteBuffer batch = batch_of({{"a"}});
    for (const std::int16_t acks : {-2, 2, 100}) {
      const auto answer =
          peer.ask<wire::ProduceResponse>(request_of({{"orders", 0, batch}, {"nobody", 0, batch}}, acks), 9);
      EXPECT_EQ(errors_in(answer.body), (std::vector<std::int16_t>{code(ErrorCode::invalid_required_acks),
                                                                   code(ErrorCode::unknown_topic_or_partition)}));
    }
    EXPECT_EQ(fetch(peer, "orders", 0).high_watermark, 0) << "nothing was stored";
  });
}

TEST(Produce, ToAnInternalTopicIsForTheBrokerAloneAndForToolsThatMendAClusterByTheirName) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "__consumer_offsets");
    const ByteBuffer batch = batch_of({{"a"}});
    const auto request = request_of({{"__consumer_offsets", 0, batch}});
    EXPECT_EQ(errors_in(peer.ask<wire::ProduceResponse>(request, 9).body),
              (std::vector<std::int16_t>{code(ErrorCode::invalid_topic_exception)}));
    EXPECT_EQ(fetch(peer, "__consumer_offsets", 0).high_watermark, 0) << "nothing was stored";
    wire::RequestHeader header;
    header.request_api_version = 9;
    header.client_id = "__admin_client";
    peer.send(wire::encode_request_frame(header, request).value());
    EXPECT_EQ(errors_in(peer.take<wire::ProduceResponse>(9).body), (std::vector<std::int16_t>{0}));
  });
}

TEST(Produce, WithoutAcksIsNeverAnswered) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    for (int i = 0; i < 10; ++i) {
      const ByteBuffer batch = batch_of({{std::to_string(i)}});
      peer.send(request_of({{"orders", 0, batch}}, 0), 12);
    }
    const auto fetched = fetch(peer, "orders", 0);
    EXPECT_EQ(fetched.values.size(), 10U) << "the next answer is the fetch's, and it stands behind them";
    EXPECT_EQ(fetched.values.front(), "0");
  });
}

TEST(Produce, WithoutAcksAnErrorEndsTheConnection) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const ByteBuffer batch = batch_of({{"a"}});
    peer.send(request_of({{"nobody", 0, batch}}, 0), 12);
    EXPECT_TRUE(peer.is_closed());
  });
}

TEST(Produce, PipelinedFromOneClientStandsInTheOrderOfItsRequests) {
  NodeWorld w({}, 2);
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    for (int i = 0; i < 30; ++i) {
      const ByteBuffer batch = batch_of({{std::to_string(i)}, 7, i});
      peer.send(request_of({{"orders", 0, batch}}), 12);
    }
    for (int i = 0; i < 30; ++i) {
      const auto answer = peer.take<wire::ProduceResponse>(12);
      EXPECT_EQ(answer.body.responses.at(0).partition_responses.at(0).base_offset, i);
    }
  });
}

TEST(Produce, OfTheSameSequenceIsAnsweredAlikeAndStoredOnce) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    EXPECT_EQ(produce(peer, "orders", batch_of({{"a", "b"}, 7, 0})).base_offset, 0);
    EXPECT_EQ(produce(peer, "orders", batch_of({{"c"}, 7, 2})).base_offset, 2);
    const Produced again = produce(peer, "orders", batch_of({{"a", "b"}, 7, 0}));
    EXPECT_EQ(again.error, 0);
    EXPECT_EQ(again.base_offset, 0);
    EXPECT_EQ(produce(peer, "orders", batch_of({{"e"}, 7, 5})).error, code(ErrorCode::out_of_order_sequence_number));
    EXPECT_EQ(produce(peer, "orders", batch_of({{"d"}, 7, 0, 1})).base_offset, 3) << "a new epoch begins at 0";
    EXPECT_EQ(produce(peer, "orders", batch_of({{"e"}, 7, 3, 0})).error, code(ErrorCode::invalid_producer_epoch));
    EXPECT_EQ(fetch(peer, "orders", 0).values, (Values{"a", "b", "c", "d"}));
  });
}

TEST(Produce, DuplicatesAreKnownInTheNextLifeToo) {
  for (const bool is_killed : {false, true}) {
    SCOPED_TRACE(is_killed);
    NodeWorld w;
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      create_topic(peer, "orders");
      EXPECT_EQ(produce(peer, "orders", batch_of({{"a"}, 7, 0})).base_offset, 0);
      EXPECT_EQ(produce(peer, "orders", batch_of({{"b"}, 7, 1})).base_offset, 1);
    });
    is_killed ? w.crash_and_restart() : w.restart();
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      EXPECT_EQ(produce(peer, "orders", batch_of({{"b"}, 7, 1})).base_offset, 1);
      EXPECT_EQ(produce(peer, "orders", batch_of({{"c"}, 7, 2})).base_offset, 2);
      EXPECT_EQ(fetch(peer, "orders", 0).values, (Values{"a", "b", "c"}));
    });
  }
}

TEST(Produce, WhereTheTopicStampsItTellsTheTimeItStamped) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders", 1, {{"message.timestamp.type", "LogAppendTime"}});
    const std::int64_t before = client.shard.clock.wall_now().ms;
    const Produced produced = produce(peer, "orders", batch_of({{"a"}}));
    EXPECT_EQ(produced.error, 0);
    EXPECT_GE(produced.log_append_time_ms, before - 1'000);
    EXPECT_LE(produced.log_append_time_ms, client.shard.clock.wall_now().ms + 1'000);
  });
}

TEST(Produce, OfATransactionIsRefusedWhileThereIsNoCoordinator) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    BatchOf wanted{{"a"}, 7, 0};
    wanted.is_transactional = true;
    const ByteBuffer batch = batch_of(wanted);
    const ByteBuffer plain = batch_of({{"b"}});
    wire::ProduceRequest request = request_of({{"orders", 0, batch}, {"nobody", 0, plain}});
    EXPECT_EQ(errors_in(peer.ask<wire::ProduceResponse>(request, 12).body),
              (std::vector<std::int16_t>(2, code(ErrorCode::transactional_id_authorization_failed))))
        << "without a transactional id, for the whole request";
    request.transactional_id = "txn";
    EXPECT_EQ(
        errors_in(peer.ask<wire::ProduceResponse>(request, 12).body),
        (std::vector<std::int16_t>{code(ErrorCode::not_enough_replicas), code(ErrorCode::unknown_topic_or_partition)}));
    EXPECT_EQ(fetch(peer, "orders", 0).high_watermark, 0);
    wanted.producer_id = 8;
    const ByteBuffer of_another = batch_of(wanted);
    request = request_of({{"orders", 0, batch}, {"orders", 1, of_another}});
    request.transactional_id = "txn";
    EXPECT_EQ(errors_in(peer.ask<wire::ProduceResponse>(request, 12).body),
              (std::vector<std::int16_t>(2, code(ErrorCode::invalid_producer_id_mapping))))
        << "two producers in one request";
  });
}

TEST(Produce, OfATransactionNeedsNoCoordinatorWhereItsWordIsWaived) {
  NodeWorld w(Settings{{"transaction.partition.verification.enable", "false"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    BatchOf wanted{{"a"}, 7, 0};
    wanted.is_transactional = true;
    const ByteBuffer batch = batch_of(wanted);
    wire::ProduceRequest request = request_of({{"orders", 0, batch}});
    request.transactional_id = "txn";
    EXPECT_EQ(errors_in(peer.ask<wire::ProduceResponse>(request, 12).body),
              (std::vector<std::int16_t>{code(ErrorCode::not_enough_replicas)}))
        << "from version 12 on the broker would have to add the partition";
    EXPECT_EQ(errors_in(peer.ask<wire::ProduceResponse>(request, 11).body), (std::vector<std::int16_t>{0}));
  });
}

TEST(Produce, OfNothingIsAnsweredWithNothing) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    EXPECT_TRUE(peer.ask<wire::ProduceResponse>(request_of({}), 12).body.responses.empty());
  });
}

TEST(Produce, ThatDoesNotParseEndsTheConnection) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const ByteBuffer batch = batch_of({{"a"}});
    wire::RequestHeader header;
    header.request_api_version = 12;
    ByteBuffer frame = wire::encode_request_frame(header, request_of({{"orders", 0, batch}})).value();
    frame.resize(frame.size() - 10);
    store_big_endian(frame.data(), static_cast<std::int32_t>(frame.size() - 4));
    peer.send(frame);
    EXPECT_TRUE(peer.is_closed());
    EXPECT_EQ(w.log.count("connection.closed"), 1U);
  });
}

// ---- what a running Kafka answered to bad and odd batches ----

ByteBuffer from_hex(const std::string& hex) {
  ByteBuffer bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

/// Appending looks less closely at these than reading does, so Kafka takes what nobody can read. Refused here.
bool is_unreadable_in_kafka(const std::string& name) {
  return name.starts_with("compressed-") && name.ends_with("-record-length-one-more");
}

/// The codes that are right for this case. Where Kafka stumbled over its own exception, one that says what is wrong is.
std::set<std::int16_t> right_codes(const nlohmann::json& line) {
  const std::string name = line["name"];
  if (name == "control-batch-from-a-client" || name.starts_with("transactional-"))
    return {code(ErrorCode::transactional_id_authorization_failed)};
  if (line["error"] == "UNKNOWN_SERVER_ERROR" || is_unreadable_in_kafka(name))
    return {code(ErrorCode::corrupt_message), code(ErrorCode::invalid_record)};
  return {line["code"].get<std::int16_t>()};
}

void judge(Peer& peer, const nlohmann::json& line, int number) {
  const std::string topic = "case-" + std::to_string(number);
  std::vector<std::pair<std::string, std::string>> configs;
  std::int16_t version = 12;
  const auto settings = line.value("settings", nlohmann::json::object());
  for (const auto& [key, value] : settings.items()) {
    if (key == "produceVersion") {
      version = static_cast<std::int16_t>(std::stoi(value.get<std::string>()));
    } else {
      configs.emplace_back(key, value.get<std::string>());
    }
  }
  create_topic(peer, topic, 1, configs);
  const ByteBuffer bytes = from_hex(line["hex"]);
  const auto answer = peer.ask<wire::ProduceResponse>(request_of({{topic, 0, bytes}}), version);
  const auto& told = answer.body.responses.at(0).partition_responses.at(0);
  EXPECT_TRUE(right_codes(line).contains(told.error_code))
      << "answered " << told.error_code << " for " << line["error"];
  if (told.error_code != 0) {
    EXPECT_EQ(told.base_offset, -1);
    EXPECT_EQ(fetch(peer, topic, 0).high_watermark, 0) << "what was refused left a trace";
  } else {
    EXPECT_EQ(told.base_offset, 0);
    EXPECT_EQ(fetch(peer, topic, 0).high_watermark, line["lastOffset"].get<std::int64_t>() + 1);
  }
  std::set<std::int32_t> wrong_records;
  for (const auto& error : told.record_errors) wrong_records.insert(error.batch_index);
  std::set<std::int32_t> expected;
  for (const auto& error : line.value("recordErrors", nlohmann::json::array()))
    expected.insert(error["batchIndex"].get<std::int32_t>());
  EXPECT_TRUE(expected.empty() || wrong_records == expected) << testing::PrintToString(wrong_records);
}

TEST(Produce, AnswersEveryVectorAsKafkaDoes) {
  const char* folder = std::getenv("GREGOR_VECTORS");
  std::ifstream in((folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared/vectors") +
                   "/bad-batches.jsonl");
  if (!in) GTEST_SKIP() << "no ../shared/vectors here";
  std::vector<nlohmann::json> lines;
  for (std::string text; std::getline(in, text);) lines.push_back(nlohmann::json::parse(text));
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      SCOPED_TRACE(lines[i]["name"].get<std::string>());
      judge(peer, lines[i], static_cast<int>(i));
    }
  });
  std::cout << "bad-batches.jsonl: " << lines.size() << " cases\n";
  EXPECT_GT(lines.size(), 0U);
}

}  // namespace
}  // namespace gregor::broker
