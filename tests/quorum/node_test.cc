// The metadata quorum's node over a simulated disk: promises Q1 to Q4 of quorum/node.h.
#include "quorum/node.h"

#include <gtest/gtest.h>

#include "quorum/metadata_batch.h"
#include "quorum/quorum_state_file.h"
#include "sim/world.h"
#include "tests/quorum/support/metadata_home.h"

namespace gregor::quorum {
namespace {

using Texts = std::vector<std::string>;

Texts texts_of_disk(const std::shared_ptr<sim::DiskImage>& disk) {
  return on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    const auto started = life.start(self);
    EXPECT_TRUE(started) << why(started);
    return life.listener.texts();
  });
}

/// Where the durable part of the first segment ends, as an offset.
Offset durable_end(const sim::DiskImage& disk) {
  const auto content = disk.durable_content_of(kFirstSegment);
  Offset end{0};
  for (Bytes rest = content ? Bytes(*content) : Bytes(); !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    if (!batch || !batch->crc_is_right()) break;
    end = batch->next_offset();
    rest = rest.subspan(batch->size());
  }
  return end;
}

TEST(QuorumNode, ANewDirectoryElectsItselfInEpochOneAndIsBlank) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self, values({"feature"})));
    EXPECT_EQ(life.node->epoch(), LeaderEpoch{1});
    EXPECT_TRUE(life.node->is_blank());
    EXPECT_EQ(life.node->log_end(), Offset{1}) << "the epoch's first record";
    EXPECT_EQ(life.node->high_watermark(), Offset{1});
    ASSERT_EQ(life.listener.batches.size(), 1U);
    EXPECT_TRUE(life.listener.batches[0].values.empty()) << "a control batch tells only where the log is";
    EXPECT_EQ(life.listener.batches[0].last_offset, Offset{0});
    EXPECT_EQ(life.node->bootstrap_values(self, values({"default"})).value(), values({"feature"}));
    ASSERT_TRUE(shard.disk.unlink(self, kHome + "/bootstrap.checkpoint"));
    EXPECT_EQ(life.node->bootstrap_values(self, values({"default"})).value(), values({"default"}));
  });
}

// Q1, KAFKA-10527: a node that led an epoch leads it in no second life.
TEST(QuorumNode, EachLifeLeadsALaterEpoch) {
  const auto disk = std::make_shared<sim::DiskImage>();
  for (int life_number = 1; life_number <= 3; ++life_number) {
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      Life life(shard);
      ASSERT_TRUE(life.start(self));
      EXPECT_EQ(life.node->epoch(), LeaderEpoch{life_number});
      ASSERT_TRUE(life.node->append(self, values({"x"})));
      if (life_number == 2) {
        ASSERT_TRUE(life.end(self));
      }
    });
  }
}

TEST(QuorumNode, AnEpochThatStandsInTheLogIsNotLedAgainEvenIfQuorumStateIsLost) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(shard.disk.unlink(self, kMetadataFolder + "/quorum-state"));
  });
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    EXPECT_EQ(life.node->epoch(), LeaderEpoch{2});
  });
}

// Q1.
TEST(QuorumNode, QuorumStateIsDurableBeforeAnythingIsWrittenInItsEpoch) {
  const auto disk = std::make_shared<sim::DiskImage>();
  for (int lives = 0; lives < 2; ++lives) {
    int seen = 0;
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      Life life(shard);
      life.observer.each = [&](const observe::Event& event) {
        const auto* elected = std::get_if<observe::QuorumLeaderElected>(&event);
        const auto* appended = std::get_if<observe::BatchAppended>(&event);
        if (elected == nullptr && appended == nullptr) return;
        ++seen;
        const auto content = disk->durable_content_of(kMetadataFolder + "/quorum-state");
        ASSERT_TRUE(content);
        const auto state = parse_quorum_state(*content);
        ASSERT_TRUE(state) << why(state);
        EXPECT_EQ(state->election.epoch, elected != nullptr ? elected->epoch : appended->epoch);
        EXPECT_EQ(state->election.leader, NodeId{1});
      };
      ASSERT_TRUE(life.start(self));
      ASSERT_TRUE(life.node->append(self, values({"x"})));
    });
    EXPECT_EQ(seen, 3) << "the election, the epoch's first batch, ours";
  }
}

// Q2.
TEST(QuorumNode, WhatTheListenerHearsIsDurableAndComesOnceInOrder) {
  const auto disk = std::make_shared<sim::DiskImage>();
  for (int lives = 0; lives < 2; ++lives) {
    on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
      Life life(shard);
      life.listener.each = [&](const CommittedBatch& batch) {
        EXPECT_LT(batch.last_offset, durable_end(*disk));
        const Offset before = life.listener.batches.empty() ? kNoOffset : life.listener.batches.back().last_offset;
        const std::int64_t count = batch.values.empty() ? 1 : static_cast<std::int64_t>(batch.values.size());
        EXPECT_EQ(batch.last_offset, before + count);
      };
      ASSERT_TRUE(life.start(self));
      for (int append = 0; append < 4; ++append) {
        const Offset end = life.node->log_end();
        EXPECT_EQ(life.node->append(self, values({"a", "b", "c"})).value(), end + 2);
        EXPECT_EQ(life.listener.batches.back().last_offset, end + 2) << "heard before append() returns";
        EXPECT_EQ(life.node->high_watermark(), end + 3);
      }
    });
  }
}

TEST(QuorumNode, AppendsOfManyFibersStandOneBehindTheOther) {
  const auto disk = std::make_shared<sim::DiskImage>();
  sim::run_fiber(
      sim::RunFiberOptions{.seed = 5, .disk = disk, .unruly = true}, [](env::Fiber& self, env::Shard& shard) {
        Life life(shard);
        ASSERT_TRUE(life.start(self));
        int left = 8;
        env::WaitQueue done;
        for (int writer = 0; writer < 8; ++writer) {
          shard.fibers.spawn("writer", [&, writer](env::Fiber& fiber) {
            const std::string name(1, static_cast<char>('a' + writer));
            ASSERT_TRUE(life.node->append(fiber, values({name, name, name})));
            --left;
            done.wake_all();
          });
        }
        while (left > 0) done.wait(self);
        ASSERT_EQ(life.listener.batches.size(), 9U);
        Texts sorted;
        for (std::size_t i = 1; i < 9; ++i) {
          const auto& batch = life.listener.batches[i].values;
          EXPECT_TRUE(std::all_of(batch.begin(), batch.end(), [&](const auto& heard) { return heard == batch[0]; }));
          sorted.emplace_back(text_of(batch[0]));
        }
        std::sort(sorted.begin(), sorted.end());
        EXPECT_EQ(sorted, (Texts{"a", "b", "c", "d", "e", "f", "g", "h"}));
      });
}

TEST(QuorumNode, HistoryIsToldAgainAsItWasAndThenGoesOn) {
  const auto disk = std::make_shared<sim::DiskImage>();
  std::vector<CommittedBatch> first;
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(life.node->append(self, values({"a"})));
    ASSERT_TRUE(life.node->append(self, values({"b", "c"})));
    first = life.listener.batches;
    ASSERT_TRUE(life.end(self));
  });
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    EXPECT_FALSE(life.node->is_blank());
    ASSERT_EQ(life.listener.batches.size(), first.size() + 1);
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(life.listener.batches[i].values, first[i].values);
      EXPECT_EQ(life.listener.batches[i].last_offset, first[i].last_offset);
      EXPECT_EQ(life.listener.batches[i].epoch, first[i].epoch);
    }
    EXPECT_EQ(life.listener.batches.back().epoch, LeaderEpoch{2});
    ASSERT_TRUE(life.node->append(self, values({"d"})));
    EXPECT_EQ(life.listener.texts(), (Texts{"a", "b", "c", "d"}));
  });
}

TEST(QuorumNode, WhatIsLongerThanABatchMayBeIsSplitInOrder) {
  const auto disk = std::make_shared<sim::DiskImage>();
  const std::size_t third = Node::kBatchBytesMax / 3;
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    std::vector<ByteBuffer> large;
    for (int i = 0; i < 5; ++i) large.emplace_back(third, static_cast<std::byte>('a' + i));
    EXPECT_EQ(life.node->append(self, large).value(), Offset{5});
    ASSERT_EQ(life.listener.batches.size(), 4U);
    EXPECT_EQ(life.listener.batches[1].values.size(), 2U);
    EXPECT_EQ(life.listener.batches[3].values.size(), 1U);
  });
  const Texts again = texts_of_disk(disk);
  ASSERT_EQ(again.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(again[i], std::string(third, static_cast<char>('a' + i)));
}

TEST(QuorumNode, WhatStandsInPartIsNotToldAsNothingWritten) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    const std::size_t most = Node::kBatchBytesMax / 3 * 2;
    disk->law().capacity_bytes = disk->used_bytes() + most * 3 / 2;
    const std::vector<ByteBuffer> two(2, ByteBuffer(most, std::byte{'a'}));
    const auto appended = life.node->append(self, two);
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, Errc::timed_out) << "the first is committed, the second found no room";
    EXPECT_EQ(life.listener.texts().size(), 1U);
  });
}

/// A node that appends "first", lets `trouble` change the disk, and appends "second".
struct Troubled {
  explicit Troubled(UniqueFunction<void(sim::DiskLaw&)> trouble) {
    world.add_node({.name = "n",
                    .body =
                        [&, trouble = std::move(trouble)](env::Fiber& self, env::Shard& shard) mutable {
                          life = std::make_unique<Life>(shard);
                          struct Gone {
                            std::unique_ptr<Life>& life;
                            Texts& heard;
                            ~Gone() {
                              heard = life->listener.texts();
                              life.reset();
                            }
                          } const gone{life, heard};
                          ASSERT_TRUE(life->start(self));
                          ASSERT_TRUE(life->node->append(self, values({"first"})));
                          trouble(disk->law());
                          outcome.emplace(life->node->append(self, values({"second"})));
                          disk->law() = sim::DiskLaw{};
                          after.emplace(life->node->append(self, values({"third"})));
                        },
                    .disk = disk});
    world.run_until([&] { return !world.is_alive(0); });
    world.run_until_idle();
    disk->law() = sim::DiskLaw{};
  }
  std::shared_ptr<sim::DiskImage> disk = std::make_shared<sim::DiskImage>();
  sim::World world;
  std::unique_ptr<Life> life;
  Texts heard;
  std::optional<Result<Offset>> outcome;
  std::optional<Result<Offset>> after;
};

// Q4, INVARIANTS 48: nobody knows what a disk holds whose flush failed.
TEST(QuorumNode, AFailedFlushHaltsTheNodeAndIsNeverHeard) {
  Troubled node([](sim::DiskLaw& law) { law.sync_error = sim::kAlways; });
  EXPECT_FALSE(node.outcome) << "append() does not return";
  ASSERT_EQ(node.world.halts().size(), 1U);
  EXPECT_NE(node.world.halts()[0].find("metadata log cannot be trusted"), std::string::npos) << node.world.halts()[0];
  EXPECT_EQ(node.heard, (Texts{"first"}));
  const Texts left = texts_of_disk(node.disk);
  ASSERT_FALSE(left.empty());
  EXPECT_EQ(left[0], "first");
}

TEST(QuorumNode, AWriteThatFailsHaltsTheNodeToo) {
  Troubled node([](sim::DiskLaw& law) { law.write_error = sim::kAlways; });
  EXPECT_FALSE(node.outcome);
  EXPECT_EQ(node.world.halts().size(), 1U);
  EXPECT_EQ(node.heard, (Texts{"first"}));
}

TEST(QuorumNode, AFullDiskIsAnAnswerAndLeavesNothingOfTheBatch) {
  Troubled node([](sim::DiskLaw& law) { law.capacity_bytes = 1; });
  ASSERT_TRUE(node.outcome);
  ASSERT_FALSE(*node.outcome);
  EXPECT_EQ(node.outcome->error().code, Errc::no_space);
  ASSERT_TRUE(node.after);
  EXPECT_TRUE(*node.after) << why(*node.after);
  EXPECT_TRUE(node.world.halts().empty());
  EXPECT_EQ(node.heard, (Texts{"first", "third"}));
  EXPECT_EQ(texts_of_disk(node.disk), node.heard);
}

TEST(QuorumNode, AfterCloseNothingIsTakenAndACleanEndIsFoundWhole) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    ASSERT_TRUE(life.node->append(self, values({"kept"})));
    ASSERT_TRUE(life.end(self));
    EXPECT_TRUE(life.node->close(self)) << "twice does no harm";
    const auto late = life.node->append(self, values({"late"}));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::closed);
  });
  EXPECT_EQ(texts_of_disk(disk), (Texts{"kept"}));
}

TEST(QuorumNode, AListenerThatCannotFollowStopsTheStart) {
  on_disk(std::make_shared<sim::DiskImage>(), [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    life.listener.refuses = true;
    const auto started = life.start(self);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::unsupported);
  });
}

TEST(QuorumNode, AListenerThatCannotFollowLaterHaltsTheNode) {
  sim::World world;
  bool returned = false;
  world.add_node({.name = "n", .body = [&](env::Fiber& self, env::Shard& shard) {
                    Life life(shard);
                    ASSERT_TRUE(life.start(self));
                    life.listener.refuses = true;
                    (void)life.node->append(self, values({"x"}));
                    returned = true;
                  }});
  world.run_until_idle();
  EXPECT_FALSE(returned);
  EXPECT_EQ(world.halts().size(), 1U);
}

TEST(QuorumNode, AControllerThatItsQuorumDoesNotNameDoesNotStart) {
  on_disk(std::make_shared<sim::DiskImage>(), [](env::Fiber& self, env::Shard& shard) {
    config::BrokerConfig config;
    config.controller_quorum_voters = {{.id = 2, .host = "b", .port = 1}, {.id = 3, .host = "c", .port = 1}};
    Life life(shard, config);
    const auto started = life.start(self);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::invalid);
  });
}

TEST(QuorumNode, DamageToCommittedBatchesStopsTheStart) {
  const auto disk = std::make_shared<sim::DiskImage>();
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    ASSERT_TRUE(life.start(self));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(life.node->append(self, values({"x"})));
  });
  const std::uint64_t middle = disk->content_of(kFirstSegment)->size() / 2;
  ASSERT_TRUE(disk->rot(kFirstSegment, middle, 3));
  on_disk(disk, [](env::Fiber& self, env::Shard& shard) {
    Life life(shard);
    const auto started = life.start(self);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::corrupt) << started.error().text;
    EXPECT_NE(started.error().text.find(kFirstSegment), std::string::npos) << started.error().text;
  });
}

// Method: the power fails after each event of a life in turn, on a disk that tears what was not flushed at will. The
// next life hears everything whose append() returned, then perhaps the one batch that was under way, whole or not at
// all.
TEST(QuorumNode, APowerLossKeepsEveryAppendThatReturnedAndTearsNone) {
  constexpr int kAppends = 6;
  int survived_unacknowledged = 0;
  int lost_unacknowledged = 0;
  for (std::uint64_t events = 1;; ++events) {
    auto disk = std::make_shared<sim::DiskImage>();
    int acknowledged = 0;
    sim::World world({.seed = events});
    world.add_node({.name = "n",
                    .body =
                        [&](env::Fiber& self, env::Shard& shard) {
                          Life life(shard);
                          ASSERT_TRUE(life.start(self));
                          for (; acknowledged < kAppends; ++acknowledged) {
                            const std::string name = std::to_string(acknowledged);
                            const std::string padded = name + std::string(700, '.');
                            ASSERT_TRUE(life.node->append(self, values({padded, padded})));
                          }
                          while (true) self.park();
                        },
                    .disk = disk});
    world.run_until([&] { return acknowledged == kAppends; }, {.events_max = events});
    world.lose_power(0);
    const Texts left = texts_of_disk(disk);
    ASSERT_GE(left.size(), 2U * acknowledged) << "after " << events << " events";
    ASSERT_LE(left.size(), 2U * acknowledged + 2);
    ASSERT_EQ(left.size() % 2, 0U) << "a batch is there as a whole or not at all";
    for (std::size_t i = 0; i < left.size(); ++i)
      ASSERT_EQ(left[i].substr(0, left[i].find('.')), std::to_string(i / 2));
    if (acknowledged == kAppends) break;
    (left.size() > 2U * acknowledged ? survived_unacknowledged : lost_unacknowledged) += 1;
  }
  EXPECT_GT(survived_unacknowledged, 0);
  EXPECT_GT(lost_unacknowledged, 0);
}

}  // namespace
}  // namespace gregor::quorum
