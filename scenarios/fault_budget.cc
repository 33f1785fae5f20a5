#include "scenarios/fault_budget.h"

#include <algorithm>
#include <string>

#include "quorum/new_directory.h"
#include "scenarios/broker_life.h"
#include "scenarios/fault_traits.h"
#include "storage/meta_properties.h"

namespace gregor::scenarios {

bool FaultBudget::allows(FaultKind kind, NodeId node) const {
  if (scenario_.over_budget) return true;
  const FaultTraits& traits = traits_of(kind);
  if (!scenario_.tracks_elr && traits.keeps_away) return false;
  if (traits.cost == FaultCost::disk && !quorum_spares(node)) return false;
  if (traits.cost == FaultCost::copy && scenario_.elects_unclean) return false;  // nobody else might have it
  if (scenario_.elects_unclean || traits.cost == FaultCost::nothing) return true;
  const bool costs_content = traits.cost == FaultCost::disk || traits.cost == FaultCost::copy ||
                             (traits.cost == FaultCost::content && !scenario_.flush_before_acknowledge);
  if (costs_content) return scenario_.min_insync_replicas > 1 && replicas_.may_lose_copy(node);
  // A flush that fails may drop what is not flushed, and nobody knows before the node halts over it.
  const bool may_lose_meanwhile = !scenario_.flush_before_acknowledge && replicas_.any_in_trouble();
  return (!replicas_.any_suspect() && !may_lose_meanwhile) || replicas_.has_another(node);
}

void FaultBudget::lost_power(NodeId node) {
  if (!scenario_.flush_before_acknowledge) replicas_.lost_content(node);
}

bool FaultBudget::quorum_spares(NodeId node) const {
  if (!voters_.contains(node)) return true;
  if (scenario_.voters_join) return named_voters_spare(node);
  const auto missing =
      std::ranges::count_if(voters_, [&](const auto& entry) { return entry.first != node && !votes(*entry.second); });
  return 2 * (static_cast<std::size_t>(missing) + 1) < voters_.size();
}

bool FaultBudget::named_voters_spare(NodeId node) const {
  const auto named = quorum_.settled_voters();
  if (!named) return false;
  const auto missing =
      std::ranges::count_if(*named, [&](const auto& voter) { return voter.node != node && !is_there(voter); });
  return 2 * (static_cast<std::size_t>(missing) + 1) < named->size();
}

std::optional<storage::MetaProperties> FaultBudget::meta_of(const sim::DiskImage& disk) const {
  const std::string path = log_directory_paths(scenario_).front() + "/" + std::string(storage::kMetaPropertiesFile);
  const auto content = disk.durable_content_of(path);
  if (!content) return std::nullopt;
  auto meta = storage::parse_meta_properties(*content);
  return meta ? std::optional(std::move(*meta)) : std::nullopt;
}

bool FaultBudget::votes(const sim::DiskImage& disk) const {
  const auto meta = meta_of(disk);
  return meta && !meta->others.contains(quorum::kNewDirectoryKey);
}

bool FaultBudget::is_there(const observe::NamedVoter& voter) const {
  const auto meta = meta_of(*voters_.at(voter.node));
  return meta && meta->directory_id == voter.directory;
}

bool FaultBudget::all_have_joined() const {
  const auto named = quorum_.settled_voters();
  return named && named->size() == voters_.size() &&
         std::ranges::all_of(*named, [this](const auto& voter) { return is_there(voter); });
}

}  // namespace gregor::scenarios
