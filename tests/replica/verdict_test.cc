// The verdicts are Kafka's error codes, by number and by name.
#include "replica/verdict.h"

#include <gtest/gtest.h>

namespace gregor::replica {
namespace {

TEST(ReplicaVerdict, CarriesKafkasCodesAndNames) {
  EXPECT_EQ(static_cast<int>(ReplicaVerdict::not_enough_replicas_after_append), 20);
  EXPECT_EQ(static_cast<int>(ReplicaVerdict::offset_not_available), 78);
  EXPECT_STREQ(name_of(ReplicaVerdict::served), "NONE");
  EXPECT_STREQ(name_of(ReplicaVerdict::fenced_leader_epoch), "FENCED_LEADER_EPOCH");
}

}  // namespace
}  // namespace gregor::replica
