#include "scenarios/fault_traits.h"

#include <algorithm>
#include <array>

namespace gregor::scenarios {
namespace {

using enum FaultCost;

/// In the order of FaultKind.
constexpr auto kTraits = std::to_array<FaultTraits>({
    {.kind = FaultKind::crash, .name = "crash", .cost = life, .needs_a_life = true},
    {.kind = FaultKind::power_loss, .name = "power_loss", .cost = content, .needs_a_life = true},
    {.kind = FaultKind::crash_in_recovery, .name = "crash_in_recovery", .cost = content, .needs_a_life = true},
    {.kind = FaultKind::stop_cleanly, .name = "stop_cleanly", .cost = life, .needs_a_life = true},
    {.kind = FaultKind::pause, .name = "pause", .needs_a_life = true, .keeps_away = true},
    {.kind = FaultKind::clock_jump, .name = "clock_jump"},
    {.kind = FaultKind::slow_disk, .name = "slow_disk", .keeps_away = true},
    {.kind = FaultKind::hung_disk, .name = "hung_disk", .keeps_away = true},
    {.kind = FaultKind::disk_full, .name = "disk_full", .cost = life, .may_halt = true},
    {.kind = FaultKind::fail_writes, .name = "fail_writes", .cost = life, .may_halt = true},
    {.kind = FaultKind::short_writes, .name = "short_writes", .cost = life, .may_halt = true},
    {.kind = FaultKind::fail_reads, .name = "fail_reads", .cost = life, .may_halt = true},
    {.kind = FaultKind::fail_flushes, .name = "fail_flushes", .cost = content, .may_halt = true},
    {.kind = FaultKind::cut_clients, .name = "cut_clients"},
    {.kind = FaultKind::reset_connections, .name = "reset_connections"},
    {.kind = FaultKind::slow_network, .name = "slow_network", .keeps_away = true},
    {.kind = FaultKind::bit_rot, .name = "bit_rot", .cost = copy, .needs_a_life = true},
    {.kind = FaultKind::lying_flush, .name = "lying_flush", .cost = content, .may_halt = true},
    {.kind = FaultKind::power_loss_in_recovery,
     .name = "power_loss_in_recovery",
     .cost = content,
     .needs_a_life = true},
    {.kind = FaultKind::stop_while_flushes_fail,
     .name = "stop_while_flushes_fail",
     .cost = content,
     .needs_a_life = true},
    {.kind = FaultKind::metadata_rot, .name = "metadata_rot", .cost = life, .needs_a_life = true},
    {.kind = FaultKind::lost_indexes, .name = "lost_indexes", .cost = life, .needs_a_life = true},
    {.kind = FaultKind::power_loss_in_swap, .name = "power_loss_in_swap", .cost = content},
    {.kind = FaultKind::cut_off, .name = "cut_off", .keeps_away = true},
    {.kind = FaultKind::mute, .name = "mute", .keeps_away = true},
    {.kind = FaultKind::deaf, .name = "deaf", .keeps_away = true},
    {.kind = FaultKind::cut_from_controller, .name = "cut_from_controller", .keeps_away = true},
    {.kind = FaultKind::cut_from_peers, .name = "cut_from_peers", .keeps_away = true},
    {.kind = FaultKind::late_messages, .name = "late_messages", .keeps_away = true},
    {.kind = FaultKind::wiped_disk, .name = "wiped_disk", .cost = disk, .needs_a_life = true},
    {.kind = FaultKind::clock_drift, .name = "clock_drift", .keeps_away = true},
    {.kind = FaultKind::slow_link, .name = "slow_link", .keeps_away = true},
    {.kind = FaultKind::clogged_link, .name = "clogged_link", .keeps_away = true},
    {.kind = FaultKind::short_transfers, .name = "short_transfers"},
    {.kind = FaultKind::unresolved_names, .name = "unresolved_names", .keeps_away = true},
    {.kind = FaultKind::bad_sector, .name = "bad_sector", .cost = life, .may_halt = true},
    {.kind = FaultKind::lost_writes, .name = "lost_writes", .cost = content, .may_halt = true},
});
static_assert(kTraits.size() == kFaultKindCount);
static_assert([] {
  for (std::size_t i = 0; i < kTraits.size(); ++i) {
    if (kTraits[i].kind != static_cast<FaultKind>(i)) return false;
  }
  return true;
}());

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
