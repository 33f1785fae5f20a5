// Which transaction indexes an opened log trusts: those of segments it did not have to read, as far as they look right.
#include <gtest/gtest.h>

#include "storage/aborted_transaction.h"
#include "storage/partition_log.h"
#include "storage/segment_name.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

/// Two segments, bases 0 and 3, closed; the first has an index of one abort.
struct TwoSegments {
  LogHome home;
  AbortedTransaction abort{ProducerId{7}, Offset{0}, Offset{2}, Offset{3}};
  LogCheckpoints clean{.clean_shutdown = true, .recovery_point = Offset{5}, .log_start_offset = Offset{0}};

  TwoSegments() {
    const auto size = static_cast<std::int64_t>(make_batch({}).size());
    home.config = {.segment_bytes = 3 * size, .index_interval_bytes = 50};
    home.run([&](env::Fiber& self, env::Shard& shard) {
      const auto log = home.open(self, shard).value();
      for (int at = 0; at < 5; ++at) {
        const ByteBuffer batch = make_batch({.base_offset = at});
        const Bytes group(batch);
        EXPECT_TRUE(log->append(self, std::span<const Bytes>(&group, 1),
                                std::span<const AbortedTransaction>(&abort, at == 2 ? 1 : 0)));
      }
      EXPECT_TRUE(log->close(self));
    });
  }
  [[nodiscard]] std::string index() const { return file_name(Offset{0}, FileKind::transaction_index); }
};

TEST(LogOpeningTransactions, AfterACleanEndTheyAreTrusted) {
  TwoSegments two;
  two.home.run([&](env::Fiber& self, env::Shard& shard) {
    const auto log = two.home.open(self, shard, two.clean).value();
    EXPECT_FALSE(log->aborted_unknown_from());
    EXPECT_EQ(log->read(self, Offset{0}, {.with_aborted = true})->aborted, std::vector{two.abort});
  });
}

TEST(LogOpeningTransactions, OfRecoveredSegmentsTheyAreUnknown) {
  TwoSegments two;
  two.home.run([&](env::Fiber& self, env::Shard& shard) {
    const LogCheckpoints crashed{.clean_shutdown = false, .recovery_point = Offset{4}, .log_start_offset = Offset{0}};
    const auto log = two.home.open(self, shard, crashed).value();
    EXPECT_EQ(log->aborted_unknown_from(), Offset{3});
    EXPECT_EQ(log->read(self, Offset{0}, {.with_aborted = true})->aborted, std::vector{two.abort})
        << "what lies below the recovery point stays";
  });
}

TEST(LogOpeningTransactions, ATornOrForeignOneIsUnknownAndIsMadeAgain) {
  ByteBuffer beyond;
  append_aborted_transaction(beyond, {ProducerId{7}, Offset{0}, Offset{4}, Offset{5}});
  for (const ByteBuffer& wrong : {ByteBuffer(33), ByteBuffer(34, std::byte{9}), beyond}) {
    TwoSegments two;
    two.home.put(two.index(), wrong);
    two.home.run([&](env::Fiber& self, env::Shard& shard) {
      const auto log = two.home.open(self, shard, two.clean).value();
      EXPECT_EQ(log->aborted_unknown_from(), Offset{0});
      EXPECT_TRUE(log->rewrite_aborted(self, std::vector{two.abort}));
      EXPECT_FALSE(log->aborted_unknown_from());
      EXPECT_EQ(log->read(self, Offset{0}, {.with_aborted = true})->aborted, std::vector{two.abort});
    });
  }
}

}  // namespace
}  // namespace gregor::storage
