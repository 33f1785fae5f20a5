// A copy that the disk damages: it is given up where others are in sync, and cut and fetched again when the metadata
// says that nobody counts on it.
// Method: three partitions over logs on a simulated disk; requests go by hand.
#include <gtest/gtest.h>

#include "tests/partition/support/trio.h"

namespace gregor::partition {
namespace {

using test::Trio;

constexpr NodeId kA{1};
constexpr NodeId kB{2};
constexpr NodeId kC{3};

config::TopicConfig any_isr() {
  config::TopicConfig config;
  config.min_insync_replicas = 1;
  return config;
}

/// Six batches of one record stand everywhere and are committed; each is as long as the others.
struct Damaged {
  Damaged(env::Fiber& self, env::Shard& shard) : trio(self, shard, any_isr()) {
    for (int i = 0; i < 6; ++i) trio.a.submit({.values = {"value"}}, 1)->await(self);
    trio.replicate(self, 4);
    EXPECT_EQ(trio.b.high_watermark(), Offset{6});
  }
  /// One bit of the record at `offset` flips on the member's disk.
  void rot(env::Fiber& self, test::Member& member, int offset) {
    ByteBuffer bytes = member.file(self);
    const std::size_t at = bytes.size() / 6 * static_cast<std::size_t>(offset) + 63;
    bytes[at] ^= std::byte{1};
    const std::string path = "node-" + std::to_string(member.node.value()) + "/orders-0/00000000000000000000.log";
    const auto file = member.disk.open(self, path, env::OpenMode::read_write).value();
    EXPECT_TRUE(env::write_all(self, *file, FilePosition{at}, Bytes(bytes).subspan(at, 1)));
  }
  static std::int16_t read_error(env::Fiber& self, test::Member& member, int offset) {
    return static_cast<std::int16_t>(member.partition->read(self, {.offset = Offset{offset}}).error);
  }
  Trio trio;
};

constexpr std::int16_t kCorruptMessage = 2;

TEST(PartitionDamage, ALeaderGivesItsCopyUpWhereOthersAreInSyncAndCutsNothingByItself) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Damaged damaged(self, shard);
    test::Member& leader = damaged.trio.a;
    damaged.rot(self, leader, 3);
    EXPECT_EQ(Damaged::read_error(self, leader, 0), 0) << "what stands before it is served";
    EXPECT_FALSE(leader.partition->is_given_up());
    EXPECT_EQ(Damaged::read_error(self, leader, 3), kCorruptMessage);
    EXPECT_EQ(Damaged::read_error(self, leader, 3), kCorruptMessage);
    test::settle(self, shard);
    EXPECT_TRUE(leader.partition->is_given_up());
    ASSERT_EQ(leader.observer.all<observe::CopyDamaged>().size(), 1U) << "told once";
    EXPECT_EQ(leader.observer.all<observe::CopyDamaged>()[0].from, Offset{3});
    EXPECT_EQ(leader.log_end(), Offset{6}) << "the metadata has not said that others have it";
    EXPECT_FALSE(leader.partition->checkpoint_line()) << "nothing may raise its recovery point";

    damaged.trio.controller.set_isr({kA});
    damaged.trio.hear(self);
    EXPECT_FALSE(leader.partition->is_given_up()) << "nobody else is in sync";
    EXPECT_EQ(leader.log_end(), Offset{6});
  });
}

TEST(PartitionDamage, WhenAnotherLeadsWithoutItTheLogIsCutAtTheDamageAndFetchedAgain) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Damaged damaged(self, shard);
    Trio& trio = damaged.trio;
    damaged.rot(self, trio.a, 3);
    EXPECT_EQ(Damaged::read_error(self, trio.a, 3), kCorruptMessage);
    trio.controller.elect(kB);
    trio.hear(self);
    test::settle(self, shard);
    EXPECT_TRUE(trio.a.partition->is_given_up());
    EXPECT_EQ(trio.a.log_end(), Offset{6}) << "it is in the ISR yet";
    EXPECT_EQ(trio.a.partition->next_step().kind, replica::FollowerStep::Kind::none) << "or it might come back to it";

    trio.controller.set_isr({kB, kC});
    trio.hear(self);
    test::settle(self, shard);
    EXPECT_EQ(trio.a.log_end(), Offset{3});
    EXPECT_FALSE(trio.a.partition->is_given_up());
    EXPECT_TRUE(trio.a.partition->checkpoint_line());
    trio.replicate(self, 4);
    EXPECT_EQ(trio.a.file(self), trio.b.file(self));
    trio.controller.elect(kA);
    trio.hear(self);
    EXPECT_EQ(Damaged::read_error(self, trio.a, 3), 0);
  });
}

TEST(PartitionDamage, WhoWalksTheLogFindsItToo) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Damaged damaged(self, shard);
    Trio& trio = damaged.trio;
    damaged.rot(self, trio.a, 2);
    std::vector<Offset> seen;
    const auto walked = trio.a.partition->walk(self, [&](const record::BatchView& batch) -> Result<void> {
      seen.push_back(batch.base_offset());
      return {};
    });
    ASSERT_FALSE(walked);
    EXPECT_EQ(walked.error().code, Errc::corrupt);
    EXPECT_EQ(seen.size(), 2U);
    trio.controller.set_isr({kA, kB, kC});
    trio.controller.elect(kC);
    trio.controller.set_isr({kC});
    trio.hear(self);
    test::settle(self, shard);
    EXPECT_EQ(trio.a.log_end(), Offset{2}) << "looked through from its start";
    trio.replicate(self, 4);
    EXPECT_EQ(trio.a.file(self), trio.c.file(self));
  });
}

}  // namespace
}  // namespace gregor::partition
