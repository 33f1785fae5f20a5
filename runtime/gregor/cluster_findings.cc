#include "runtime/gregor/cluster_findings.h"

#include <algorithm>
#include <set>

namespace gregor::program {
namespace {

using Kind = Finding::Kind;
using Replica = client::QuorumDescription::Replica;

/// A voter that has not caught up for so long is behind for a reason.
constexpr std::int64_t kSilentAfterMs = 10'000;
/// Partitions that a finding names.
constexpr std::size_t kNamedMax = 5;

template <class Ids>
std::string list_of(const Ids& ids) {
  std::string text;
  for (const NodeId id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id.value());
  return text;
}

std::string name_of(const PartitionStanding& standing) {
  return standing.topic + "-" + std::to_string(standing.partition.partition.value());
}

std::string counted(std::size_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string names_of(const std::vector<const PartitionStanding*>& all) {
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kNamedMax); ++i) text += (i == 0 ? "" : ", ") + name_of(*all[i]);
  return all.size() > kNamedMax ? text + ", ..." : text;
}

/// Replicas that are not in sync, of all of them.
std::set<NodeId> missing_of(const std::vector<const PartitionStanding*>& all) {
  std::set<NodeId> missing;
  for (const PartitionStanding* standing : all) {
    const auto& in_sync = standing->partition.in_sync;
    for (const NodeId replica : standing->partition.replicas) {
      if (std::find(in_sync.begin(), in_sync.end(), replica) == in_sync.end()) missing.insert(replica);
    }
  }
  return missing;
}

std::set<NodeId> in_sync_of(const std::vector<const PartitionStanding*>& all) {
  std::set<NodeId> members;
  for (const PartitionStanding* standing : all) {
    members.insert(standing->partition.in_sync.begin(), standing->partition.in_sync.end());
  }
  return members;
}

template <class Holds>
std::vector<const PartitionStanding*> those(const ClusterStanding& standing, Holds holds) {
  std::vector<const PartitionStanding*> found;
  for (const PartitionStanding& one : standing.partitions) {
    if (holds(one)) found.push_back(&one);
  }
  return found;
}

bool is_offline(const PartitionStanding& one) {
  return one.partition.leader < NodeId{0};
}

bool is_under_min(const PartitionStanding& one) {
  return !is_offline(one) && static_cast<std::int32_t>(one.partition.in_sync.size()) < one.min_in_sync;
}

bool is_under_replicated(const PartitionStanding& one) {
  return !is_offline(one) && !is_under_min(one) && one.partition.in_sync.size() < one.partition.replicas.size();
}

void judge_quorum(const ClusterStanding& standing, std::vector<Finding>& findings) {
  if (standing.quorum) return;
  findings.push_back(
      {Kind::no_quorum_leader, "the metadata quorum has no leader: nothing can be created, moved or fenced",
       "start the controllers that are down: more than half of the voters must run and reach each other"});
}

void judge_voters(const ClusterStanding& standing, std::vector<Finding>& findings) {
  if (!standing.quorum) return;
  for (const Replica& voter : standing.quorum->voters) {
    if (voter.id == standing.quorum->leader || voter.last_caught_up_ms < 0) continue;
    const std::int64_t silent_ms = standing.now_ms - voter.last_caught_up_ms;
    if (silent_ms < kSilentAfterMs) continue;
    findings.push_back({Kind::silent_voter,
                        "voter " + std::to_string(voter.id.value()) + " has not caught up with the metadata for " +
                            std::to_string(silent_ms / 1000) + " s",
                        "see whether its process runs and reaches controller " +
                            std::to_string(standing.quorum->leader.value()) + "; the quorum bears " +
                            counted((standing.quorum->voters.size() - 1) / 2, "such voter")});
  }
}

void judge_partitions(const ClusterStanding& standing, std::vector<Finding>& findings) {
  if (const auto offline = those(standing, is_offline); !offline.empty()) {
    const auto electable = in_sync_of(offline);
    findings.push_back(
        {Kind::offline_partitions,
         counted(offline.size(), "partition") + " without a leader, neither read nor written: " + names_of(offline),
         electable.empty() ? "start the brokers that hold them; none is known to be complete"
                           : "start broker " + list_of(electable) + ", which holds all that was acknowledged"});
  }
  if (const auto under = those(standing, is_under_min); !under.empty()) {
    findings.push_back({Kind::under_min_in_sync,
                        counted(under.size(), "partition") +
                            " below min.insync.replicas, writes with acks=all are refused: " + names_of(under),
                        "bring back broker " + list_of(missing_of(under)) + " and let it catch up"});
  }
}

void judge_brokers(const ClusterStanding& standing, std::vector<Finding>& findings) {
  for (const BrokerStanding& broker : standing.brokers) {
    if (!broker.is_fenced) continue;
    const std::string id = std::to_string(broker.id.value());
    findings.push_back({Kind::fenced_broker, "broker " + id + " is fenced: it is down, or has not caught up yet",
                        "start it, or look at its log; if it is gone for good move its replicas and unregister it"});
  }
}

void judge_replication(const ClusterStanding& standing, std::vector<Finding>& findings) {
  const auto under = those(standing, is_under_replicated);
  if (under.empty()) return;
  findings.push_back(
      {Kind::under_replicated, counted(under.size(), "partition") + " with replicas out of sync: " + names_of(under),
       "broker " + list_of(missing_of(under)) + " is down or catching up; if it does not end, see its log"});
}

}  // namespace

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::no_quorum_leader:
      return "no_quorum_leader";
    case Kind::offline_partitions:
      return "offline_partitions";
    case Kind::under_min_in_sync:
      return "under_min_in_sync";
    case Kind::silent_voter:
      return "silent_voter";
    case Kind::fenced_broker:
      return "fenced_broker";
    case Kind::under_replicated:
      return "under_replicated";
  }
  return "unknown";
}

std::vector<Finding> findings_of(const ClusterStanding& standing) {
  std::vector<Finding> findings;
  judge_quorum(standing, findings);
  judge_partitions(standing, findings);
  judge_voters(standing, findings);
  judge_brokers(standing, findings);
  judge_replication(standing, findings);
  return findings;
}

std::optional<std::int64_t> lag_of(const client::QuorumDescription& quorum, const Replica& replica) {
  if (replica.log_end_offset < Offset{0}) return std::nullopt;
  return std::max<std::int64_t>(quorum.high_watermark - replica.log_end_offset, 0);
}

}  // namespace gregor::program
