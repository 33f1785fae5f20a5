#include "properties/always/quorum_watch.h"

#include <algorithm>

namespace gregor::properties {
namespace {

const GhostLog::Partition* metadata_log(const GhostLog& ghost) {
  const auto& all = ghost.partitions();
  const auto found = std::ranges::find(all, kMetadataTopic, [](const auto& entry) { return entry.first.topic; });
  return found == all.end() ? nullptr : &found->second;
}

bool is_of_metadata(const TopicPartition& partition) {
  return partition.topic == kMetadataTopic;
}

}  // namespace

observe::Observer& QuorumWatch::of(NodeId node, const GhostLog& ghost) {
  auto& ear = ears_[node];
  if (!ear) ear = std::make_unique<Ear>(*this, node, ghost);
  return *ear;
}

void QuorumWatch::node_died(NodeId node) {
  Ear& ear = *ears_.at(node);
  ++ear.lives;
  ear.shown = kNoOffset;
}

bool QuorumWatch::is_level() const {
  return std::ranges::all_of(ears_, [this](const auto& entry) { return entry.second->shown >= shown_; });
}

void QuorumWatch::Ear::on(const observe::Event& event) {
  std::visit([this](const auto& typed) { watch.judge(*this, typed); }, event);
}

void QuorumWatch::judge(Ear& ear, const observe::QuorumLeaderElected& event) {
  ++checked_;
  const auto [place, is_first] = leaders_.try_emplace(event.epoch, ear.node, ear.lives);
  const std::string epoch = std::to_string(event.epoch.value());
  if (!is_first) {
    violated("K1", ear,
             "leads epoch " + epoch + ", which node " + std::to_string(place->second.first.value()) + " has led");
  }
  // Votes that come late make a leader of an epoch that is over.
  if (event.epoch < leaders_.rbegin()->first) return;
  const std::string differs = difference(ear, committed_.end());
  if (!differs.empty()) violated("K2", ear, "leads epoch " + epoch + " and " + differs);
}

void QuorumWatch::judge(Ear& ear, const observe::MetadataApplied& event) {
  ++checked_;
  const Offset end = event.offset + 1;
  const std::string differs = difference(ear, std::min(end, committed_.end()));
  if (!differs.empty()) {
    violated("K2", ear, "acts on the metadata up to " + std::to_string(event.offset.value()) + " and " + differs);
  }
  ear.shown = std::max(ear.shown, event.offset);
  shown_ = std::max(shown_, event.offset);
  if (end > committed_.end()) commit(ear, end);
}

void QuorumWatch::commit(const Ear& ear, Offset to) {
  const GhostLog::Partition* log = metadata_log(ear.ghost);
  if (log == nullptr) return;
  for (const GhostLog::Batch& batch : committed_.extend(*log, to)) {
    const std::set<NodeId> holders = holders_of(batch);
    if (is_majority(holders, batch.last)) continue;
    violated("K2", ear,
             "acts on the metadata at " + std::to_string(batch.base.value()) + ", which is on the disks of " +
                 std::to_string(holders.size()) + " nodes: no majority of the voters");
  }
}

/// Whose disk has it.
std::set<NodeId> QuorumWatch::holders_of(const GhostLog::Batch& batch) const {
  std::set<NodeId> holders;
  for (const auto& [node, ear] : ears_) {
    const GhostLog::Partition* log = metadata_log(ear->ghost);
    if (log == nullptr) continue;
    const bool is_in_snapshot = batch.last < log->log_start;
    if (is_in_snapshot || (holds_batch(log, batch) && batch.last < log->flushed)) holders.insert(node);
  }
  return holders;
}

bool QuorumWatch::is_majority(const std::set<NodeId>& holders, Offset at) const {
  const auto decide = [&](const auto& voters, auto node_of) {
    const auto holds = [&](const auto& voter) { return holders.contains(node_of(voter)); };
    return 2 * static_cast<std::size_t>(std::ranges::count_if(voters, holds)) > voters.size();
  };
  if (!voters_.empty()) return decide(voters_, [](NodeId node) { return node; });
  return std::ranges::any_of(ears_, [&](const auto& entry) {
    const auto& named = entry.second->voters;
    auto from = named.upper_bound(at);
    if (from != named.begin()) --from;  // in force where the batch ends, as this node knows it
    return std::any_of(from, named.end(), [&](const auto& set) {
      return decide(set.second, [](const observe::NamedVoter& voter) { return voter.node; });
    });
  });
}

void QuorumWatch::judge(Ear& ear, const observe::VotersNamed& event) {
  ear.voters.erase(ear.voters.upper_bound(event.offset), ear.voters.end());
  ear.voters[event.offset] = event.voters;
}

std::optional<QuorumWatch::NamedVoters> QuorumWatch::settled_voters() const {
  const std::pair<const Offset, NamedVoters>* newest = nullptr;
  for (const auto& [node, ear] : ears_) {
    if (ear->voters.empty()) continue;
    const auto& named = *ear->voters.rbegin();
    if (named.first >= committed_.end()) return std::nullopt;
    const bool is_committed = difference(*ear, named.first + 1).empty();
    if (is_committed && (newest == nullptr || newest->first < named.first)) newest = &named;
  }
  return newest == nullptr ? std::nullopt : std::optional(newest->second);
}

void QuorumWatch::judge(Ear& ear, const observe::LogTruncated& event) {
  if (!is_of_metadata(event.partition)) return;
  ear.matched = 0;
  if (event.to > ear.shown) return;
  violated("K2", ear,
           "cuts its metadata log off at " + std::to_string(event.to.value()) + " and has acted on it up to " +
               std::to_string(ear.shown.value()));
}

void QuorumWatch::judge(Ear& ear, const observe::LogOpened& event) {
  if (is_of_metadata(event.partition)) ear.matched = 0;
}

void QuorumWatch::judge(Ear& ear, const observe::LogBegunAnew& event) {
  if (is_of_metadata(event.partition)) ear.matched = 0;
}

std::string QuorumWatch::difference(Ear& ear, Offset end) const {
  return committed_.difference(metadata_log(ear.ghost), end, ear.matched);
}

void QuorumWatch::violated(const char* invariant, const Ear& ear, const std::string& text) {
  verdict_.violated(invariant, "node " + std::to_string(ear.node.value()) + " " + text, now_());
}

}  // namespace gregor::properties
