// Producer-id blocks never overlap (INVARIANTS row 45, K6).
#include "metadata/producer_ids.h"

#include <gtest/gtest.h>

#include "tests/metadata/support/cluster.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {
namespace {

const NodeId kOne{1};

TEST(ProducerIds, BlocksFollowEachOther) {
  TestLog log;
  const BrokerEpoch epoch = log.image().find_broker(kOne)->epoch;
  for (std::int64_t n = 0; n < 3; ++n) {
    const ProducerIdGrant grant = decide_allocate_producer_ids(log.image(), kOne, epoch).value();
    EXPECT_EQ(grant.block.first, n * 1000);
    EXPECT_EQ(grant.block.count, 1000);
    EXPECT_TRUE(log.write(grant.records).producer_ids);
  }
}

TEST(ProducerIds, OnlyTheBrokerOfThisEpochGetsThem) {
  TestLog log;
  EXPECT_EQ(decide_allocate_producer_ids(log.image(), kOne, BrokerEpoch{99}).error().code, Errc::stale);
  EXPECT_EQ(decide_allocate_producer_ids(log.image(), NodeId{2}, BrokerEpoch{0}).error().code, Errc::not_found);
}

TEST(ProducerIds, TheLastIdsAreNotWrappedAround) {
  TestLog log;
  log.write_one(wire::ProducerIdsRecord{.broker_id = 1, .broker_epoch = 1, .next_producer_id = INT64_MAX - 999}, 0);
  EXPECT_EQ(decide_allocate_producer_ids(log.image(), kOne, log.image().find_broker(kOne)->epoch).error().code,
            Errc::limit);
}

}  // namespace
}  // namespace gregor::metadata
