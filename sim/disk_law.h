// What a simulated disk does to those who use it: how long operations take, which of them fail, and what a power loss
// keeps. Plain values that a scenario sets before a run and a fault may change in the middle of it. All faults are off
// by default.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/latency.h"
#include "sim/time.h"

namespace gregor::sim {

/// The smallest piece of a file that a power loss keeps or loses as a whole.
inline constexpr std::size_t kSectorBytes = 512;

/// A capacity that is never checked.
inline constexpr std::uint64_t kBoundlessBytes = std::uint64_t{1} << 40;

/// Which part of what was not synced may survive a power loss.
enum class PowerLossContract : unsigned char {
  /// Any subset of sectors of any unsynced write, sizes ahead of or behind their bytes, any subset of unsynced names
  /// (later operations on a name need the earlier ones). What POSIX lets a file system do.
  any_subset,
  /// Per file a prefix of its operations with the last write cut at a sector; names as a prefix of all name operations.
  ordered,
};

struct DiskLaw {
  PowerLossContract contract = PowerLossContract::any_subset;
  std::uint64_t capacity_bytes = kBoundlessBytes;

  Latency read{};
  Latency write{};
  Latency sync{};
  Latency names{};  ///< open, rename, list and the like
  /// An operation that ends at once, without suspension: the page cache has it.
  Chance inline_finish{};

  /// Unsynced writes of a file that the system keeps before it writes the older half back by itself.
  std::size_t unsynced_writes_max = 4096;

  Chance slow{};  ///< adds `slow_by`
  Latency slow_by{};
  Chance read_error{};
  Chance write_error{};
  Chance sync_error{};
  Chance name_error{};
  Chance sync_error_drops_content{};  ///< of failed syncs: reads show the durable bytes again (else the unsynced ones
                                      ///< stay visible)
  Chance short_write{};
  Chance lost_write{};
  Chance misdirected_write{};
  Chance lying_sync{};
  SimTime hung_until{};  ///< nothing finishes before; WorldClock's beginning: not hung
};

/// A disk that takes time as a good solid-state disk does, and makes no errors.
DiskLaw usual_disk_law();

}  // namespace gregor::sim
