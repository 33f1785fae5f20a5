#include "scenarios/fault_traits.h"

#include <algorithm>
#include <array>

namespace gregor::scenarios {
namespace {

using enum FaultCost;

/// In the order of FaultKind.
constexpr auto kTraits = std::to_array<FaultTraits>({
    {.name = "crash", .cost = life, .needs_a_life = true},
    {.name = "power_loss", .cost = content, .needs_a_life = true},
    {.name = "crash_in_recovery", .cost = content, .needs_a_life = true},
    {.name = "stop_cleanly", .cost = life, .needs_a_life = true},
    {.name = "pause", .needs_a_life = true, .keeps_away = true},
    {.name = "clock_jump"},
    {.name = "slow_disk", .keeps_away = true},
    {.name = "hung_disk", .keeps_away = true},
    {.name = "disk_full", .cost = life, .may_halt = true},
    {.name = "fail_writes", .cost = life, .may_halt = true},
    {.name = "short_writes", .cost = life, .may_halt = true},
    {.name = "fail_reads", .cost = life, .may_halt = true},
    {.name = "fail_flushes", .cost = content, .may_halt = true},
    {.name = "cut_clients"},
    {.name = "reset_connections"},
    {.name = "slow_network", .keeps_away = true},
    {.name = "bit_rot", .cost = content, .needs_a_life = true},
    {.name = "lying_flush", .cost = content, .may_halt = true},
    {.name = "power_loss_in_recovery", .cost = content, .needs_a_life = true},
    {.name = "stop_while_flushes_fail", .cost = content, .needs_a_life = true},
    {.name = "metadata_rot", .cost = life, .needs_a_life = true},
    {.name = "lost_indexes", .cost = life, .needs_a_life = true},
    {.name = "power_loss_in_swap", .cost = content},
    {.name = "cut_off", .keeps_away = true},
    {.name = "mute", .keeps_away = true},
    {.name = "deaf", .keeps_away = true},
    {.name = "cut_from_controller", .keeps_away = true},
    {.name = "cut_from_peers", .keeps_away = true},
    {.name = "late_messages", .keeps_away = true},
    {.name = "wiped_disk", .cost = disk, .needs_a_life = true},
});
static_assert(kTraits.size() == kFaultKindCount);

}  // namespace

const FaultTraits& traits_of(FaultKind kind) {
  return kTraits[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> fault_kind_of(std::string_view name) {
  const auto place = std::ranges::find(kTraits, name, &FaultTraits::name);
  if (place == kTraits.end()) return std::nullopt;
  return static_cast<FaultKind>(place - kTraits.begin());
}

std::string_view name_of(FaultKind kind) {
  return traits_of(kind).name;
}

}  // namespace gregor::scenarios
