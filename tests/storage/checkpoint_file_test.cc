// Kafka's checkpoint files: version, count, one line an entry; and the ones that hold an offset for each partition.
#include "storage/checkpoint_file.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/run_fiber.h"

namespace gregor::storage {
namespace {

const CheckpointKey kOrders{"orders", PartitionIndex{0}};

Errc refusal(std::string_view text) {
  const auto parsed = parse_offsets(bytes_of(text));
  return parsed ? Errc{} : parsed.error().code;
}

TEST(CheckpointFile, LinesStandBehindVersionAndCount) {
  EXPECT_EQ(text_of(format_checkpoint({"a 1", "b 2"})), "0\n2\na 1\nb 2\n");
  EXPECT_EQ(text_of(format_checkpoint({})), "0\n0\n");
}

TEST(CheckpointFile, LinesComeBack) {
  const std::vector<std::string> lines{"a 1", "", "b  2"};
  EXPECT_EQ(parse_checkpoint(format_checkpoint(lines)).value(), lines);
}

TEST(CheckpointFile, AnEmptyFileHasNoEntriesAsInKafka) {
  EXPECT_TRUE(parse_checkpoint({}).value().empty());
}

TEST(CheckpointFile, ATornFileIsNeverTakenForAWholeOne) {
  const ByteBuffer whole = format_offsets({{kOrders, Offset{10}}, {{"orders", PartitionIndex{1}}, Offset{20}}});
  // Cut within the last number there may be a smaller one: replace_file() is what keeps that from happening.
  const std::size_t last_line = text_of(whole).rfind("orders");
  for (std::size_t size = 1; size < last_line; ++size) {
    EXPECT_FALSE(parse_offsets(Bytes(whole).first(size))) << text_of(Bytes(whole).first(size));
  }
}

TEST(CheckpointFile, WhatIsNotThisFormatIsMalformedAndNamesTheLine) {
  EXPECT_EQ(refusal("1\n0\n"), Errc::malformed);
  EXPECT_EQ(refusal("0\n"), Errc::malformed);
  EXPECT_EQ(refusal("0\n-1\n"), Errc::malformed);
  EXPECT_EQ(refusal("0\n2\norders 0 5\n"), Errc::malformed);
  EXPECT_EQ(refusal("0\n1\norders 0 5\norders 1 5\n"), Errc::malformed);
  for (const std::string line : {"orders 0", "orders 0 5 6", "orders x 5", "orders 0 x", "orders -1 5", " 0 5"}) {
    const std::string text = "0\n1\n" + line + "\n";
    const auto parsed = parse_offsets(bytes_of(text));
    ASSERT_FALSE(parsed) << line;
    EXPECT_NE(parsed.error().text.find("line 3"), std::string::npos) << parsed.error().text;
  }
}

TEST(CheckpointFile, OffsetsAreReadAsKafkaWritesThem) {
  const OffsetCheckpoint expected{{kOrders, Offset{5}}, {{"a.b_c-7", PartitionIndex{12}}, Offset{INT64_MAX}}};
  EXPECT_EQ(parse_offsets(bytes_of("0\n2\na.b_c-7 12 9223372036854775807\norders 0 5\n")).value(), expected);
}

TEST(CheckpointFile, AnyOffsetsComeBack) {
  EXPECT_TRUE(rc::check("offsets come back", [](const std::map<std::uint16_t, std::int64_t>& chosen) {
    OffsetCheckpoint offsets;
    for (const auto& [partition, offset] : chosen) {
      offsets[{"t" + std::to_string(partition % 3), PartitionIndex{partition}}] = Offset{offset};
    }
    RC_ASSERT(parse_offsets(format_offsets(offsets)).value() == offsets);
  }));
}

TEST(CheckpointFile, AnAbsentFileIsAnEmptyCheckpoint) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    EXPECT_TRUE(read_offsets(self, shard.disk, "nothing").value().empty());
  });
}

TEST(CheckpointFile, ADamagedFileIsNamed) {
  const auto image = std::make_shared<sim::DiskImage>();
  image->put_file("data/some-checkpoint", bytes_of("what?"));
  sim::run_fiber({.disk = image}, [](env::Fiber& self, env::Shard& shard) {
    const auto read = read_offsets(self, shard.disk, "data/some-checkpoint");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::malformed);
    EXPECT_NE(read.error().text.find("data/some-checkpoint"), std::string::npos) << read.error().text;
  });
}

TEST(CheckpointFile, WhatIsWrittenIsDurableAndWhole) {
  const auto image = std::make_shared<sim::DiskImage>();
  image->put_file("data/points", format_offsets({{kOrders, Offset{1}}}));
  sim::run_fiber({.disk = image}, [](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(write_offsets(self, shard.disk, "data/points", {{kOrders, Offset{2}}}));
  });
  EXPECT_EQ(text_of(image->durable_content_of("data/points").value()), "0\n1\norders 0 2\n");
}

}  // namespace
}  // namespace gregor::storage
