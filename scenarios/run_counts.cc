#include "scenarios/run_counts.h"

#include <algorithm>
#include <utility>

namespace gregor::scenarios {
namespace {

/// How many of `these` are not among `those`.
std::size_t count_missing(const std::vector<NodeId>& these, const std::vector<NodeId>& those) {
  const auto is_missing = [&those](NodeId node) { return std::ranges::find(those, node) == those.end(); };
  return static_cast<std::size_t>(std::ranges::count_if(these, is_missing));
}

}  // namespace

void RunCounts::add(Counted what, std::uint64_t count) {
  if (is_counting_) counts_[static_cast<std::size_t>(what)] += count;
}

void RunCounts::struck(FaultKind kind, FaultOutcome outcome) {
  switch (outcome) {
    case FaultOutcome::carried_out:
      ++faults_[static_cast<std::size_t>(kind)];
      return;
    case FaultOutcome::node_was_down:
      return add(Counted::faults_without_effect);
    case FaultOutcome::over_budget:
      return add(Counted::faults_left_out);
  }
}

void RunCounts::hear(const observe::Event& event) {
  if (const auto* change = std::get_if<observe::PartitionChanged>(&event)) {
    changed(*change);
  } else if (const auto* elected = std::get_if<observe::QuorumLeaderElected>(&event)) {
    if (elected->epoch <= controller_epoch_) return;
    controller_epoch_ = elected->epoch;
    add(Counted::controller_elections);
  } else if (const auto* named = std::get_if<observe::VotersNamed>(&event)) {
    if (named->offset <= voters_offset_) return;
    voters_offset_ = named->offset;
    if (std::exchange(voters_, named->voters) != named->voters) add(Counted::voter_changes);
  } else if (const auto* opened = std::get_if<observe::LogOpened>(&event)) {
    if (opened->bytes_truncated > 0) add(Counted::recoveries_that_cut);
  } else if (const auto* acknowledged = std::get_if<observe::ProduceAcknowledged>(&event)) {
    if (acknowledged->duplicate) add(Counted::duplicates_answered);
  } else if (std::holds_alternative<observe::LogTruncated>(event) ||
             std::holds_alternative<observe::LogBegunAnew>(event)) {
    add(Counted::truncations);
  } else if (std::holds_alternative<observe::LogMoved>(event)) {
    add(Counted::log_moves);
  } else if (std::holds_alternative<observe::CopyDamaged>(event)) {
    add(Counted::copies_damaged);
  } else if (std::holds_alternative<observe::LogDirectoryFailed>(event)) {
    add(Counted::directory_failures);
  } else if (std::holds_alternative<observe::NodeReady>(event)) {
    add(Counted::starts);
  }
}

void RunCounts::changed(const observe::PartitionChanged& event) {
  const auto [place, is_new] = seats_.try_emplace(event.partition);
  Seat& seat = place->second;
  if (event.partition_epoch <= seat.partition_epoch) return;
  const std::vector<NodeId> isr(event.isr.begin(), event.isr.end());
  const NodeId leader = event.leader;
  if (!is_new) {
    add(Counted::isr_shrinks, count_missing(seat.isr, isr));
    add(Counted::isr_growths, count_missing(isr, seat.isr));
    if (leader != seat.leader) add(leader.value() < 0 ? Counted::times_without_leader : Counted::leader_elections);
    if (event.eligible_leader_replicas.size() > seat.eligible) add(Counted::eligible_replicas);
  }
  seat = {.partition_epoch = event.partition_epoch,
          .leader = leader,
          .isr = isr,
          .eligible = event.eligible_leader_replicas.size()};
}

std::optional<std::uint64_t> RunCounts::find(std::string_view name) const {
  for (std::size_t row = 0; row < kCountRows.size(); ++row) {
    if (kCountRows[row].name == name) return counts_[row];
  }
  for (std::size_t kind = 0; kind < kFaultKindCount; ++kind) {
    if (name_of(static_cast<FaultKind>(kind)) == name) return faults_[kind];
  }
  return std::nullopt;
}

std::vector<std::string> unmet(const Scenario& scenario, const RunCounts& counts) {
  std::vector<std::string> lines;
  for (const auto& [name, least] : scenario.expects) {
    const std::uint64_t seen = counts.find(name).value_or(0);
    if (seen >= static_cast<std::uint64_t>(least)) continue;
    lines.push_back(name + ": " + std::to_string(seen) + " of at least " + std::to_string(least));
  }
  return lines;
}

}  // namespace gregor::scenarios
