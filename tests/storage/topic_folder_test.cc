// Folder names: TOPIC-PARTITION, and what Kafka appends to those that go, move or belong to nobody.
#include "storage/topic_folder.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

TopicFolder folder(std::string topic, std::int32_t partition, FolderStage stage = FolderStage::live) {
  return {.topic = std::move(topic), .partition = PartitionIndex{partition}, .stage = stage};
}

TEST(TopicFolder, TheLastDashPartsTopicAndPartition) {
  EXPECT_EQ(folder_name("orders", PartitionIndex{3}), "orders-3");
  EXPECT_EQ(parse_folder_name("orders-3"), folder("orders", 3));
  EXPECT_EQ(parse_folder_name("name.with_dots-and-dashes-7-0"), folder("name.with_dots-and-dashes-7", 0));
  EXPECT_EQ(parse_folder_name("orders-2147483647"), folder("orders", INT32_MAX));
}

TEST(TopicFolder, StagesAreKnownByTheirEnd) {
  const std::string unique = ".0123456789abcdef0123456789abcdef";
  EXPECT_EQ(parse_folder_name("orders-3" + unique + "-delete"), folder("orders", 3, FolderStage::deleted));
  EXPECT_EQ(parse_folder_name("a.b-3" + unique + "-future"), folder("a.b", 3, FolderStage::future));
  EXPECT_EQ(parse_folder_name("orders-3" + unique + "-stray"), folder("orders", 3, FolderStage::stray));
}

TEST(TopicFolder, ADeletedFolderKeepsTopicPartitionAndIncarnation) {
  const std::string name =
      deleted_folder_name("orders", PartitionIndex{3}, Uuid{0x0123456789abcdef, 0xfedcba9876543210});
  EXPECT_EQ(name, "orders-3.0123456789abcdeffedcba9876543210-delete");
}

TEST(TopicFolder, ALongTopicIsCutSoThatTheNameFits) {
  const std::string topic(249, 'x');
  const std::string name = deleted_folder_name(topic, PartitionIndex{12}, Uuid{1, 2});
  EXPECT_EQ(name.size(), 255U);
  const auto parsed = parse_folder_name(name);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->partition, PartitionIndex{12});
  EXPECT_EQ(parsed->stage, FolderStage::deleted);
}

TEST(TopicFolder, ACopyOnItsWayKeepsTheWholeNameOfItsTopic) {
  const std::string name =
      future_folder_name("orders", PartitionIndex{3}, Uuid{0x0123456789abcdef, 0xfedcba9876543210});
  EXPECT_EQ(name, "orders-3.0123456789abcdeffedcba9876543210-future");
  EXPECT_EQ(parse_folder_name(name), folder("orders", 3, FolderStage::future));
  EXPECT_TRUE(has_future_name(std::string(213, 'x'), PartitionIndex{9}));
  EXPECT_FALSE(has_future_name(std::string(214, 'x'), PartitionIndex{9}));
  EXPECT_FALSE(has_future_name(std::string(213, 'x'), PartitionIndex{10}));
}

TEST(TopicFolder, OtherNamesAreNoPartitions) {
  for (const std::string_view name :
       {"", "-", "orders", "orders-", "-0", "orders-x", "orders--delete", "orders-3-delete", "orders-3.-delete",
        "ord ers-3", "orders-+3", "orders-99999999999", "lost+found"}) {
    EXPECT_FALSE(parse_folder_name(name)) << name;
  }
}

}  // namespace
}  // namespace gregor::storage
