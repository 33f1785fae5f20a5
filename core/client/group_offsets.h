// What a group has committed, asked of its coordinator.
#pragma once

#include <vector>

#include "client/group_link.h"
#include "client/range_assignor.h"

namespace gregor::client {

struct CommittedOffset {
  std::string topic;
  PartitionIndex partition;
  Offset offset;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  bool operator==(const CommittedOffset&) const = default;
};

/// Of these partitions, or of all (`wanted` null), in order of topics and partitions; those without a commit are left
/// out. One try. Suspends. Failures: those of the link; the group's or the first partition's code.
Outcome<std::vector<CommittedOffset>> fetch_committed(env::Fiber& self, GroupLink& link, const Assignment* wanted);

/// Who commits. Generation -1 and no member id: somebody outside, from whom a group takes it while it has no members.
struct Committer {
  std::int32_t generation = -1;
  std::string_view member_id = "";
  std::optional<std::string_view> instance_id = {};
};
/// One try. Suspends. Failures: those of the link; the first partition's code; a fate of unknown where it may have been
/// committed.
Outcome<void> commit_offsets(env::Fiber& self, GroupLink& link, const Committer& committer,
                             const std::vector<CommittedOffset>& offsets);

}  // namespace gregor::client
