// meta.properties: KIP-78 (cluster id), KIP-631 (version 1, node id), KIP-858 (directory id).
#include "storage/meta_properties.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"

namespace gregor::storage {
namespace {

MetaProperties full() {
  MetaProperties meta;
  meta.cluster_id = "4L6g3nShT-eMCtK--X86sw";
  meta.node_id = NodeId{7};
  meta.directory_id = Uuid{1, 2};
  return meta;
}

TEST(MetaProperties, KafkasFileIsRead) {
  const auto meta = parse_meta_properties(
      bytes_of("#\n#Fri Nov 21 03:33:58 UTC 2026\nversion=1\ncluster.id=4L6g3nShT-eMCtK--X86sw\nnode.id=7\n"
               "directory.id=AAAAAAAAAAEAAAAAAAAAAg\n"));
  ASSERT_TRUE(meta) << meta.error().text;
  EXPECT_EQ(*meta, full());
}

TEST(MetaProperties, WhatIsWrittenComesBack) {
  EXPECT_EQ(parse_meta_properties(format_meta_properties(full())).value(), full());
  MetaProperties odd = full();
  odd.cluster_id = "a=b:c\\d#e!f";
  odd.others["some.key=1"] = "kept as it was";
  odd.others["white"] = " \tspace\r";
  odd.others[" white"] = "\r";
  EXPECT_EQ(parse_meta_properties(format_meta_properties(odd)).value(), odd);
}

TEST(MetaProperties, Version0NamesABroker) {
  MetaProperties old;
  old.version = 0;
  old.node_id = NodeId{3};
  EXPECT_EQ(parse_meta_properties(bytes_of("broker.id=3\r\nversion=0\r\n")).value(), old);
  EXPECT_NE(text_of(format_meta_properties(old)).find("broker.id=3\n"), std::string::npos);
}

TEST(MetaProperties, KeysThatWeDoNotKnowAreKept) {
  const auto meta = parse_meta_properties(bytes_of("version=1\nfuture.key = x y\n! a comment\n\n")).value();
  EXPECT_EQ(meta.others, (std::map<std::string, std::string>{{"future.key", "x y"}}));
}

TEST(MetaProperties, WhatMakesNoSenseIsMalformedAndNamed) {
  for (const auto& [text, named] : std::map<std::string, std::string>{{"version=x", "version"},
                                                                      {"node.id=-1", "node.id"},
                                                                      {"node.id=99999999999", "node.id"},
                                                                      {"directory.id=short", "directory.id"},
                                                                      {"no separator", "no separator"},
                                                                      {"=1", "=1"}}) {
    const auto parsed = parse_meta_properties(bytes_of(text));
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::malformed);
    EXPECT_NE(parsed.error().text.find(named), std::string::npos) << parsed.error().text;
  }
}

TEST(MetaProperties, ALaterVersionIsNotGuessedAt) {
  EXPECT_EQ(parse_meta_properties(bytes_of("version=2\n")).error().code, Errc::unsupported);
}

TEST(MetaProperties, TheFileIsReplacedDurablyAndReadAgain) {
  const auto image = std::make_shared<sim::DiskImage>();
  image->put_file("data/meta.properties", bytes_of("version=0\n"));
  sim::run_fiber({.disk = image}, [](env::Fiber& self, env::Shard& shard) {
    EXPECT_EQ(read_meta_properties(self, shard.disk, "elsewhere").error().code, Errc::not_found);
    ASSERT_TRUE(write_meta_properties(self, shard.disk, "data", full()));
    EXPECT_EQ(read_meta_properties(self, shard.disk, "data").value(), full());
  });
  EXPECT_EQ(image->durable_content_of("data/meta.properties"), format_meta_properties(full()));
}

}  // namespace
}  // namespace gregor::storage
