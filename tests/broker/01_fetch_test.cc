// Fetch: what is there, how long it waits for what is not, how much it gives, and what it says where it cannot give.
#include <gtest/gtest.h>

#include <map>

#include "tests/broker/support/node_world.h"
#include "wire/delete_topics.h"
#include "wire/fetch.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Values = std::vector<std::string>;
using Row = wire::FetchResponse::PartitionData;

constexpr std::int16_t kTopicIdsFrom = 13;

struct Ask {
  std::string topic = "orders";
  TopicId id = {};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t bytes_max = 1 << 20;
  std::int32_t leader_epoch = -1;
  std::int32_t last_fetched_epoch = -1;
};

/// Sends a fetch of these partitions, each in a topic entry of its own. Texts are borrowed from `asks`.
wire::FetchRequest request_of(const std::vector<Ask>& asks, std::int16_t version = 12, std::int32_t wait_ms = 0) {
  wire::FetchRequest request;
  request.max_wait_ms = wait_ms;
  request.min_bytes = 1;
  for (const Ask& ask : asks) {
    auto& topic = request.topics.emplace_back();
    version >= kTopicIdsFrom ? void(topic.topic_id = ask.id) : void(topic.topic = ask.topic);
    topic.partitions.push_back({.partition = ask.partition,
                                .current_leader_epoch = ask.leader_epoch,
                                .fetch_offset = ask.offset,
                                .last_fetched_epoch = ask.last_fetched_epoch,
                                .partition_max_bytes = ask.bytes_max});
  }
  return request;
}

std::vector<Row> rows_of(const wire::FetchResponse& response) {
  std::vector<Row> rows;
  for (const auto& topic : response.responses)
    rows.insert(rows.end(), topic.partitions.begin(), topic.partitions.end());
  return rows;
}

struct FetchApi : testing::Test {
  /// A node with topic "orders" of `partitions`, each holding the batches {"0"}, {"1"}, ... up to `batches`.
  void with(int batches, const std::function<void(const Client&, Peer&)>& body, int partitions = 1,
            std::size_t shards = 1) {
    NodeWorld w({}, shards);
    w.run([&](const Client& client) {
      Peer peer = client.connect();
      id = create_topic(peer, "orders", partitions);
      for (int p = 0; p < partitions; ++p) {
        for (int i = 0; i < batches; ++i) produce(peer, "orders", batch_of({{std::to_string(i)}}), p);
      }
      body(client, peer);
    });
  }
  TopicId id;
};

TEST_F(FetchApi, GivesTheSameAtEveryVersionThatIsServed) {
  with(3, [&](const Client&, Peer& peer) {
    for (std::int16_t version = 4; version <= 18; ++version) {
      SCOPED_TRACE(version);
      const std::vector<Ask> asks = {{.id = id, .offset = 1}};
      const auto answer = peer.ask<wire::FetchResponse>(request_of(asks, version), version);
      const auto rows = rows_of(answer.body);
      ASSERT_EQ(rows.size(), 1U);
      EXPECT_EQ(rows[0].error_code, 0);
      EXPECT_EQ(rows[0].high_watermark, 3);
      EXPECT_EQ(rows[0].last_stable_offset, 3);
      EXPECT_EQ(values_in(rows[0].records.value_or(Bytes{})), (Values{"1", "2"}));
      EXPECT_EQ(answer.body.responses[0].topic_id, version >= kTopicIdsFrom ? id : TopicId{});
    }
  });
}

TEST_F(FetchApi, AtTheEndOfTheLogWaitsAsLongAsItMayThenGivesNothing) {
  with(3, [&](const Client& client, Peer& peer) {
    const MonotonicTime before = client.now();
    const Fetched fetched = fetch(peer, "orders", 3, 0, 2'000);
    EXPECT_EQ(fetched.error, 0);
    EXPECT_EQ(fetched.high_watermark, 3);
    EXPECT_TRUE(fetched.values.empty());
    EXPECT_GE(client.now() - before, Milliseconds(2'000));
    EXPECT_LT(client.now() - before, Milliseconds(2'100));
  });
}

TEST_F(FetchApi, ThatWaitsIsWokenByTheRecordsItWaitsFor) {
  for (const std::size_t shards : {std::size_t{1}, std::size_t{3}}) {
    with(
        1,
        [&](const Client& client, Peer& peer) {
          const std::vector<Ask> asks = {{.partition = 0, .offset = 1}, {.partition = 1, .offset = 1}};
          peer.send(request_of(asks, 12, 9'000), 12);
          client.sleep(Milliseconds(500));
          Peer other = client.connect();
          EXPECT_EQ(produce(other, "orders", batch_of({{"new"}}), 1).error, 0);
          const MonotonicTime before = client.now();
          const auto answer = peer.take<wire::FetchResponse>(12);
          EXPECT_LT(client.now() - before, Milliseconds(100));
          const auto rows = rows_of(answer.body);
          EXPECT_TRUE(values_in(*rows.at(0).records).empty());
          EXPECT_EQ(values_in(*rows.at(1).records), (Values{"new"}));
        },
        2, shards);
  }
}

TEST_F(FetchApi, WaitsForAsManyBytesAsItIsToldButNotLongerThanItMay) {
  with(0, [&](const Client& client, Peer& peer) {
    const auto size = static_cast<std::int32_t>(batch_of({{"x"}}).size());
    const std::vector<Ask> asks = {Ask{}};
    wire::FetchRequest request = request_of(asks, 12, 5'000);
    request.min_bytes = 3 * size;
    Peer other = client.connect();
    peer.send(request, 12);
    client.sleep(Milliseconds(100));
    for (int i = 0; i < 3; ++i) {
      produce(other, "orders", batch_of({{"x"}}));
      client.sleep(Milliseconds(100));
    }
    EXPECT_EQ(values_in(*rows_of(peer.take<wire::FetchResponse>(12).body).at(0).records).size(), 3U);
    request.min_bytes = 100 * size;
    const MonotonicTime before = client.now();
    EXPECT_EQ(values_in(*rows_of(peer.ask<wire::FetchResponse>(request, 12).body).at(0).records).size(), 3U)
        << "time is up: what there is";
    EXPECT_GE(client.now() - before, Milliseconds(5'000));
  });
}

// KIP-74: a limit never keeps a reader from getting on.
TEST_F(FetchApi, LimitsAreSoftForTheFirstBatchAndHardForTheRest) {
  with(
      3,
      [&](const Client&, Peer& peer) {
        const std::vector<Ask> asks = {{.partition = 0, .bytes_max = 1}, {.partition = 1, .bytes_max = 1}};
        auto rows = rows_of(peer.ask<wire::FetchResponse>(request_of(asks), 12).body);
        EXPECT_EQ(values_in(*rows.at(0).records), (Values{"0"}));
        EXPECT_TRUE(rows.at(1).records->empty());
        const auto size = static_cast<std::int32_t>(batch_of({{"0"}}).size());
        const std::vector<Ask> roomy = {{.partition = 0, .bytes_max = 2 * size}, {.partition = 1}};
        wire::FetchRequest request = request_of(roomy);
        request.max_bytes = 3 * size;
        rows = rows_of(peer.ask<wire::FetchResponse>(request, 12).body);
        EXPECT_EQ(values_in(*rows.at(0).records), (Values{"0", "1"}));
        EXPECT_EQ(values_in(*rows.at(1).records), (Values{"0"})) << "what is left of max_bytes";
      },
      2);
}

TEST_F(FetchApi, ErrorsAreToldAtOnceAndLeaveTheOthersAlone) {
  with(2, [&](const Client& client, Peer& peer) {
    const std::vector<Ask> asks = {{.offset = 3}, {.offset = -1}, {.topic = "nobody"}, {.partition = 9}, {.offset = 0}};
    const MonotonicTime before = client.now();
    const auto answer = peer.ask<wire::FetchResponse>(request_of(asks, 12, 9'000), 12);
    EXPECT_LT(client.now() - before, Milliseconds(100));
    std::map<std::int16_t, int> errors;
    for (const Row& row : rows_of(answer.body)) {
      ++errors[row.error_code];
      EXPECT_EQ(row.records.value_or(Bytes{}).empty(), row.error_code != 0);
      EXPECT_TRUE(row.error_code != code(ErrorCode::unknown_topic_or_partition) || row.high_watermark == -1);
    }
    EXPECT_EQ(errors, (std::map<std::int16_t, int>{{0, 1},
                                                   {code(ErrorCode::offset_out_of_range), 2},
                                                   {code(ErrorCode::unknown_topic_or_partition), 2}}));
  });
}

TEST_F(FetchApi, OfAnIdThatNobodyHasIsUnknown) {
  with(1, [&](const Client&, Peer& peer) {
    const std::vector<Ask> asks = {{.id = Uuid{9, 9}}};
    EXPECT_EQ(rows_of(peer.ask<wire::FetchResponse>(request_of(asks, 13), 13).body).at(0).error_code,
              code(ErrorCode::unknown_topic_id));
  });
}

// KIP-320: the reader says which leader it means.
TEST_F(FetchApi, EpochsBeforeAndBehindTheLeadersAreRefused) {
  with(1, [&](const Client&, Peer& peer) {
    const auto error_at = [&](std::int32_t epoch) {
      const std::vector<Ask> asks = {{.leader_epoch = epoch}};
      return rows_of(peer.ask<wire::FetchResponse>(request_of(asks), 12).body).at(0).error_code;
    };
    std::int32_t epoch = 0;
    while (epoch < 10 && error_at(epoch) == code(ErrorCode::fenced_leader_epoch)) ++epoch;
    EXPECT_EQ(error_at(epoch), 0);
    EXPECT_EQ(error_at(epoch + 1), code(ErrorCode::unknown_leader_epoch));
    EXPECT_EQ(error_at(-1), 0) << "none is meant";
  });
}

// KIP-595: where the reader's history parted from ours.
TEST_F(FetchApi, AHistoryThatPartedIsToldWhere) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "orders");
    produce(peer, "orders", batch_of({{"a"}}));
    const std::vector<Ask> beyond = {{.offset = 1, .last_fetched_epoch = 0}};
    EXPECT_EQ(rows_of(peer.ask<wire::FetchResponse>(request_of(beyond), 12).body).at(0).diverging_epoch.epoch, -1);
  });
  w.crash_and_restart();  // the leader's epoch rises
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    produce(peer, "orders", batch_of({{"b"}}));
    const std::vector<Ask> parted = {{.offset = 2, .last_fetched_epoch = 0}};
    const auto answer = peer.ask<wire::FetchResponse>(request_of(parted), 12);
    const Row row = rows_of(answer.body).at(0);
    EXPECT_EQ(row.error_code, 0);
    EXPECT_EQ(row.diverging_epoch.epoch, 0);
    EXPECT_EQ(row.diverging_epoch.end_offset, 1);
    EXPECT_TRUE(row.records.value_or(Bytes{}).empty());
  });
}

TEST_F(FetchApi, AbortedTransactionsAreListedForThoseWhoReadCommitted) {
  with(1, [&](const Client&, Peer& peer) {
    const std::vector<Ask> asks = {Ask{}};
    wire::FetchRequest request = request_of(asks);
    EXPECT_FALSE(rows_of(peer.ask<wire::FetchResponse>(request, 12).body).at(0).aborted_transactions.has_value());
    request.isolation_level = 1;
    const auto answer = peer.ask<wire::FetchResponse>(request, 12);
    const Row row = rows_of(answer.body).at(0);
    ASSERT_TRUE(row.aborted_transactions.has_value());
    EXPECT_TRUE(row.aborted_transactions->empty());
    EXPECT_EQ(values_in(*row.records), (Values{"0"}));
  });
}

TEST_F(FetchApi, AnIsolationLevelThatNobodyKnowsIsRefusedForAll) {
  with(1, [&](const Client&, Peer& peer) {
    const std::vector<Ask> asks = {Ask{}};
    wire::FetchRequest request = request_of(asks);
    request.isolation_level = 2;
    const auto answer = peer.ask<wire::FetchResponse>(request, 12);
    EXPECT_EQ(answer.body.error_code, code(ErrorCode::unknown_server_error));
    EXPECT_EQ(rows_of(answer.body).at(0).error_code, code(ErrorCode::unknown_server_error));
  });
}

TEST_F(FetchApi, WhoSaysItIsAFollowerIsToldThatItFollowsNobodyHere) {
  with(1, [&](const Client&, Peer& peer) {
    const std::vector<Ask> asks = {{.id = id}};
    wire::FetchRequest request = request_of(asks, 17);
    request.replica_state.replica_id = 2;
    const auto answer = peer.ask<wire::FetchResponse>(request, 17);
    EXPECT_EQ(rows_of(answer.body).at(0).error_code, code(ErrorCode::not_leader_or_follower));
    EXPECT_EQ(rows_of(answer.body).at(0).current_leader.leader_id, 1) << "KIP-951";
    request = request_of(asks, 12);
    request.topics[0].topic = "orders";
    request.replica_id = 2;
    EXPECT_EQ(rows_of(peer.ask<wire::FetchResponse>(request, 12).body).at(0).error_code,
              code(ErrorCode::not_leader_or_follower));
  });
}

TEST_F(FetchApi, ThatWaitsHearsWhenItsTopicGoes) {
  with(1, [&](const Client& client, Peer& peer) {
    const std::vector<Ask> asks = {{.offset = 1}};
    peer.send(request_of(asks, 12, 9'000), 12);
    client.sleep(Milliseconds(100));
    Peer other = client.connect();
    wire::DeleteTopicsRequest request;
    request.topics.push_back({.name = "orders"});
    EXPECT_EQ(other.ask<wire::DeleteTopicsResponse>(request, 6).body.responses.at(0).error_code, 0);
    const MonotonicTime before = client.now();
    const auto answer = peer.take<wire::FetchResponse>(12);
    EXPECT_LT(client.now() - before, Milliseconds(100));
    EXPECT_NE(rows_of(answer.body).at(0).error_code, 0);
  });
}

// ---- sessions (KIP-227) ----

TEST_F(FetchApi, ASessionTellsOnlyWhatIsNew) {
  with(
      1,
      [&](const Client&, Peer& peer) {
        const std::vector<Ask> asks = {{.partition = 0, .offset = 1}, {.partition = 1, .offset = 1}};
        wire::FetchRequest request = request_of(asks);
        request.session_epoch = 0;
        const auto full = peer.ask<wire::FetchResponse>(request, 12);
        ASSERT_GT(full.body.session_id, 0);
        EXPECT_EQ(rows_of(full.body).size(), 2U);
        request.session_id = full.body.session_id;
        request.topics.clear();
        request.session_epoch = 1;
        const auto nothing = peer.ask<wire::FetchResponse>(request, 12);
        EXPECT_EQ(nothing.body.session_id, request.session_id);
        EXPECT_TRUE(nothing.body.responses.empty());
        produce(peer, "orders", batch_of({{"new"}}), 1);
        request.session_epoch = 2;
        const auto news = peer.ask<wire::FetchResponse>(request, 12);
        const auto rows = rows_of(news.body);
        ASSERT_EQ(rows.size(), 1U);
        EXPECT_EQ(rows[0].partition_index, 1);
        EXPECT_EQ(values_in(*rows[0].records), (Values{"new"}));
      },
      2);
}

TEST_F(FetchApi, SessionsThatAreUnknownOutOfStepOrOfAnotherKindAreRefused) {
  with(1, [&](const Client&, Peer& peer) {
    const std::vector<Ask> asks = {{.id = id, .offset = 1}};
    wire::FetchRequest request = request_of(asks);
    request.session_epoch = 0;
    const std::int32_t session = peer.ask<wire::FetchResponse>(request, 12).body.session_id;
    const auto error = [&](std::int32_t session_id, std::int32_t epoch, std::int16_t version) {
      wire::FetchRequest later = request_of(asks, version);
      later.session_id = session_id;
      later.session_epoch = epoch;
      const auto answer = peer.ask<wire::FetchResponse>(later, version);
      EXPECT_TRUE(answer.body.error_code == 0 || answer.body.responses.empty());
      return answer.body.error_code;
    };
    EXPECT_EQ(error(session + 1, 1, 12), code(ErrorCode::fetch_session_id_not_found));
    EXPECT_EQ(error(session, 5, 12), code(ErrorCode::invalid_fetch_session_epoch));
    EXPECT_EQ(error(session, 1, 13), code(ErrorCode::fetch_session_topic_id_error));
  });
}

}  // namespace
}  // namespace gregor::broker
