// Every fault the world can inflict, by name, and what came of it: how often it fired, and how often it had an effect.
// A fault that fires but never has an effect tests nothing; a campaign that leaves a row at zero did not look there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gregor::sim {

/// X(kind, what it does)
#define GREGOR_SIM_FAULTS(X)                                                   \
  X(crash, "a process dies; the system under it lives on")                     \
  X(power_loss, "a machine stops; unsynced bytes and names may be lost")       \
  X(pause, "a process stands still while time goes on")                        \
  X(clock_jump, "a wall clock jumps")                                          \
  X(clock_drift, "a node's clocks run fast or slow")                           \
  X(partition, "nothing passes a link, either way, until it heals")            \
  X(one_way_partition, "nothing passes a link, one way, until it heals")       \
  X(clog, "a link holds everything back for a while")                          \
  X(slow_link, "a link takes longer")                                          \
  X(reset, "a connection is reset on both ends")                               \
  X(half_open, "one end of a connection vanished and the other does not know") \
  X(short_read, "a socket read returns less than was there")                   \
  X(short_send, "a socket write takes less than fits")                         \
  X(connect_refused, "nobody listens")                                         \
  X(connect_timed_out, "nobody answers")                                       \
  X(resolve_failed, "a host name is not found")                                \
  X(slow_disk, "one disk operation takes much longer")                         \
  X(hung_disk, "no disk operation of a node finishes for a while")             \
  X(read_error, "a read fails with EIO")                                       \
  X(write_error, "a write fails with EIO")                                     \
  X(sync_error, "fsync fails; its dirty pages may be dropped")                 \
  X(name_error, "a directory operation fails with EIO")                        \
  X(disk_full, "no space is left")                                             \
  X(short_write, "a file write takes less than was offered")                   \
  X(bad_sector, "a durable sector cannot be read")                             \
  X(bit_rot, "a durable bit flips")                                            \
  X(lost_write, "a write is acknowledged and never reaches the platter")       \
  X(misdirected_write, "a write reaches another place of its file")            \
  X(lying_sync, "fsync says yes and did nothing")                              \
  X(torn_write, "a power loss keeps part of an unsynced write")                \
  X(lost_name, "a power loss undoes an unsynced name")                         \
  X(wiped_disk, "a disk comes back empty")                                     \
  X(late_message, "a message, and what follows it on its connection, is held back")

enum class FaultKind : std::uint8_t {
#define GREGOR_SIM_ENUMERATOR(kind, text) kind,
  GREGOR_SIM_FAULTS(GREGOR_SIM_ENUMERATOR)
#undef GREGOR_SIM_ENUMERATOR
};

struct FaultRow {
  FaultKind kind;
  const char* name;
  const char* text;
};
inline constexpr auto kFaultRows = std::to_array<FaultRow>({
#define GREGOR_SIM_ROW(kind, text) {FaultKind::kind, #kind, text},
    GREGOR_SIM_FAULTS(GREGOR_SIM_ROW)
#undef GREGOR_SIM_ROW
});

struct FaultCount {
  std::uint64_t fired = 0;
  std::uint64_t had_effect = 0;
};

/// The counters of one world.
class Faults {
 public:
  void fired(FaultKind kind) { ++counts_[index_of(kind)].fired; }
  void had_effect(FaultKind kind) { ++counts_[index_of(kind)].had_effect; }
  /// For faults whose firing is their effect.
  void fired_with_effect(FaultKind kind) {
    fired(kind);
    had_effect(kind);
  }
  [[nodiscard]] FaultCount of(FaultKind kind) const { return counts_[index_of(kind)]; }

 private:
  static std::size_t index_of(FaultKind kind) { return static_cast<std::size_t>(kind); }
  std::array<FaultCount, kFaultRows.size()> counts_{};
};

}  // namespace gregor::sim
