// The delta for who begins late equals what one who followed from the start would have gathered.
#include "metadata/first_delta.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "metadata/producer_ids.h"
#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

TEST(FirstDelta, OfNothingIsNothing) {
  EXPECT_TRUE(first_delta_of(Image{}).is_empty());
}

TEST(FirstDelta, NamesEverythingThatTheImageHolds) {
  TestLog log(2);
  ASSERT_EQ(log.create({.name = "t", .num_partitions = 3, .configs = {{"retention.ms", "1"}}}).error,
            wire::ErrorCode::none);
  const Topic* topic = log.image().find_topic("t");
  Delta delta = first_delta_of(log.image());
  EXPECT_EQ(delta.created_topics, std::set<TopicId>{topic->id});
  EXPECT_EQ(delta.partitions.at(topic->id).size(), 3U);
  EXPECT_EQ(delta.configs, (std::set<ConfigResource>{{ConfigResource::kTopic, "t"}}));
  EXPECT_EQ(delta.brokers.size(), 2U);
  EXPECT_TRUE(delta.features.contains("metadata.version"));
  EXPECT_FALSE(delta.producer_ids);
  EXPECT_TRUE(delta.deleted_topics.empty());
  log.write(decide_allocate_producer_ids(log.image(), NodeId{1}, log.image().find_broker(NodeId{1})->epoch)->records);
  EXPECT_TRUE(first_delta_of(log.image()).producer_ids);
}

// Without deletions the gathered delta of a history and the first delta of its image are one.
RC_GTEST_PROP(FirstDeltaProperty, EqualsWhatReplayGathers, (const std::vector<unsigned>& history)) {
  TestLog log(2);
  RecordList records;
  const Image nothing_yet = log.image();
  for (const unsigned which : history) {
    const NewTopic topic{.name = "topic-" + std::to_string(which % 20),
                         .num_partitions = 1 + static_cast<std::int32_t>(which % 3),
                         .configs = {{"retention.ms", std::to_string(which)}}};
    const auto decision = decide_create_topics(log.image(), {.topics = {topic}}, log.defaults, log.random);
    log.write(decision.records);
    records.append(decision.records);
  }
  Image image = nothing_yet;
  Delta gathered = first_delta_of(nothing_yet);
  for (const ByteBuffer& value : records.values()) RC_ASSERT(image.apply(value, gathered).has_value());
  RC_ASSERT(first_delta_of(image) == gathered);
  RC_CLASSIFY(image.topics().size() > 3, "several topics");
}

}  // namespace
}  // namespace gregor::metadata
