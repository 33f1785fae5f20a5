#include "scenarios/roles.h"

#include <algorithm>
#include <array>

namespace gregor::scenarios {
namespace {

constexpr std::string_view kNext = "next ";
constexpr std::string_view kLeaderOf = "leader:";
constexpr std::string_view kFollowerOf = "follower:";
constexpr std::string_view kController = "controller";
constexpr std::string_view kLeader = "leader";
constexpr std::string_view kAcknowledger = "acknowledger";
constexpr std::string_view kNewcomer = "newcomer";

bool names_partition(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  return std::ranges::all_of(text.substr(colon + 1), [](char digit) { return digit >= '0' && digit <= '9'; });
}

std::string key_of(const TopicPartition& partition) {
  return partition.topic + ":" + std::to_string(partition.partition.value());
}

}  // namespace

std::optional<std::string_view> part_awaited(std::string_view target) {
  if (!target.starts_with(kNext)) return std::nullopt;
  return target.substr(kNext.size());
}

bool is_target(std::string_view target) {
  constexpr auto kAwaited = std::to_array({kController, kLeader, kAcknowledger, kNewcomer});
  if (const auto part = part_awaited(target)) return std::ranges::find(kAwaited, *part) != kAwaited.end();
  if (target.starts_with(kLeaderOf)) return names_partition(target.substr(kLeaderOf.size()));
  if (target.starts_with(kFollowerOf)) return names_partition(target.substr(kFollowerOf.size()));
  return target == kController || target == kAcknowledger || target == kNewcomer || target == kEverybody;
}

void Roles::hear(NodeId node, const observe::Event& event) {
  if (const auto* elected = std::get_if<observe::QuorumLeaderElected>(&event)) {
    if (elected->epoch <= controller_epoch_) return;
    controller_epoch_ = elected->epoch;
    plays(kController, node);
  } else if (std::holds_alternative<observe::ProduceAcknowledged>(event)) {
    plays(kAcknowledger, node);
  } else if (std::holds_alternative<observe::LeadershipBegan>(event)) {
    plays(kLeader, node);
  } else if (const auto* change = std::get_if<observe::PartitionChanged>(&event)) {
    changed(*change);
  }
}

void Roles::changed(const observe::PartitionChanged& event) {
  const auto [place, is_new] = seats_.try_emplace(key_of(event.partition));
  Seat& seat = place->second;
  if (event.partition_epoch <= seat.partition_epoch) return;
  std::optional<NodeId> admitted;
  for (const NodeId member : event.isr) {
    if (!is_new && std::ranges::find(seat.isr, member) == seat.isr.end()) admitted = member;
  }
  seat.partition_epoch = event.partition_epoch;
  seat.leader = event.leader;
  seat.isr.assign(event.isr.begin(), event.isr.end());
  if (admitted) plays(kNewcomer, *admitted);
}

void Roles::plays(std::string_view part, NodeId node) {
  last_.insert_or_assign(std::string(part), node);
  on_part_(part, node);
}

std::optional<NodeId> Roles::find(std::string_view target) const {
  const bool wants_leader = target.starts_with(kLeaderOf);
  if (!wants_leader && !target.starts_with(kFollowerOf)) {
    const auto last = last_.find(target);
    return last == last_.end() ? std::nullopt : std::optional(last->second);
  }
  const auto seat = seats_.find(target.substr(target.find(':') + 1));
  if (seat == seats_.end()) return std::nullopt;
  const NodeId leader = seat->second.leader;
  if (wants_leader) return leader.value() < 0 ? std::nullopt : std::optional(leader);
  const auto follower = std::ranges::find_if(seat->second.isr, [leader](NodeId member) { return member != leader; });
  return follower == seat->second.isr.end() ? std::nullopt : std::optional(*follower);
}

}  // namespace gregor::scenarios
