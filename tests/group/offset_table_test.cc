#include "group/offset_table.h"

#include <gtest/gtest.h>

namespace gregor::group {
namespace {

constexpr PartitionIndex kFirst{0};
StoredOffset offset(std::int64_t value) {
  return {.offset = Offset{value}};
}

TEST(OffsetTable, KeepsTheLastCommit) {
  OffsetTable table;
  table.commit("g", "t", kFirst, offset(1));
  table.commit("g", "t", kFirst, offset(2));
  table.commit("h", "t", kFirst, offset(9));
  EXPECT_EQ(table.find("g", "t", kFirst)->offset, Offset{2});
  EXPECT_EQ(table.size(), 2U);
  table.remove("g", "t", kFirst);
  EXPECT_EQ(table.find("g", "t", kFirst), nullptr);
  EXPECT_EQ(table.of("g"), nullptr) << "nothing is left of a group without offsets";
  EXPECT_EQ(table.size(), 1U);
}

TEST(OffsetTable, TransactionsCountAtTheirEnd) {
  OffsetTable table;
  table.commit_pending(ProducerId{7}, "g", "t", kFirst, offset(5));
  EXPECT_EQ(table.find("g", "t", kFirst), nullptr);
  EXPECT_TRUE(table.is_pending("g", "t", kFirst));
  EXPECT_TRUE(table.has_open_transaction("g"));
  table.end_transaction(ProducerId{7}, true);
  EXPECT_EQ(table.find("g", "t", kFirst)->offset, Offset{5});
  EXPECT_FALSE(table.has_open_transaction("g"));

  table.commit_pending(ProducerId{7}, "g", "t", kFirst, offset(6));
  table.end_transaction(ProducerId{7}, false);
  EXPECT_EQ(table.find("g", "t", kFirst)->offset, Offset{5});
  EXPECT_FALSE(table.is_pending("g", "t", kFirst));
}

TEST(OffsetTable, ALaterPlainCommitStandsOverAnEarlierTransactionalOne) {
  OffsetTable table;
  table.commit_pending(ProducerId{7}, "g", "t", kFirst, offset(5));
  table.commit("g", "t", kFirst, offset(8));
  table.end_transaction(ProducerId{7}, true);
  EXPECT_EQ(table.find("g", "t", kFirst)->offset, Offset{8});
}

TEST(OffsetTable, RemovingTakesPendingOffsetsToo) {
  OffsetTable table;
  table.commit_pending(ProducerId{7}, "g", "t", kFirst, offset(5));
  table.commit_pending(ProducerId{8}, "g", "u", kFirst, offset(6));
  EXPECT_EQ(table.partitions_of("g").size(), 2U);
  EXPECT_TRUE(table.groups_of("u").contains("g"));
  table.remove("g", "t", kFirst);
  table.end_transaction(ProducerId{7}, true);
  EXPECT_EQ(table.find("g", "t", kFirst), nullptr);
  EXPECT_TRUE(table.has_open_transaction("g"));
  table.remove("g", "u", kFirst);
  EXPECT_FALSE(table.has_open_transaction("g")) << "a transaction without offsets holds nothing up";
}

}  // namespace
}  // namespace gregor::group
