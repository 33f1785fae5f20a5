#include "tests/raft/support/judge.h"

#include <string>

#include "raft/invariants.h"

namespace gregor::raft::model {

namespace {

std::string name_of(const Node& node) {
  return "node " + std::to_string(node.id.value()) + " of life " + std::to_string(node.life);
}
std::string text_of(LeaderEpoch epoch) {
  return "epoch " + std::to_string(epoch.value());
}
std::string text_of(Offset offset) {
  return "offset " + std::to_string(offset.value());
}

}  // namespace

void Judge::after_step(const Node& node) {
  const std::string broken = broken_invariant(*node.fsm);
  if (!broken.empty()) note(broken + ", " + name_of(node));
}

void Judge::voted(const Node& node, bool by_directory, LeaderEpoch epoch, const VoterKey& candidate) {
  const VoterKey voter = by_directory ? node.key() : VoterKey{node.id, {}};
  const auto [vote, is_first] = votes_.try_emplace({voter, epoch}, candidate);
  if (!is_first && vote->second != candidate) note("K1: two votes of " + name_of(node) + " in " + text_of(epoch));
}

void Judge::leads(const Node& node) {
  const LeaderEpoch epoch = node.fsm->epoch();
  const auto [leader, is_first] = leaders_.try_emplace(epoch, node.id, node.life);
  if (!is_first && leader->second != std::pair{node.id, node.life}) {
    note("K1: " + text_of(epoch) + " is led twice, now by " + name_of(node));
  }
  for (Offset offset = node.disk.start.offset; offset.value() < static_cast<std::int64_t>(committed_.size());
       ++offset) {
    // What only later epochs committed, a leader whose disk was slow to say that it leads need not have.
    if (committed_in_[static_cast<std::size_t>(offset.value())] >= epoch) continue;
    if (offset < node.disk.end() && node.disk.at(offset) == committed_[static_cast<std::size_t>(offset.value())])
      continue;
    return note("K2: " + name_of(node) + " leads " + text_of(epoch) + " without the committed " + text_of(offset));
  }
}

void Judge::appends_as_leader(const Node& node, LeaderEpoch epoch) {
  const auto leader = leaders_.find(epoch);
  if (leader == leaders_.end() || leader->second != std::pair{node.id, node.life}) {
    note("K5: " + name_of(node) + " writes in " + text_of(epoch) + ", which it does not lead");
  } else if (!node.disk.log.empty() && node.disk.log.back().epoch > epoch) {
    note("K5: " + name_of(node) + " writes in " + text_of(epoch) + " behind records of a later one");
  }
}

void Judge::truncates(const Node& node, Offset end) {
  for (Offset offset = end; offset < node.disk.end(); ++offset) {
    if (offset.value() >= static_cast<std::int64_t>(committed_.size())) return;
    // Who follows a leader that a later one replaced may lose what only that later one committed: it was not counted.
    if (committed_in_[static_cast<std::size_t>(offset.value())] > node.fsm->epoch()) continue;
    if (node.disk.at(offset) == committed_[static_cast<std::size_t>(offset.value())]) {
      return note("K2: " + name_of(node) + " truncates the committed " + text_of(offset));
    }
  }
}

void Judge::committed_to(const Node& node, Offset high_watermark, const std::vector<Node>& nodes) {
  if (high_watermark <= node.high_watermark) note("K2: the high watermark of " + name_of(node) + " does not rise");
  if (high_watermark > node.disk.end()) return note("K2: " + name_of(node) + " commits what it does not have");
  for (Offset offset = std::max(node.high_watermark, node.disk.start.offset); offset < high_watermark; ++offset) {
    const auto place = static_cast<std::size_t>(offset.value());
    const Record& record = node.disk.at(offset);
    if (place == committed_.size()) {
      committed_.push_back(record);
      committed_in_.push_back(node.fsm->epoch());
    }
    if (place > committed_.size()) return note("K2: " + name_of(node) + " commits beyond a gap");
    if (committed_[place] != record)
      note("K2: another record is committed at " + text_of(offset) + ", " + name_of(node));
  }
  if (node.leads()) check_majority(node, high_watermark, nodes);
}

/// Wiped disks once held it: their loss is the budget's, not the quorum's.
void Judge::check_majority(const Node& leader, Offset high_watermark, const std::vector<Node>& nodes) {
  std::size_t holders = 0;
  const VoterSet& voters = leader.fsm->voters();
  for (const Node& node : nodes) {
    const Voter* voter = nullptr;
    for (const Voter& listed : voters) {
      if (listed.key.id == node.id) voter = &listed;
    }
    if (voter == nullptr) continue;
    if (node.disk.was_wiped || node.disk.flushed >= high_watermark) ++holders;
  }
  if (holders <= voters.size() / 2) {
    note("K2: no majority has what " + name_of(leader) + " commits up to " + text_of(high_watermark) + " on disk");
  }
}

void Judge::compare_logs(const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    const Offset end = std::min(node.disk.end(), Offset{static_cast<std::int64_t>(committed_.size())});
    if (!node.fsm) continue;
    for (Offset offset = node.disk.start.offset; offset < std::min(end, node.fsm->high_watermark()); ++offset) {
      if (node.disk.at(offset) == committed_[static_cast<std::size_t>(offset.value())]) continue;
      note("K2: " + name_of(node) + " holds another record at the committed " + text_of(offset));
      break;
    }
  }
}

}  // namespace gregor::raft::model
