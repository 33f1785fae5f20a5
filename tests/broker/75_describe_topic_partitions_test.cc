// DescribeTopicPartitions: topics in order, a page at a time, and pages that leave nothing out.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/describe_topic_partitions.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;
using Request = wire::DescribeTopicPartitionsRequest;
using Response = wire::DescribeTopicPartitionsResponse;

TEST(DescribeTopicPartitionsApi, NamedTopicsComeInOrderAndMissingOnesAreTold) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "b", 3);
    create_topic(peer, "a", 2);
    Request request;
    request.topics = {{.name = "b"}, {.name = "a"}, {.name = "nope"}, {.name = "bad name"}};
    const auto answer = peer.ask<Response>(request, 0);
    ASSERT_EQ(answer.body.topics.size(), 4U);
    EXPECT_EQ(answer.body.topics[0].name, "a");
    EXPECT_EQ(answer.body.topics[0].partitions.size(), 2U);
    EXPECT_EQ(answer.body.topics[0].topic_authorized_operations, 3576);
    EXPECT_EQ(answer.body.topics[1].name, "b");
    EXPECT_EQ(answer.body.topics[2].error_code, code(ErrorCode::invalid_topic_exception));
    EXPECT_EQ(answer.body.topics[3].error_code, code(ErrorCode::unknown_topic_or_partition));
    EXPECT_FALSE(answer.body.next_cursor.has_value());
  });
}

TEST(DescribeTopicPartitionsApi, PagesLeaveNothingOut) {
  NodeWorld w(Settings{{"max.request.partition.size.limit", "4"}});
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    for (const char* name : {"a", "b", "c"}) create_topic(peer, name, 3);
    for (const std::int32_t limit : {1, 2, 100}) {
      SCOPED_TRACE(limit);
      std::vector<std::string> seen;
      std::string cursor_topic;
      Request request;
      request.response_partition_limit = limit;
      for (int pages = 0; pages < 20; ++pages) {
        const auto answer = peer.ask<Response>(request, 0);
        for (const auto& topic : answer.body.topics) {
          for (const auto& partition : topic.partitions) {
            seen.push_back(std::string(*topic.name) + std::to_string(partition.partition_index));
          }
        }
        if (!answer.body.next_cursor) break;
        cursor_topic = answer.body.next_cursor->topic_name;
        request.cursor.emplace();
        request.cursor->topic_name = cursor_topic;
        request.cursor->partition_index = answer.body.next_cursor->partition_index;
      }
      EXPECT_EQ(seen, (std::vector<std::string>{"a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"}));
    }
  });
}

TEST(DescribeTopicPartitionsApi, ACursorThatIsNoneOfTheTopicsIsRefused) {
  NodeWorld w;
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    create_topic(peer, "a");
    Request request;
    request.topics = {{.name = "a"}};
    request.cursor.emplace();
    request.cursor->topic_name = "b";
    EXPECT_EQ(peer.ask<Response>(request, 0).body.topics.at(0).error_code, code(ErrorCode::invalid_request));
    request.cursor->topic_name = "a";
    request.cursor->partition_index = -1;
    EXPECT_EQ(peer.ask<Response>(request, 0).body.topics.at(0).error_code, code(ErrorCode::invalid_request));
  });
}

}  // namespace
}  // namespace gregor::broker
