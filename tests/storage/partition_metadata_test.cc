// partition.metadata (KIP-516) ties a folder to one incarnation of its topic.
#include "storage/partition_metadata.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"

namespace gregor::storage {
namespace {

const TopicId kTopicId{0xCCCCCA9EA5A94AEF, 0xBCBBE9259A9529CC};

TEST(PartitionMetadata, TheTextIsKafkasWithoutALastNewline) {
  EXPECT_EQ(text_of(format_partition_metadata(Uuid{0, 1})), "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
}

TEST(PartitionMetadata, TheIdComesBack) {
  EXPECT_EQ(parse_partition_metadata(format_partition_metadata(kTopicId)).value(), kTopicId);
  EXPECT_EQ(parse_partition_metadata(bytes_of("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n")).value(), (Uuid{0, 1}));
}

TEST(PartitionMetadata, ATornOrForeignFileIsMalformed) {
  const ByteBuffer whole = format_partition_metadata(kTopicId);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto parsed = parse_partition_metadata(Bytes(whole).first(size));
    ASSERT_FALSE(parsed) << size;
    EXPECT_EQ(parsed.error().code, Errc::malformed) << size;
  }
  EXPECT_EQ(parse_partition_metadata(bytes_of("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA")).error().code,
            Errc::malformed)
      << "the zero id names no topic";
}

TEST(PartitionMetadata, ALaterVersionIsNotGuessedAt) {
  EXPECT_EQ(parse_partition_metadata(bytes_of("version: 1\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ")).error().code,
            Errc::unsupported);
}

TEST(PartitionMetadata, TheFileIsDurableAndErrorsNameIt) {
  const auto image = std::make_shared<sim::DiskImage>();
  image->put_file("data/orders-0/old", {});
  image->put_file("data/torn-0/partition.metadata", bytes_of("version"));
  sim::run_fiber({.disk = image}, [](env::Fiber& self, env::Shard& shard) {
    EXPECT_EQ(read_partition_metadata(self, shard.disk, "data/orders-0").error().code, Errc::not_found);
    ASSERT_TRUE(write_partition_metadata(self, shard.disk, "data/orders-0", kTopicId));
    EXPECT_EQ(read_partition_metadata(self, shard.disk, "data/orders-0").value(), kTopicId);
    const auto torn = read_partition_metadata(self, shard.disk, "data/torn-0");
    EXPECT_NE(torn.error().text.find("data/torn-0/partition.metadata"), std::string::npos) << torn.error().text;
  });
  EXPECT_TRUE(image->durable_content_of("data/orders-0/partition.metadata"));
}

}  // namespace
}  // namespace gregor::storage
