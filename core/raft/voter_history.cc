#include "raft/voter_history.h"

#include <utility>

#include "base/check.h"

namespace gregor::raft {

VoterHistory::VoterHistory(VoterSet voters) {
  entries_.push_back({kNoOffset, std::move(voters)});
}

const VoterSet& VoterHistory::before(Offset end) const {
  std::size_t at = entries_.size() - 1;
  while (at > 0 && entries_[at].offset >= end) --at;
  return entries_[at].voters;
}

void VoterHistory::append(Offset offset, VoterSet voters) {
  CHECK(offset > latest_offset());
  entries_.push_back({offset, std::move(voters)});
}

void VoterHistory::truncate(Offset end) {
  while (entries_.size() > 1 && entries_.back().offset >= end) entries_.pop_back();
}

void VoterHistory::trim(Offset start) {
  while (entries_.size() > 1 && entries_[1].offset < start) entries_.erase(entries_.begin());
}

void VoterHistory::reset(Offset end, VoterSet voters) {
  entries_.clear();
  entries_.push_back({end - 1, std::move(voters)});
}

}  // namespace gregor::raft
