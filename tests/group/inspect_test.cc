// What checkers see: counts, and whether a reload would give the same.
#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

TEST(Inspect, CountsWhatThereIs) {
  GroupRig rig;
  rig.settled_member();
  rig.commit(1, "", -1, 8, "t", "simple");
  rig.join({});
  const GroupMachine::Counts counts = rig.machine.counts();
  EXPECT_EQ(counts.groups, 2U);
  EXPECT_EQ(counts.empty, 1U);
  EXPECT_EQ(counts.preparing_rebalance, 1U);
  EXPECT_EQ(counts.members, 2U);
  EXPECT_EQ(counts.offsets, 1U);
  EXPECT_EQ(counts.parked, 1U);
  EXPECT_EQ(counts.rebalances, 1U);
}

TEST(Inspect, ALostRecordShows) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  rig.commit(1, member, 1);
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "");
  const NewRecord last = rig.log.back();
  rig.log.pop_back();
  EXPECT_EQ(rig.machine.difference_from(rig.reloaded()), "g t-0 has no offset");
  rig.log.pop_back();
  rig.log.push_back(last);
  EXPECT_NE(rig.machine.difference_from(rig.reloaded()), "") << "the group's last record is gone";
}

}  // namespace
}  // namespace gregor::group
