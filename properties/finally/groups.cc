// What the members of groups saw, held against what a group promises.
#include <algorithm>
#include <map>
#include <ranges>
#include <tuple>
#include <utility>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

std::string name_of(const std::string& group, std::int32_t generation) {
  return "group " + group + " generation " + std::to_string(generation);
}

/// Who stands behind a member id: a static member may come back under another one, and fences the one before.
const std::string& owner_of(const GroupSync& sync) {
  return sync.instance_id.empty() ? sync.member_id : sync.instance_id;
}

using Place = std::pair<std::string, HistoryPartition>;

/// One partition's commits and fetches in one group.
struct Register {
  std::vector<const GroupCommit*> commits;
  std::vector<const GroupFetch*> fetches;
};

std::map<Place, Register> registers_of(const History& history) {
  std::map<Place, Register> registers;
  for (const GroupCommit& commit : history.group_commits) {
    registers[{commit.group, commit.partition}].commits.push_back(&commit);
  }
  for (const GroupFetch& fetch : history.group_fetches) {
    registers[{fetch.group, fetch.partition}].fetches.push_back(&fetch);
  }
  return registers;
}

/// The commit that a fetch must not read behind: acknowledged before the fetch was asked, begun after `since`.
const GroupCommit* newer_than(const History& history, const Register& at, const GroupFetch& fetch,
                              MonotonicTime since) {
  const auto hides = [&](const GroupCommit* commit) {
    return commit->outcome == Outcome::acknowledged && commit->invoked > since && commit->completed < fetch.asked &&
           !history.lost_between(commit->invoked, fetch.at);
  };
  const auto found = std::ranges::find_if(at.commits, hides);
  return found == at.commits.end() ? nullptr : *found;
}

/// A generation may come again where the first one's end was never stored: then any of its plans will do.
bool is_as_planned(const History& history, const GroupSync& sync) {
  const auto is_of_group = [&](const GroupPart& part) { return part.group == sync.group; };
  if (std::ranges::none_of(history.group_parts, is_of_group)) return true;  // its leaders tell nobody
  return std::ranges::any_of(history.group_parts, [&](const GroupPart& part) {
    const bool is_its_own =
        sync.instance_id.empty() ? part.member_id == sync.member_id : part.instance_id == sync.instance_id;
    return is_its_own && part.group == sync.group && part.generation == sync.generation &&
           part.assigned == sync.assigned;
  });
}

void judge_fetch(const History& history, const Register& at, const GroupFetch& fetch, Verdict& verdict) {
  const bool may_be_old = fetch.asked < history.fresh_from;
  const std::string where = "group " + fetch.group + " is said to stand at " + std::to_string(fetch.offset.value()) +
                            " of " + to_text(fetch.partition);
  if (fetch.offset == kNoOffset) {
    if (may_be_old) return;
    if (const GroupCommit* newer = newer_than(history, at, fetch, MonotonicTime::min())) {
      verdict.violated("G2", where + ", though " + std::to_string(newer->offset.value()) + " was acknowledged",
                       fetch.at);
    }
    return;
  }
  const auto wrote = std::ranges::find(at.commits, fetch.offset, &GroupCommit::offset);
  if (wrote == at.commits.end() || (*wrote)->invoked > fetch.at) {
    return verdict.violated("G2", where + ", which nobody had committed", fetch.at);
  }
  if ((*wrote)->outcome == Outcome::refused) {
    return verdict.violated("G2", where + ", a commit that was refused", fetch.at);
  }
  if ((*wrote)->leader_epoch != fetch.leader_epoch) {
    return verdict.violated("G2",
                            where + " of leader epoch " + std::to_string(fetch.leader_epoch.value()) +
                                ", and was committed there of " + std::to_string((*wrote)->leader_epoch.value()),
                            fetch.at);
  }
  if ((*wrote)->outcome != Outcome::acknowledged || may_be_old) return;  // it may have come late
  if (const GroupCommit* newer = newer_than(history, at, fetch, (*wrote)->completed)) {
    verdict.violated("G2", where + ", though " + std::to_string(newer->offset.value()) + " was acknowledged later",
                     fetch.at);
  }
}

}  // namespace

void generations_share_out_once(const History& history, Verdict& verdict) {
  using Key = std::tuple<std::string, std::int32_t, HistoryPartition>;
  std::map<Key, const GroupSync*> owners;
  for (const GroupSync& sync : history.group_syncs) {
    for (const HistoryPartition& partition : sync.assigned) {
      const auto [at, is_new] = owners.try_emplace({sync.group, sync.generation, partition}, &sync);
      if (is_new || owner_of(*at->second) == owner_of(sync)) continue;
      if (history.lost_between(at->second->asked, sync.at)) {
        at->second = &sync;
        continue;
      }
      verdict.violated("G1",
                       name_of(sync.group, sync.generation) + ": " + to_text(partition) + " belongs to " +
                           owner_of(*at->second) + " and to " + owner_of(sync),
                       sync.at);
    }
  }
}

void generations_rise(const History& history, Verdict& verdict) {
  for (const GroupSync& sync : history.group_syncs) {
    for (const GroupSync& earlier : history.group_syncs) {
      const bool comes_before = earlier.group == sync.group && earlier.at < sync.asked;
      if (!comes_before || earlier.generation <= sync.generation) continue;
      if (history.lost_between(earlier.asked, sync.at)) continue;
      verdict.violated(
          "G3",
          name_of(sync.group, sync.generation) + " was told after generation " + std::to_string(earlier.generation),
          sync.at);
      return;
    }
  }
}

void parts_are_as_planned(const History& history, Verdict& verdict) {
  for (const GroupSync& sync : history.group_syncs) {
    if (is_as_planned(history, sync)) continue;
    verdict.violated("L5",
                     name_of(sync.group, sync.generation) + ": " + owner_of(sync) + " was told " +
                         std::to_string(sync.assigned.size()) + " partitions, which is not what its leader planned",
                     sync.at);
  }
}

void lonely_members_rebalance_at_once(const History& history, Verdict& verdict) {
  constexpr std::chrono::seconds kAtOnce{15};
  for (const LonelyRebalance& lonely : history.lonely_rebalances) {
    if (lonely.at - lonely.asked <= kAtOnce) continue;
    const auto waited = std::chrono::duration_cast<Milliseconds>(lonely.at - lonely.asked);
    verdict.violated("L5",
                     "group " + lonely.group + " took " + std::to_string(waited.count()) +
                         " ms to begin a generation of its only member",
                     lonely.at);
  }
}

void fenced_members_commit_nothing(const History& history, Verdict& verdict) {
  for (const GroupCommit& commit : history.group_commits) {
    if (commit.outcome != Outcome::acknowledged || !commit.fenced_since) continue;
    if (history.lost_between(*commit.fenced_since, commit.completed)) continue;
    verdict.violated("G1",
                     name_of(commit.group, commit.generation) + ": a static member that had been replaced committed " +
                         std::to_string(commit.offset.value()) + " for " + to_text(commit.partition),
                     commit.completed);
  }
}

void commits_are_kept(const History& history, Verdict& verdict) {
  for (const auto& [place, at] : registers_of(history)) {
    for (const GroupFetch* fetch : at.fetches) judge_fetch(history, at, *fetch, verdict);
  }
  for (const GroupCommit& commit : history.group_commits) {
    if (commit.outcome != Outcome::acknowledged) continue;
    for (const GroupSync& sync : history.group_syncs) {
      const bool is_over =
          sync.group == commit.group && sync.generation > commit.generation && sync.at < commit.invoked;
      if (!is_over || history.lost_between(sync.asked, commit.completed)) continue;
      verdict.violated("G2",
                       name_of(commit.group, commit.generation) + " committed though generation " +
                           std::to_string(sync.generation) + " had begun",
                       commit.completed);
      return;
    }
  }
}

}  // namespace gregor::properties
