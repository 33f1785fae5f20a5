// What a cleaner learns of transactions on its way through a log.
#include "storage/clean_transactions.h"

#include <gtest/gtest.h>

#include "tests/storage/support/keyed_batches.h"

namespace gregor::storage {
namespace {

constexpr ProducerId kOne{1};

ByteBuffer data_at(std::int64_t base, ProducerId producer, bool transactional = true) {
  return keyed_batch({.base_offset = Offset{base},
                      .producer_id = producer,
                      .producer_epoch = ProducerEpoch{0},
                      .base_sequence = Sequence{0},
                      .is_transactional = transactional},
                     {{"k", "v"}, {"l", "w"}});
}
ByteBuffer marker_at(std::int64_t at, ProducerId producer, record::ControlType type) {
  return record::end_transaction_marker(Offset{at}, LeaderEpoch{0}, WallTime{1}, producer, ProducerEpoch{0}, type, 0);
}
record::BatchView view(const ByteBuffer& batch) {
  return record::BatchView::parse(batch).value();
}
AbortedTransaction aborted(std::int64_t first, std::int64_t last) {
  return {.producer_id = kOne,
          .first_offset = Offset{first},
          .last_offset = Offset{last},
          .last_stable_offset = Offset{first}};
}

TEST(CleanTransactions, TellsAbortedDataFromCommittedOfTheSameProducer) {
  CleanTransactions walk({aborted(4, 6)});
  EXPECT_FALSE(walk.on_data(view(data_at(0, kOne))));
  EXPECT_FALSE(walk.on_marker(view(marker_at(2, kOne, record::ControlType::commit)), record::ControlType::commit));
  EXPECT_TRUE(walk.on_data(view(data_at(4, kOne))));
  EXPECT_FALSE(walk.on_marker(view(marker_at(6, kOne, record::ControlType::abort)), record::ControlType::abort))
      << "its data was there";
  EXPECT_FALSE(walk.on_data(view(data_at(7, kOne)))) << "the next one is another transaction";
}

TEST(CleanTransactions, MarkersWithoutDataMayGo) {
  CleanTransactions walk({aborted(4, 6)});
  EXPECT_TRUE(walk.on_marker(view(marker_at(2, kOne, record::ControlType::commit)), record::ControlType::commit));
  EXPECT_TRUE(walk.on_marker(view(marker_at(6, kOne, record::ControlType::abort)), record::ControlType::abort));
  EXPECT_TRUE(walk.take_index().empty());
}

TEST(CleanTransactions, TheIndexKeepsAbortsWhoseDataWasMet) {
  CleanTransactions walk({aborted(4, 6)});
  EXPECT_TRUE(walk.on_data(view(data_at(4, kOne))));
  EXPECT_TRUE(walk.take_index().empty()) << "not before the marker";
  EXPECT_FALSE(walk.on_marker(view(marker_at(6, kOne, record::ControlType::abort)), record::ControlType::abort));
  EXPECT_EQ(walk.take_index(), std::vector{aborted(4, 6)});
  EXPECT_TRUE(walk.take_index().empty());
}

TEST(CleanTransactions, PlainBatchesOfTheProducerAreNotPartOfIt) {
  CleanTransactions walk({aborted(0, 9)});
  EXPECT_FALSE(walk.on_data(view(data_at(0, kOne, false))));
  EXPECT_FALSE(walk.on_data(view(data_at(2, ProducerId{2}))));
}

TEST(CleanTransactions, AnEntryWhoseMarkerWasCleanedAwayAbortsNothingBehindIt) {
  CleanTransactions walk({aborted(0, 3)});
  EXPECT_FALSE(walk.on_data(view(data_at(5, kOne))));
}

}  // namespace
}  // namespace gregor::storage
