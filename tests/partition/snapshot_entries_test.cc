// A snapshot file keeps the last batch of each producer: what comes back from it must accept the next one and know the
// last.
#include "partition/snapshot_entries.h"

#include <gtest/gtest.h>

namespace gregor::partition {
namespace {

replica::ProducerEntry producer_with(Sequence first, Sequence last, std::int32_t delta) {
  replica::ProducerEntry entry{.producer_id = ProducerId{7},
                               .epoch = ProducerEpoch{2},
                               .coordinator_epoch = 3,
                               .last_timestamp = WallTime{1000},
                               .transaction_first_offset = Offset{40}};
  entry.add({.first_sequence = first,
             .last_sequence = last,
             .last_offset = Offset{50},
             .offset_delta = delta,
             .timestamp = WallTime{1000}});
  return entry;
}

TEST(SnapshotEntries, ThereAndBackKeepsTheLastBatchAndTheOpenTransaction) {
  const std::vector<replica::ProducerEntry> before = {producer_with(Sequence{8}, Sequence{10}, 2)};
  EXPECT_EQ(replica_entries(storage_entries(before)), before);
}

// KAFKA-7692: sequences wrap from 2^31-1 to 0, within a batch too.
TEST(SnapshotEntries, ABatchThatWrappedItsSequenceComesBackWhole) {
  const std::vector<replica::ProducerEntry> before = {producer_with(Sequence{2147483647}, Sequence{1}, 2)};
  EXPECT_EQ(replica_entries(storage_entries(before)), before);
}

TEST(SnapshotEntries, AProducerWithoutBatchesHasNoneAfterwards) {
  replica::ProducerEntry entry{.producer_id = ProducerId{7}, .epoch = ProducerEpoch{0}};
  const auto kept = storage_entries({entry});
  EXPECT_EQ(kept.front().last_sequence, Sequence{-1});
  EXPECT_TRUE(replica_entries(kept).front().known().empty());
}

TEST(SnapshotEntries, OfSeveralBatchesTheLastIsKept) {
  auto entry = producer_with(Sequence{0}, Sequence{2}, 2);
  entry.add({.first_sequence = Sequence{3},
             .last_sequence = Sequence{3},
             .last_offset = Offset{51},
             .offset_delta = 0,
             .timestamp = WallTime{1001}});
  const auto back = replica_entries(storage_entries({entry}));
  ASSERT_EQ(back.front().known().size(), 1U);
  EXPECT_EQ(back.front().known()[0].last_offset, Offset{51});
}

}  // namespace
}  // namespace gregor::partition
